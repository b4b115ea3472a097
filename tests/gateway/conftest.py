"""A decider without HTTP, and one real gateway for all tests that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from liandun.bench.server import Server, running
from tests.gateway.desk import Desk, small_pack


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("gateway")
    small_pack(folder / "pack")
    server = Server(folder / "data", pack=str(folder / "pack"), clock="arrived", core=None)
    server.data.mkdir()
    with running(server):
        yield server
