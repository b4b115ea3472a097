"""Signs heads and checkpoints with Ed25519, and checks what others signed."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from liandun.keyring.ring import KeyRing


def sign(ring: KeyRing, message: bytes) -> bytes:
    """64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(ring.sign).sign(message)


def public_key(ring: KeyRing) -> bytes:
    """What a partner keeps to check our signatures: 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(ring.sign).public_key().public_bytes_raw()


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Did the owner of `public` sign this message?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
