"""The shipped packs are what their docs say: no warning, reasons fit for a till, a case for each live rule."""

import re

import pytest

from liandun.packs.load import check_pack, load_pack
from liandun.packs.model import Status
from tests.house.tree import ROOT, SOURCE

SHIPPED = SOURCE / "packs" / "shipped"
NAMES = sorted(path.name for path in SHIPPED.iterdir() if (path / "pack.yaml").exists())
ACCUSING = re.compile(r"fraudster|thief|criminal|crook|liar|骗子|罪犯|嫌疑人|小偷|坏人", re.IGNORECASE)


@pytest.fixture(scope="module", params=NAMES)
def shipped(request):
    return check_pack(SHIPPED / request.param)


def test_a_shipped_pack_has_no_mistake_and_no_warning(shipped):
    assert [str(problem) for problem in shipped[1]] == []


def test_a_live_rule_stands_in_a_case(shipped):
    pack, _ = shipped
    cases = (pack.folder / "cases.yaml").read_text(encoding="utf-8")
    assert [rule.id for rule in pack.rules if rule.status is Status.LIVE and rule.id not in cases] == []


def test_a_reason_accuses_nobody(shipped):
    reasons = [text for rule in shipped[0].rules for text in (rule.why.zh, rule.why.en)]
    assert [text for text in reasons if ACCUSING.search(text)] == []


def test_a_reason_fits_on_a_till(shipped):
    long = [rule.id for rule in shipped[0].rules if len(rule.why.zh) > 45 or len(rule.why.en) > 140]
    assert long == []


def test_retail_rules_have_a_runbook_and_stand_in_both_docs():
    pack = load_pack(SHIPPED / "retail")
    pages = [(ROOT / "docs" / language / "packs.md").read_text(encoding="utf-8") for language in ("en", "zh")]
    assert [rule.id for rule in pack.rules if not rule.runbook] == []
    assert [rule.id for rule in pack.rules if not all(f"| {rule.id} |" in page for page in pages)] == []


def test_retail_has_more_than_thirty_live_rules():
    pack = load_pack(SHIPPED / "retail")
    assert sum(rule.status is Status.LIVE for rule in pack.rules) > 30
