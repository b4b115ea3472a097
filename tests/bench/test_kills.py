import os

import pytest

from liandun.bench.kills import drill, journal_ids
from liandun.bench.server import Server
from tests.gateway.desk import small_pack

KILLS = 50 if os.environ.get("LIANDUN_CI") == "1" else 5


@pytest.mark.kill
@pytest.mark.timeout(900)
def test_killing_the_gateway_loses_no_acknowledged_event_and_doubles_none(tmp_path):
    server = Server(tmp_path / "data", clock="arrived", core=None, more=["--image-every", "1"])
    key = server.add_key("kills")
    result = drill(server, key, KILLS)
    assert int(str(result["acknowledged"])) > 20 * KILLS
    assert {name: result[name] for name in ("lost", "doubled", "changed", "refused")} == {
        "lost": 0,
        "doubled": 0,
        "changed": 0,
        "refused": 0,
    }


def test_an_empty_journal_has_no_ids(tmp_path):
    small_pack(tmp_path / "pack")
    server = Server(tmp_path / "data", pack=str(tmp_path / "pack"), core=None)
    server.data.mkdir()
    server.start()
    server.stop()
    assert not journal_ids(server)
