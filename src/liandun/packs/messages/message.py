"""The shape of a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What is wrong and what to do, in both languages; one that `warns` does not keep the pack from loading."""

    what_zh: str
    fix_zh: str
    what_en: str
    fix_en: str
    warns: bool = False
