"""These messages are whole sentences without an end mark, so that they can be joined by a dash."""

import pytest

from liandun.packs.messages.expressions import EXPRESSIONS


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_message_ends_without_a_mark(name):
    message = EXPRESSIONS[name]
    texts = (message.what_zh, message.fix_zh, message.what_en, message.fix_en)
    assert [text for text in texts if text.endswith((".", "。"))] == []
