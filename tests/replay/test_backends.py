"""The back-ends by name."""

import pytest

from liandun.replay.backends import Backend, backend
from tests.replay.small import pack_of, timeline_of


@pytest.mark.parametrize("name", list(Backend))
def test_every_back_end_decides(tmp_path, name):
    pack = pack_of(tmp_path)
    row = {"card": 1, "device": 1, "amount_minor": 2000}
    assert backend(name)(pack, timeline_of(pack, [row])).outcome.tolist() == [3]
