"""Seals texts with AES-256-GCM and finds them again by a keyed index, without saying what they are."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liandun.keyring.ring import KeyRing

NONCE_BYTES = 12
_NUMBER_BYTES = 2


class SealError(Exception):
    """What was sealed can't be opened: another key, another place, or damaged."""


def seal(ring: KeyRing, text: bytes, place: str) -> bytes:
    """Seal `text` so that it opens at `place` only.

    Args:
        place: where it is kept, such as "vault.personal:17.phone": a sealed value copied to another row does not open.

    Returns:
        number of the key (2 bytes), nonce (12), ciphertext and tag (16).
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    number = ring.current.to_bytes(_NUMBER_BYTES)
    return number + nonce + AESGCM(ring.seal[ring.current]).encrypt(nonce, text, number + place.encode())


def unseal(ring: KeyRing, sealed: bytes, place: str) -> bytes:
    """What was sealed at `place`.

    Raises:
        SealError: it was not sealed here, or not by a key of this ring.
    """
    number, rest = sealed[:_NUMBER_BYTES], sealed[_NUMBER_BYTES:]
    key = ring.seal.get(int.from_bytes(number))
    if key is None:
        raise SealError(f"no key {int.from_bytes(number)} in the ring")
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], number + place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealError("sealed at another place, by another key, or damaged") from error


def key_number(sealed: bytes) -> int:
    """Number of the key that sealed it."""
    return int.from_bytes(sealed[:_NUMBER_BYTES])


def blind_index(ring: KeyRing, text: str, purpose: str) -> bytes:
    """16 bytes that are equal for equal texts of one purpose, and tell nothing to who lacks the ring."""
    return hmac.digest(ring.index, purpose.encode() + b"\0" + text.encode(), sha256)[:16]
