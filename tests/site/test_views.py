"""Home, search, health and the pages of failure, as the server makes them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client

from liandun.ledger import services
from liandun.site.views import gateway_state
from tests.ledger.test_services import filed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundle")]


@pytest.fixture
def gateway():
    """Starts a stand-in for the gateway that answers /readyz with the status asked for."""
    servers = []

    def start(status: int) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status if self.path == "/readyz" else 404)
                self.end_headers()

            def log_message(self, *_):
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "said"), [(200, "ready"), (503, "starting"), (500, "silent")])
def test_the_gateway_is_what_it_says(gateway, status, said):
    assert gateway_state(gateway(status), wait_s=20) == said


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense", ""])
def test_no_gateway_is_no_error(address):
    assert gateway_state(address) == "silent"


def test_the_home_page_counts_the_chain_and_what_waits(client):
    subject = services.add_subject(kind="case")
    for number in range(3):
        filed(f"TS-{number}", subject=subject)
    services.seal_pending(most=2)
    context = client.get("/").context
    assert (context["sealed"], context["waiting"]) == (2, 1)


def test_search_finds_pages_by_a_part_of_their_name_in_the_language_of_the_viewer(client):
    for words, language in (("ABO", "en"), ("关", "zh-CN")):
        found = client.get("/search", {"q": words}, headers={"Accept-Language": language}).context["found"]
        assert [item.view for item in found] == ["about"]
    assert client.get("/search", {"q": " "}).context["found"] == []


def test_what_was_typed_is_shown_as_text(client):
    assert b"<script>x" not in client.get("/search", {"q": "<script>x"}).content


def test_health_is_one_word_for_monitors(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "没有这个页面"), ("en", "There is no such page")])
def test_a_missing_page_says_what_to_do_in_the_viewer_s_language(client, language, words):
    answer = client.get("/none", headers={"Accept-Language": language})
    assert (answer.status_code, words in answer.content.decode()) == (404, True)


def test_a_form_without_its_token_says_how_to_send_it_again():
    answer = Client(enforce_csrf_checks=True).post("/language", {"language": "en"}, headers={"Accept-Language": "en"})
    assert (answer.status_code, b"reload the page" in answer.content) == (403, True)


def test_a_page_is_only_read():
    assert Client().post("/about").status_code == 405


@pytest.mark.urls("tests.site.gallery")
def test_the_page_of_our_own_failure_asks_no_database(client, django_assert_num_queries):
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        answer = client.get("/fail/500")
    assert answer.status_code == 500
