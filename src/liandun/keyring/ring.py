"""The key ring: one file outside the data folder and its back-up, with every key that ever sealed something.

Format: JSON with `seal` (number → 64 hex digits; the highest number seals, all open), `index` (blind indexes) and
`sign` (Ed25519), readable by its owner only. A management system may give the same text by LIANDUN_KEYS instead.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY_BYTES = 32


class KeyRingError(Exception):
    """The key ring is missing, unreadable by its rules, or not whole; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys of one platform.

    Attributes:
        seal: AES-256 keys by number; the highest number is the one in use.
        index: key of blind indexes.
        sign: Ed25519 private key, 32 bytes.
    """

    seal: Mapping[int, bytes]
    index: bytes
    sign: bytes

    @property
    def current(self) -> int:
        """Number of the key that seals."""
        return max(self.seal)

    def rotated(self) -> KeyRing:
        """The same ring with a new sealing key; the old ones still open."""
        return KeyRing({**self.seal, self.current + 1: secrets.token_bytes(KEY_BYTES)}, self.index, self.sign)

    def text(self) -> str:
        """What the file holds."""
        seal = {str(number): key.hex() for number, key in self.seal.items()}
        return json.dumps({"seal": seal, "index": self.index.hex(), "sign": self.sign.hex()}, indent=2) + "\n"


def new_ring() -> KeyRing:
    """A ring of fresh keys."""
    fresh = [secrets.token_bytes(KEY_BYTES) for _ in range(3)]
    return KeyRing({1: fresh[0]}, fresh[1], fresh[2])


def ring_path(environment: Mapping[str, str]) -> Path:
    """Where the ring lies: LIANDUN_KEYS_FILE, else ~/.config/liandun/keys.json."""
    given = environment.get("LIANDUN_KEYS_FILE")
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(given) if given else home / "liandun" / "keys.json"


def load_ring(data: Path, environment: Mapping[str, str]) -> KeyRing:
    """The ring of this environment; made at the first start.

    Args:
        data: the data folder; the ring must not lie in it.

    Raises:
        KeyRingError: the ring lies in the data folder, is open to others, or is damaged.
    """
    if text := environment.get("LIANDUN_KEYS"):
        return parse_ring(text, "LIANDUN_KEYS")
    path = ring_path(environment).expanduser().absolute()
    if path.is_relative_to(data.absolute()):
        raise KeyRingError(f"{path} lies in the data folder, so a stolen back-up would hold its own keys: move it out")
    if not path.exists():
        write_ring(new_ring(), path)
    if path.stat().st_mode & 0o077:
        raise KeyRingError(f"{path} can be read by others: chmod 600 {path}")
    return parse_ring(path.read_text(encoding="utf-8"), str(path))


def write_ring(ring: KeyRing, path: Path) -> None:
    """Write the ring whole or not at all, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def parse_ring(text: str, origin: str) -> KeyRing:
    """The ring that `KeyRing.text` wrote."""
    try:
        found: dict[str, Any] = json.loads(text)
        ring = KeyRing(
            {int(number): bytes.fromhex(key) for number, key in found["seal"].items()},
            bytes.fromhex(found["index"]),
            bytes.fromhex(found["sign"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRingError(f"{origin} is not a key ring: take it from its back-up") from error
    keys = [*ring.seal.values(), ring.index, ring.sign]
    if not ring.seal or min(ring.seal) < 1 or any(len(key) != KEY_BYTES for key in keys):
        raise KeyRingError(f"{origin}: every key has {2 * KEY_BYTES} hex digits and a number from 1 on")
    return ring
