"""Identifiers: their normal form, their entity key and the masked form that people see.

Only keyed hashes of identifiers reach journal, engine and lists; the longer story is docs/en/sources.md, "Identifiers".
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from liandun.engine import siphash
from liandun.engine.schema import NO_KEY
from liandun.engine.siphash import begin, bytes_view, siphash_column, siphash_spans
from liandun.packs.plain import ASK, MISSING, ONE_ZERO_IS_NONE, PLACEHOLDERS, SHAPES, ZEROS_ARE_NONE, plain_column

REPLAY_SECRET = bytes.fromhex("6c69616e64756e2d7265706c61792d30")
"""The 128-bit secret of files replayed without a hub: fixed and public, so their keys say nothing secret."""

LONGEST = 256
"""Bytes an identifier may have as it comes."""

_EVENT = "event"
_GAPS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_PHONE_GAPS = re.compile(r"[\s\-\u2010-\u2015\u2212().·/]+")
_PLATE_GAPS = re.compile(r"[\s\-·•‧・.]+")
_DEVICE_GAPS = re.compile(r"[\s\-:.]+")
_PHONE = re.compile(r"(\+|00)?([0-9]+)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_HEX = re.compile(r"[0-9a-fA-F]{12,}")
_REGION = re.compile(r"(?:[^\W\d_省市区县旗盟路街巷弄号村栋楼室]{1,12}?(?:自治州|省|市|(?<![小社园])区|县|旗|盟)){1,4}")
_DEFAULT_PORT = {"http": 80, "https": 443, "ftp": 21}


def normal_form(kind: str, raw: str) -> str | None:
    """The one way to write this identifier, or None where it is empty or a placeholder ("unknown", "0000", 未知).

    >>> normal_form("phone", "+86 138-1234-5678"), normal_form("card", "6222 0200 1234"), normal_form("card", "N/A")
    ('13812345678', '622202001234', None)
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.casefold() in PLACEHOLDERS:
        return None
    form = _FORMS.get(kind, str)(text)
    return None if _is_placeholder(kind, form) else form


def entity_key(kind: str, raw: str, secret: bytes) -> int:
    """The entity key: SipHash-2-4 of "kind", a zero byte and the normal form under the hub's 128-bit secret.

    Returns:
        The key, never 0; `NO_KEY` (0) where the identifier is missing.
    """
    form = normal_form(kind, raw)
    return NO_KEY if form is None else finish(key_state(kind, secret), form)


def finish(state: NDArray[np.uint64], text: str) -> int:
    """The key or event id of a normal form or id, from the state that `key_state` or `event_state` gave; never 0."""
    return siphash.finish(state, text.encode()) or 1


def entity_keys(kind: str, data: NDArray[np.uint8], offsets: NDArray[np.int64], secret: bytes) -> NDArray[np.uint64]:
    """`entity_key` of a whole column.

    Args:
        kind: what the identifiers name.
        data: (bytes,) uint8, read-only (`engine.siphash.bytes_view`), the UTF-8 of the raw identifiers in a row.
        offsets: (n + 1,) int64; identifier i is `data[offsets[i]:offsets[i + 1]]`.
        secret: 16 bytes.

    Returns:
        (n,) uint64, 0 where missing.
    """
    skip = plain_column(SHAPES.get(kind, SHAPES["other"]), data, offsets)
    starts, stops = offsets[:-1] + np.maximum(skip, 0), offsets[1:]
    state = key_state(kind, secret)
    keys = siphash_spans(state, data, starts, stops)
    keys[keys == NO_KEY] = 1
    keys[skip == MISSING] = NO_KEY
    asked = np.flatnonzero(skip == ASK)
    if len(asked):
        keys[asked] = _asked_keys(kind, state, [data[starts[row] : stops[row]].tobytes() for row in asked])
    return keys


def _asked_keys(kind: str, state: NDArray[np.uint64], raw: list[bytes]) -> NDArray[np.uint64]:
    """Keys of identifiers that are not plain; each different one takes its way through `normal_form` once."""
    forms = {each: normal_form(kind, each.decode()) for each in set(raw)}
    texts = [(forms[each] or "").encode() for each in raw]
    keys = _keys(state, b"".join(texts), np.cumsum([0, *map(len, texts)], dtype=np.int64))
    keys[[forms[each] is None for each in raw]] = NO_KEY
    return keys


def event_id(source: str, id: str, secret: bytes) -> int:
    """`Columns.id` of an event: a hash of who sent it and its own id, never 0."""
    return finish(event_state(source, secret), id)


def event_ids(source: str, data: NDArray[np.uint8], offsets: NDArray[np.int64], secret: bytes) -> NDArray[np.uint64]:
    """`event_id` of a whole column; arguments as in `entity_keys`."""
    return _keys(event_state(source, secret), data, offsets)


def key_state(kind: str, secret: bytes) -> NDArray[np.uint64]:
    """The hash state (`engine.siphash.begin`) that entity keys of `kind` start from."""
    return begin(kind.encode() + b"\0", *_halves(secret))


def event_state(source: str, secret: bytes) -> NDArray[np.uint64]:
    """The hash state that event ids of `source` start from; the length keeps sources and ids apart."""
    name = source.encode()
    return begin(b"%s\0%d\0%s" % (_EVENT.encode(), len(name), name), *_halves(secret))


def mask(kind: str, raw: str) -> str:
    """The identifier as people see it: enough to recognise one's own, too little to use another's.

    >>> mask("phone", "13812345678"), mask("card", "6222020012341234"), mask("name", "张三丰")
    ('138****5678', '6222 **** **** 1234', '张*丰')
    """
    text = normal_form(kind, raw)
    return "—" if text is None else _MASKS.get(kind, _mask_middle)(text)


def _keys(state: NDArray[np.uint64], data: bytes | NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    buffer = bytes_view(data) if isinstance(data, bytes) else data
    keys = siphash_column(state, buffer, offsets)
    keys[keys == NO_KEY] = 1
    return keys


def _halves(secret: bytes) -> tuple[int, int]:
    if len(secret) != 16:
        raise ValueError(f"the secret of entity keys has {len(secret)} bytes; it must have 16")
    return int.from_bytes(secret[:8], "little"), int.from_bytes(secret[8:], "little")


def _is_placeholder(kind: str, form: str) -> bool:
    if not form or form.casefold() in PLACEHOLDERS:
        return True
    return not form.strip("0") and (len(form) >= ZEROS_ARE_NONE or kind in ONE_ZERO_IS_NONE)


def _number(text: str) -> str:
    """Digits without the gaps people write into them; anything else stays, so that two tokens never become one."""
    joined = _GAPS.sub("", text)
    return joined if not joined or joined.isdecimal() else text


def _phone(text: str) -> str:
    joined = _PHONE_GAPS.sub("", text)
    found = _PHONE.fullmatch(joined)
    if not found:
        return text.casefold() if joined else ""
    abroad, digits = found.groups()
    if not digits.strip("0"):
        return digits
    if not abroad:
        return digits[2:] if digits.startswith("86") and _MOBILE.fullmatch(digits, 2) else digits
    return _inland(digits[2:]) if digits.startswith("86") and len(digits) > 2 else "+" + digits


def _inland(digits: str) -> str:
    """A Chinese number behind +86 as it is dialled at home: landlines get back the 0 of their area code."""
    own = _MOBILE.fullmatch(digits) or len(digits) < 9 or digits.startswith(("0", "400", "800"))
    port = digits.startswith("106") and len(digits) > 10
    return digits if own or port else "0" + digits


def _device(text: str) -> str:
    joined = _DEVICE_GAPS.sub("", text)
    return joined.lower() if _HEX.fullmatch(joined) else text if joined else ""


def _ip(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return text.casefold()
    inner = getattr(address, "ipv4_mapped", None)
    return str(inner or address)


def _url(text: str) -> str:
    healed = text.replace("[.]", ".").replace("(.)", ".")
    healed = re.sub(r"^hxxp", "http", healed, flags=re.IGNORECASE)
    if "://" not in healed:
        healed = f"http://{healed}" if healed.strip("-/") else ""
    try:
        parts = urlsplit(healed)
        port = parts.port
    except ValueError:
        return text
    host = (parts.hostname or "").rstrip(".")
    if not host:
        return ""
    scheme = parts.scheme.lower()
    shown_port = f":{port}" if port and port != _DEFAULT_PORT.get(scheme) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{shown_port}{parts.path.rstrip('/')}{query}"


_FORMS: dict[str, Callable[[str], str]] = {
    "phone": _phone,
    "sms_sender": _phone,
    "card": _number,
    "account": _number,
    "device": _device,
    "email": str.lower,
    "ip": _ip,
    "url": _url,
    "id_number": lambda text: _GAPS.sub("", text).upper(),
    "plate": lambda text: _PLATE_GAPS.sub("", text).upper(),
}


def _mask_middle(text: str) -> str:
    if len(text) <= 4:
        return text[:1] + "***"
    kept = 2 if len(text) < 12 else 4
    return f"{text[:kept]}****{text[-kept:]}"


def _mask_phone(text: str) -> str:
    if len(text) < 8:  # 95588, 10086: a service, not a person
        return text
    return f"{text[:-8]}****{text[-4:]}"


def _mask_card(text: str) -> str:
    return f"{text[:4]} **** **** {text[-4:]}" if len(text) >= 12 else f"**** {text[-4:]}"


def _mask_account(text: str) -> str:
    if "@" in text:
        return _mask_email(text)
    return _mask_card(text) if text.isdecimal() and len(text) >= 12 else _mask_middle(text)


def _mask_id_number(text: str) -> str:
    return text[:3] + "*" * max(len(text) - 7, 3) + text[-4:] if len(text) >= 15 else _mask_middle(text)


def _mask_email(text: str) -> str:
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else _mask_middle(text)


def _mask_name(text: str) -> str:
    words = text.split()
    if len(words) > 1:
        return " ".join(word[0] + "***" for word in words)
    if text.isascii():
        return text[:1] + "***"
    return text[:1] + "*" if len(text) < 3 else text[0] + "*" * (len(text) - 2) + text[-1]


def _mask_address(text: str) -> str:
    """A Chinese address down to its county or district; of any other, nothing that could lead to a door."""
    region = _REGION.match(text)
    return f"{region.group()}****" if region and region.group() != text else "****"


def _mask_plate(text: str) -> str:
    return f"{text[:2]}***{text[-2:]}" if len(text) > 5 else _mask_middle(text)


def _mask_ip(text: str) -> str:
    if ":" in text:
        return ":".join(text.split(":")[:2]) + ":*"
    return ".".join(text.split(".")[:2]) + ".*.*"


def _mask_url(text: str) -> str:
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}/…" if parts.path or parts.query else text


_MASKS: dict[str, Callable[[str], str]] = {
    "phone": _mask_phone,
    "sms_sender": _mask_phone,
    "card": _mask_card,
    "account": _mask_account,
    "id_number": _mask_id_number,
    "email": _mask_email,
    "name": _mask_name,
    "address": _mask_address,
    "plate": _mask_plate,
    "text": lambda _: "****",
    "ip": _mask_ip,
    "url": _mask_url,
    "store": str,
    "merchant": str,
    "terminal": str,
}
