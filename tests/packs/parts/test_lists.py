"""Lists: defaults, and each mistake with its line."""

import pytest

from tests.packs.sample import LISTS, found, load

TITLE = "title: {zh: 名单, en: List}"


def test_lists_are_joint_but_allow_lists_hold_at_their_owner(tmp_path):
    text = f"{LISTS}mine: {{kind: account, effect: allow, silences: [R1], {TITLE}}}\n"
    stolen, mine = load(tmp_path, lists=text).lists
    assert (stolen.joint, mine.joint) == (True, False)
    assert (stolen.roles, mine.roles) == (("card",), ("payer", "payee"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"kind: crad, effect: block, {TITLE}", "unknown_kind"),
        (f"kind: card, effect: blok, {TITLE}", "bad_choice"),
        ("kind: card, effect: block", "missing_key"),
        (f"kind: card, effect: block, scop: joint, {TITLE}", "unknown_key"),
        (f"kind: card, effect: block, scope: all, {TITLE}", "bad_choice"),
        ("kind: card, effect: block, title: {zh: 名单}", "translation_missing"),
        (f"kind: card, effect: block, roles: [device], {TITLE}", "role_kind"),
        (f"kind: card, effect: block, roles: [crad], {TITLE}", "unknown_role"),
        (f"kind: card, effect: allow, silences: [stolen], {TITLE}", "must_not_silence"),
        (f"kind: card, effect: allow, silences: [R9], {TITLE}", "unknown_silenced"),
        (f"kind: card, effect: allow, silences: [x], {TITLE}", "nothing_to_silence"),
        (f"kind: card, effect: allow, silences: [R1, R1], {TITLE}", "twice"),
        (f"kind: card, effect: allow, scope: joint, silences: [R1], {TITLE}", "allow_joint"),
        (f"kind: card, effect: review, silences: [R1], {TITLE}", "silences_not_allow"),
        (f"kind: card, effect: allow, {TITLE}", "allow_silences_nothing"),
        (f"kind: card, effect: none, {TITLE}", "unused"),
    ],
)
def test_a_mistake_in_a_list_is_named_with_its_line(tmp_path, text, code):
    assert found(tmp_path, lists=f"{LISTS}x: {{{text}}}\n") == [f"lists.yaml:2 {code}"]


def test_more_lists_of_a_kind_than_a_row_has_flags_are_refused(tmp_path):
    many = "".join(f"x{i}: {{kind: card, effect: review, {TITLE}}}\n" for i in range(31))
    other = "".join(f"y{i}: {{kind: device, effect: review, {TITLE}}}\n" for i in range(34))
    assert found(tmp_path, lists=LISTS + many) == []
    assert found(tmp_path, lists=LISTS + many + f"last: {{kind: card, effect: review, {TITLE}}}\n") == [
        "lists.yaml:33 too_many_lists"
    ]
    assert found(tmp_path, lists=LISTS + many + other) == ["lists.yaml:65 too_many_lists"]


@pytest.mark.parametrize("effect", ["court", "protected", "block"])
def test_nothing_may_silence_what_must_hold(tmp_path, effect):
    hard = f"hard: {{kind: card, effect: {effect}, {TITLE}}}\n"
    assert found(tmp_path, lists=f"{hard}x: {{kind: card, effect: allow, silences: [hard], {TITLE}}}\n") == [
        "lists.yaml:2 must_not_silence"
    ]


def test_a_rule_with_a_mistake_can_still_be_named_in_silences(tmp_path):
    rules = '- {id: R1, when: "mcc >", then: review, why: {zh: 因, en: W}, owner: o}\n'
    lists = f"x: {{kind: card, effect: allow, silences: [R1], {TITLE}}}\n"
    assert found(tmp_path, lists=lists, rules=rules, features=None) == ["rules.yaml:1 expr_syntax"]
