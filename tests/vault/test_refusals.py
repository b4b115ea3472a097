"""Every refusal has its sentence in both languages."""

from __future__ import annotations

import re

from liandun.vault.refusals import TEXTS, Refusal, Refused


def test_every_refusal_speaks_both_languages():
    assert set(TEXTS) == set(Refusal)
    assert [text for text in TEXTS.values() if not re.search(r"[\u4e00-\u9fff]", text.zh)] == []
    assert [text for text in TEXTS.values() if not text.en.isascii() or len(text.en) < 10] == []


def test_no_two_refusals_say_the_same():
    assert len({text.zh for text in TEXTS.values()}) == len({text.en for text in TEXTS.values()}) == len(Refusal)


def test_what_is_raised_carries_code_and_both_sentences():
    raised = Refused(Refusal.REQUESTER)
    assert (raised.code, raised.zh, str(raised)) == (Refusal.REQUESTER, *TEXTS[Refusal.REQUESTER])
