"""Keys of single subjects: wrapped by the key ring, they lock the values of one subject, each to its own place."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liandun.keyring.ring import KEY_BYTES, KeyRing
from liandun.keyring.seal import NONCE_BYTES, SealError, seal, unseal


def new_data_key() -> bytes:
    """A random AES-256 key."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(ring: KeyRing, subject: int, key: bytes) -> bytes:
    """A subject's data key, sealed by the newest key of the ring."""
    return seal(ring, key, f"vault.datakey:{subject}")


def unwrap(ring: KeyRing, subject: int, wrapped: bytes) -> bytes:
    """The data key that `wrap` sealed; raises SealError when it is another subject's or the ring lacks its key."""
    return unseal(ring, wrapped, f"vault.datakey:{subject}")


def lock(key: bytes, text: str, place: str) -> bytes:
    """AES-256-GCM with the place as what is authenticated beside the text: nonce (12), ciphertext and tag (16)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())


def unlock(key: bytes, locked: bytes, place: str) -> str:
    """What was locked at `place`; raises SealError when it was another key, another place, or it is damaged."""
    try:
        return AESGCM(key).decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealError("locked at another place, by another key, or damaged") from error


def value_place(subject: int, field: str) -> str:
    """Where a subject's value is kept."""
    return f"vault.personal:{subject}.{field}"


def mask_place(subject: int, field: str) -> str:
    """Where the masked form of it is kept."""
    return f"vault.personal:{subject}.{field}#mask"
