"""API keys: who may send what. `DATA/keys.json` holds a prefix and a SHA-256 of each key, never the key.

The file is small and replaced as a whole, so a reader sees the old keys or the new ones; the gateway looks at it
twice a second.
"""

from __future__ import annotations

import fcntl
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from liandun.packs.model import OUTCOMES

RIGHTS = ("decide", "read", "label", "feed", "receipt")
FAIL_MODES = tuple(outcome.value for outcome in OUTCOMES)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PREFIX = slice(3, 11)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


class KeyFileError(ValueError):
    """A key that can't be made or found; says what to do."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One API key.

    Attributes:
        prefix: eight characters that name the key in lists and logs.
        digest: SHA-256 (hex) of the whole key.
        source: whose events it sends; ids are unique within a source.
        party: salt of the party the source belongs to; 0 is the first.
        streams: the streams it may send; empty = all.
        rights: some of `RIGHTS`.
        rate: events per second on average; 0 = no limit.
        burst: events at once.
        state_budget: new entities per day; 0 = no limit.
        fail_mode: the outcome its client takes when the gateway does not answer.
        mapping: the pack's source mapping for its bodies; None = events in the gateway's own shape.
        hashed: its bodies carry entity keys, made under the hub's own secret, in place of identifiers.
        created, expires: ms since 1970 UTC; expires None = never.
    """

    prefix: str
    digest: str
    source: str
    party: int = 0
    streams: tuple[str, ...] = ()
    rights: tuple[str, ...] = ("decide", "read")
    rate: float = 0.0
    burst: int = 0
    state_budget: int = 0
    fail_mode: Literal["approve", "review", "hold", "challenge", "block"] = "review"
    mapping: str | None = None
    hashed: bool = False
    created: int = 0
    expires: int | None = None

    def allows(self, right: str) -> bool:
        """Does it carry this right?"""
        return right in self.rights


class KeyFile:
    """The keys of a data folder; changes are safe beside a running gateway and beside each other."""

    def __init__(self, data: Path) -> None:
        self.path = data / "keys.json"

    def read(self) -> tuple[Key, ...]:
        """All keys, oldest first.

        Raises:
            KeyFileError: the file is not what this program wrote.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=tuple[Key, ...])
        except FileNotFoundError:
            return ()
        except msgspec.DecodeError as error:
            raise KeyFileError(f"{self.path}: not a key file ({error}); restore it from a back-up") from error

    def add(self, wanted: Key) -> tuple[str, Key]:
        """Make a key with the wanted fields (prefix and digest are filled in).

        Returns:
            The key itself, which is stored nowhere, and its entry.

        Raises:
            KeyFileError: a wanted field has a value that no key can have.
        """
        _check(wanted)
        with self._changing() as keys:
            taken = {key.prefix for key in keys}
            prefix = next(p for p in _prefixes() if p not in taken)
            token = f"ld_{prefix}_{secrets.token_urlsafe(32)}"
            key = msgspec.structs.replace(wanted, prefix=prefix, digest=sha256(token.encode()).hexdigest())
            keys.append(key)
        return token, key

    def revoke(self, prefix: str) -> Key:
        """Remove the key with this prefix.

        Raises:
            KeyFileError: there is none.
        """
        with self._changing() as keys:
            found = next((key for key in keys if key.prefix == prefix), None)
            if found is None:
                raise KeyFileError(f"no key begins with {prefix!r}; see liandun key list")
            keys.remove(found)
        return found

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = list(self.read())
            yield keys
            fresh = self.path.with_suffix(".new")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(keys)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)


class KeyRing:
    """The keys as the gateway uses them: one look-up by prefix, one comparison of hashes."""

    def __init__(self, file: KeyFile) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._by_prefix: dict[str, tuple[bytes, Key]] = {}
        self.refresh()

    def refresh(self) -> bool:
        """Read the file again if it changed.

        Returns:
            Whether it did.
        """
        try:
            state = self._file.path.stat()
        except FileNotFoundError:
            seen = (0, 0, 0)
        else:
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen == self._seen:
            return False
        self._by_prefix = {key.prefix: (bytes.fromhex(key.digest), key) for key in self._file.read()}
        self._seen = seen
        return True

    def find(self, authorization: str | None, now: int) -> Key | None:
        """The key in an `Authorization: Bearer …` header, if it is valid at `now` (ms since 1970 UTC)."""
        if authorization is None or len(authorization) != 62 or authorization[:7].lower() != "bearer ":
            return None
        token = authorization[7:]
        if not token.isascii():
            return None
        digest, key = self._by_prefix.get(token[_PREFIX], _NOBODY)
        if not hmac.compare_digest(digest, sha256(token.encode()).digest()):
            return None
        return key if key.expires is None or now < key.expires else None


_NOBODY = (bytes(32), Key(prefix="", digest="", source="", rights=()))


def _prefixes() -> Iterator[str]:
    while True:
        yield "".join(secrets.choice(_ALPHABET) for _ in range(8))


def _check(key: Key) -> None:
    if not _NAME.fullmatch(key.source):
        raise KeyFileError(f"source {key.source!r}: use 1-64 letters, digits, dots, dashes and underscores")
    unknown = [right for right in key.rights if right not in RIGHTS]
    if unknown or not key.rights:
        raise KeyFileError(f"rights {', '.join(unknown) or '(none)'}: choose from {', '.join(RIGHTS)}")
    if key.fail_mode not in FAIL_MODES:
        raise KeyFileError(f"fail mode {key.fail_mode!r}: choose from {', '.join(FAIL_MODES)}")
    if key.rate < 0 or key.burst < 0 or key.state_budget < 0:
        raise KeyFileError("rate, burst and state budget can't be negative; 0 means no limit")
    if not 0 <= key.party < 2**64:
        raise KeyFileError("party: a whole number from 0 to 2^64 - 1")
