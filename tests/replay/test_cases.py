"""The format of cases.yaml and its mistakes."""

import pytest

from liandun.packs.errors import PackError
from liandun.replay.cases import EventStep, LabelStep, ListStep, parse_cases, read_cases
from tests.replay.small import DAY, HOUR, MINUTE, START, pack_of

LISTS = "stolen: {kind: card, effect: block, title: {zh: 被盗, en: Stolen}}\n"
CASES = """\
- name: {zh: 频繁, en: Many at once}
  given:
    - {at: "2026-03-01 09:00", card: A, device: D1, amount_minor: 500, channel: online}
    - {repeat: 2, every: 1m, card: A, amount_minor: 500}
    - {list: stolen, add: A, expires: 24h, party: shop}
    - {label: fraud, of: previous, after: 1h}
    - {after: 10m, card: A, amount_minor: 90000, id: last}
  expect: {outcome: block, fired: [R1], unknown: [], score: 40, features: {x: 4}}
"""
FEATURES = "x: {count: payment, by: card, window: 1d}\n"


def parse(folder, text):
    return parse_cases(pack_of(folder, lists=LISTS, features=FEATURES, cases="[x, R1, stolen]"), text.encode())


def test_steps_follow_one_clock(tmp_path):
    (case,) = parse(tmp_path, CASES)
    times = [step.t - START for step in case.steps]
    assert case.name == "Many at once"
    end = 2 * MINUTE + HOUR
    assert times == [0, MINUTE, 2 * MINUTE, 2 * MINUTE, end, end + 10 * MINUTE]


def test_each_step_says_what_happens(tmp_path):
    (case,) = parse(tmp_path, CASES)
    _, _, previous, change, label, last = case.steps
    assert isinstance(previous, EventStep)
    assert previous.expect is None
    assert isinstance(change, ListStep)
    assert (change.list, change.identifier, change.add, change.party, change.expires_ms) == (
        "stolen",
        "A",
        True,
        "shop",
        DAY,
    )
    assert isinstance(label, LabelStep)
    assert (label.of, label.fraud) == (previous.id, True)
    assert isinstance(last, EventStep)
    assert last.expect is not None
    assert (last.id, last.expect.outcome, last.expect.features) == ("last", "block", {"x": "4"})


def test_an_event_may_expect_in_the_middle(tmp_path):
    text = "- {name: a, given: [{card: A, amount_minor: 1, expect: {fires: [R1]}}, {card: A, amount_minor: 1}]}\n"
    (case,) = parse(tmp_path, text)
    assert [step.expect is not None for step in case.steps if isinstance(step, EventStep)] == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {name: a, given: [{card: A, amount_minor: 1}]}", "the case expects nothing"),
        ("- {name: a, given: [{card: A, expect: {outcome: stop}}]}", "no outcome “stop”"),
        (
            "- {name: a, given: [{card: A, expect: {fired: [R9]}}]}",
            "no running rule is called “R9” — use one of R1",
        ),
        ("- {name: a, given: [{card: A, expect: {features: {y: 1}}}]}", "no feature “y”"),
        ("- {name: a, given: [{carte: A, expect: {score: 0}}]}", "carte"),
        ("- {name: a, given: [{at: noon, card: A, expect: {score: 0}}]}", "“noon” is not a time"),
        ("- {name: a, given: [{card: A}, {at: '2026-01-01', card: A, expect: {score: 0}}]}", "before the step above"),
        ("- {name: a, given: [{list: stolen, card: A}, {card: A, expect: {score: 0}}]}", "card"),
        ("- {name: a, given: [{list: lost, add: A}, {card: A, expect: {score: 0}}]}", "no list “lost”"),
        ("- {name: a, given: [{list: stolen}, {card: A, expect: {score: 0}}]}", "one of add and remove"),
        ("- {name: a, given: [{label: bad, of: previous}, {card: A, expect: {score: 0}}]}", "label is “bad”"),
        ("- {name: a, given: [{label: fraud, of: x}, {card: A, expect: {score: 0}}]}", "no event above has the id “x”"),
        ("- {name: a, given: [{stream: login, card: A, expect: {score: 0}}]}", "did you mean"),
        ("- {name: a, given: [{id: i, card: A}, {id: i, card: A, expect: {score: 0}}]}", "the id “i” is taken"),
        ("- {name: a, given: [{repeat: 0, card: A, expect: {score: 0}}]}", "repeat is 0"),
        ("- {name: a, given: [{card: A, expect: {score: 0}}], expect: {score: 1}}", "has an expect already"),
    ],
)
def test_a_mistake_names_its_line_and_what_to_do(tmp_path, text, words):
    with pytest.raises(PackError) as caught:
        parse(tmp_path, text.replace("login, card", "paymint, card"))
    assert words in str(caught.value)
    assert str(caught.value).startswith("cases.yaml:1: error: ")


def test_a_pack_without_the_file_has_no_cases(tmp_path):
    assert read_cases(pack_of(tmp_path)) == ()
