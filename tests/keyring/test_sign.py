"""A signature proves who signed which message."""

from liandun.keyring.ring import new_ring
from liandun.keyring.sign import is_signed, public_key, sign


def test_a_signature_holds_for_its_message_and_its_key_only():
    ring, other = new_ring(), new_ring()
    signature = sign(ring, b"head 5")
    assert is_signed(public_key(ring), b"head 5", signature)
    assert not is_signed(public_key(ring), b"head 6", signature)
    assert not is_signed(public_key(other), b"head 5", signature)
    assert not is_signed(b"no key", b"head 5", signature)
