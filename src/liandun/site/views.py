"""Pages that belong to no app: home, search, about, health, and what stands where a page fails."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from liandun.ledger import queries as ledger
from liandun.site.menu import visible_items


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, and how the platform is."""
    return render(request, "home.html", _state())


@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """The tiles of the home page alone, now with the gateway: asking it may take a moment, so the page doesn't wait."""
    return render(request, "components/state.html", _state() | {"gateway": gateway_state(settings.OPTIONS["GATEWAY"])})


def _state() -> dict[str, int]:
    number, _ = ledger.head()
    return {"sealed": number, "waiting": ledger.waiting()}


def gateway_state(address: str, *, wait_s: float = 1) -> str:
    """What the decision gateway at this address says of itself: "ready", "starting", or "silent" for no answer."""
    try:
        # Without proxies: the gateway stands in our own network.
        with build_opener(ProxyHandler({})).open(f"{address.rstrip('/')}/readyz", timeout=wait_s) as answer:
            return "ready" if answer.status == HTTPStatus.OK else "silent"
    except HTTPError as error:
        return "starting" if error.code == HTTPStatus.SERVICE_UNAVAILABLE else "silent"
    except (OSError, HTTPException, ValueError):
        return "silent"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Menu entries whose words hold what was typed."""
    words = request.GET.get("q", "").strip()
    folded = words.casefold()
    found = [item for item in visible_items(request) if folded in f"{item.title} {item.about}".casefold()]
    return render(request, "search.html", {"words": words, "found": found if words else []})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Version, licences, the database in use."""
    return render(request, "about.html", {"database": connection.display_name})


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """For monitors: 200 when the database answers; the server's own 500 when it doesn't."""
    ledger.head()
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent can't be read."""
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The viewer may not do this."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back without its token, mostly because it stood open for long."""
    return render(request, "403.html", {"is_stale": True}, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page, or none that the viewer may know of."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """Our mistake. The page asks neither the database nor the session, which may be what failed."""
    return render(request, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)
