"""Invented identifiers that look real: test-range cards with a right check digit, phones from a range nobody uses."""

from __future__ import annotations

CARD_RANGE = "62000000"
"""A range of UnionPay test cards: no bank issues from it."""

PHONE_RANGE = "154"
"""Eleven digits like any mobile, from a range that was never handed out."""


def card_number(index: int) -> str:
    """The card with this index: 16 digits with their Luhn check digit."""
    digits = f"{CARD_RANGE}{index:07d}"
    return digits + str(luhn_digit(digits))


def luhn_digit(digits: str) -> int:
    """The digit that makes `digits` a valid card number when it follows them.

    >>> luhn_digit("7992739871")
    3
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def phone_number(index: int) -> str:
    """The phone with this index; neighbours in the world are no neighbours in number."""
    return f"{PHONE_RANGE}{index * 7_368_787 % 100_000_000:08d}"


def account_name(index: int) -> str:
    """The account with this index."""
    return f"U{index:08d}"


def device_name(index: int) -> str:
    """The device with this index: 16 hexadecimal digits."""
    return f"{(index + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"


def store_name(index: int) -> str:
    """The store with this index."""
    return f"S{index + 1:04d}"


def merchant_name(index: int) -> str:
    """The merchant with this index."""
    return f"M{index + 1:05d}"
