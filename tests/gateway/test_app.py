import socket
import threading
from time import sleep, time

import pytest

from liandun.gateway.app import ROUTES
from liandun.gateway.client import Connection


def ask(gateway, text, wait=0.0):
    """Send raw bytes, wait, and read what comes back until the gateway closes or is silent."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=15) as connection:
        connection.sendall(text)
        sleep(wait)
        return connection.recv(65_536)


@pytest.mark.parametrize("path", ROUTES)
def test_every_address_takes_only_its_method(gateway, path):
    method = ROUTES[path].method
    other = (
        Connection(gateway.url, "").get
        if method == "POST"
        else lambda path: Connection(gateway.url, "").post(path, b"")
    )
    assert other(path)[0] == 405


def test_an_unknown_address_is_not_found(gateway):
    assert Connection(gateway.url, "").get("/nothing")[0] == 404


def test_a_body_without_its_length_is_refused(gateway):
    token = gateway.add_key("careless")
    sleep(1.1)
    head = f"POST /v1/decide HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    assert b" 411 " in ask(gateway, head.encode() + b"{}")


def test_headers_without_end_are_refused(gateway):
    assert b" 431 " in ask(gateway, b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 200_000, 0.2)


@pytest.mark.slow
def test_a_body_that_never_ends_is_given_up_and_others_are_served_meanwhile(gateway):
    token = gateway.add_key("slowly")
    sleep(1.1)
    head = f"POST /v1/decide HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 100\r\n\r\n"
    answers = []
    began = time()
    thread = threading.Thread(target=lambda: answers.append(ask(gateway, head.encode() + b"{")))
    thread.start()
    assert Connection(gateway.url, "").get("/healthz")[0] == 200
    thread.join(20)
    assert b" 408 " in answers[0]
    assert time() - began < 14
