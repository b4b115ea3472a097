"""Events of the world as the retail pack's JSON: what a platform or a till would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from liandun.world import identifiers
from liandun.world.events import (
    ACTIONS,
    CATEGORIES,
    CHANNELS,
    COUNTRIES,
    ENTRIES,
    MIDNIGHT,
    NONE,
    ONLINE,
    STREAMS,
    TOPICS,
    Events,
)
from liandun.world.world import World

Record = dict[str, Any]  # one JSON object

ZONE = ZoneInfo("Asia/Shanghai")
_TIME = ("paid_at", "refunded_at", "logged_in_at", "received_at", "complained_at")
_FLAG = (False, True)


def _of(values: tuple[Any, ...]) -> Callable[[int], Any]:
    return values.__getitem__


_TELL: dict[str, tuple[str, Callable[[int], Any]]] = {
    "card": ("card", identifiers.card_number),
    "account": ("account", identifiers.account_name),
    "device": ("device", identifiers.device_name),
    "phone": ("phone", identifiers.phone_number),
    "merchant": ("merchant", identifiers.merchant_name),
    "store": ("store", identifiers.store_name),
    "terminal": ("terminal", "T{:05d}".format),
    "payee": ("payee", identifiers.account_name),
    "amount": ("amount_minor", int),
    "channel": ("channel", _of(CHANNELS)),
    "category": ("category", _of(CATEGORIES)),
    "card_country": ("card_country", _of(COUNTRIES)),
    "ip_country": ("ip_country", _of(COUNTRIES)),
    "entry": ("entry", _of(ENTRIES)),
    "offline": ("is_offline", _of(_FLAG)),
    "action": ("action", _of(ACTIONS)),
    "ok": ("is_ok", _of(_FLAG)),
    "topic": ("topic", _of(TOPICS)),
    "ship_lat": ("ship_lat", lambda value: value / 1000),
    "ship_long": ("ship_long", lambda value: value / 1000),
}


def records(world: World, events: Events, *, prefix: str = "") -> Iterator[Record]:
    """Each event as a JSON object of the pack `retail`, in order; ids are `prefix` and the row's number.

    Missing values are left out. Nothing in a record tells whether it is fraud: that is in `Events`.
    """
    columns = [(name, tell, events[column].tolist()) for column, (name, tell) in _TELL.items()]
    for row, (t, stream) in enumerate(zip(events["t"].tolist(), events["stream"].tolist(), strict=True)):
        record: Record = {"stream": STREAMS[stream], "id": f"{prefix}{row}", _TIME[stream]: iso(t)}
        for name, tell, values in columns:
            if values[row] != NONE:
                record[name] = tell(values[row])
        if stream == 0:
            _add_places(world, record, events, row)
        yield record


def iso(t: int) -> str:
    """The time as people in Shanghai write it, with its offset."""
    return datetime.fromtimestamp(t / 1000, UTC).astimezone(ZONE).isoformat(timespec="milliseconds")


def _add_places(world: World, record: Record, events: Events, row: int) -> None:
    """Where the payer lives and the shop stands, and how old the account is."""
    people, shops = world.people, world.shops
    account, store = int(events["account"][row]), int(events["store"][row])
    if 0 <= account < len(people):
        record["account_opened_at"] = iso(MIDNIGHT - int(people.opened_days[account] * 86_400_000))
        if events["channel"][row] == ONLINE:
            record["home_lat"], record["home_long"] = (people.home[account] / 1000).tolist()
    if store != NONE:
        record["country"] = COUNTRIES[0]
        record["place_lat"], record["place_long"] = (shops.store_place[store] / 1000).tolist()
