from liandun.bench.server import Server
from liandun.gateway.client import Connection
from tests.gateway.desk import small_pack


def test_a_killed_server_starts_again_on_its_data(tmp_path):
    small_pack(tmp_path / "pack")
    server = Server(tmp_path / "data", pack=str(tmp_path / "pack"), core=None)
    server.data.mkdir()
    server.start()
    assert server.cpu_seconds() > 0
    server.kill()
    server.start()
    assert Connection(server.url, "").get("/readyz")[0] == 200
    assert server.stop() == 0
