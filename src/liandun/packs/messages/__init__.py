"""Every mistake a pack can have, in words: what is wrong and what to do, in Chinese and English.

The keys are lasting names of the mistakes. Words in braces are filled in by `errors.Problems.add`.
"""

from liandun.packs.messages.expressions import EXPRESSIONS
from liandun.packs.messages.files import FILES
from liandun.packs.messages.message import Message
from liandun.packs.messages.parts import PARTS
from liandun.packs.messages.whole import WHOLE

MESSAGES: dict[str, Message] = {**FILES, **PARTS, **EXPRESSIONS, **WHOLE}

__all__ = ["MESSAGES", "Message"]
