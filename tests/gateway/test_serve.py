import os
import socket
import subprocess
import sys

import pytest

from liandun.bench.server import SECRET, Server
from liandun.gateway.client import Connection
from liandun.replay.journal_files import read_records
from tests.gateway.desk import small_pack


def serve(*arguments):
    command = [sys.executable, "-m", "liandun", "serve", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | {"LIANDUN_KEY": SECRET}, capture_output=True, text=True, timeout=120
    )


def test_a_gateway_that_is_told_to_stop_keeps_an_image_and_ends_in_order(tmp_path):
    small_pack(tmp_path / "pack")
    server = Server(tmp_path / "data", pack=str(tmp_path / "pack"), clock="arrived", core=None)
    server.data.mkdir()
    server.start()
    assert server.stop() == 0
    [record] = read_records(server.data / "journal")
    assert list((server.data / "images").glob(f"{record.seq:020}.image"))
    server.start()
    assert server.stop() == 0
    assert (tmp_path / "serve.log").read_text().count("reading the image") == 1


def test_a_taken_port_is_said_and_not_shared(tmp_path):
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        done = serve("--data", tmp_path / "data", "--port", owner.getsockname()[1], "--pack", "w1")
    assert done.returncode == 1
    assert "choose another with --port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "advice"), [(["--pack", "nosuch"], "one of"), ([], "--pack")], ids=["no such pack", "no pack at all"]
)
def test_what_keeps_it_from_starting_is_its_last_line(tmp_path, arguments, advice):
    done = serve("--data", tmp_path / "data", "--port", 0, *arguments)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1]


def test_two_gateways_can_t_write_one_journal(gateway):
    done = serve("--data", gateway.data, "--port", 0)
    assert done.returncode == 74
    assert "another process writes" in done.stderr
    assert Connection(gateway.url, "").get("/readyz")[0] == 200
