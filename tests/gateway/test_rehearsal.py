import pytest

from liandun.gateway.folder import find_pack
from liandun.gateway.rehearsal import rehearse
from liandun.packs.load import load_pack


@pytest.mark.parametrize("name", ["retail", "w1", "handbook"])
def test_every_shipped_pack_can_be_rehearsed(name):
    said: list[str] = []
    rehearse(load_pack(find_pack(name)), said.append)
    assert said == ["compiling the decoders"]
