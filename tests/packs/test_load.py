"""Loading whole packs: right ones, broken ones, and the hash that names them."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.packs.catalogue import SHIPPED, shipped_packs
from liandun.packs.errors import PackError, Severity
from liandun.packs.load import check_pack, load_pack
from liandun.packs.model import Outcome
from liandun.packs.rests import rests_on
from liandun.packs.show import show
from tests.packs.sample import FEATURES, PACK, PARTS, RULES, found, load, problems, rule, write


def test_a_right_pack_has_no_problems(tmp_path):
    assert problems(tmp_path) == ()


def test_only_pack_and_rules_must_exist(tmp_path):
    pack = load(tmp_path, features=None, lists=None, cases=None, rules=rule("mcc > 1").splitlines()[1])
    assert [each.id for each in pack.rules] == ["R2"]


def test_defaults_are_those_of_the_reference(tmp_path):
    pack = load(tmp_path)
    assert (pack.zone, pack.on_missing, pack.version, pack.name) == ("Asia/Shanghai", Outcome.REVIEW, 1, "small")


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("pack: small", "pack: two words", "1 bad_id"),
        ("pack: small\n", "", "1 missing_key"),
        ("version: 1", "version: one", "2 wants_whole"),
        ("version: 1", "version: 0", "2 bad_version"),
        ("version: 1", "version: 1\nversion: 2", "3 duplicate_key"),
        ("version: 1", "version: 1\nzone: Asia/Peking", "3 unknown_zone"),
        ("version: 1", "version: 1\nzone: ../../etc/passwd", "3 unknown_zone"),
        ("version: 1", "version: 1\non_missing: approve", "3 bad_choice"),
        ("version: 1", "version: 1\nrules: []", "3 unknown_key"),
        ("zh: 小包", "zh: Small", "3 zh_not_chinese"),
        ("payment:", "payment: &p", "5 yaml_alias"),
    ],
)
def test_a_mistake_in_the_head_is_named_with_its_line(tmp_path, old, new, mistake):
    assert found(tmp_path, pack=PACK.replace(old, new, 1)) == [f"pack.yaml:{mistake}"]


@pytest.mark.parametrize(
    ("parts", "mistake"),
    [
        ({"rules": None}, "rules.yaml:1 file_missing"),
        ({"pack": None}, "pack.yaml:1 file_missing"),
        ({"pack": ""}, "pack.yaml:1 file_empty"),
        ({"pack": "- a\n"}, "pack.yaml:1 wants_mapping"),
        ({"rules": "R1: x\n"}, "rules.yaml:1 wants_list"),
        ({"rules": f"{RULES}- R2\n"}, "rules.yaml:2 wants_mapping"),
        ({"rule": "[]"}, "rule.yaml:1 unknown_file"),
        ({"features": f"{FEATURES}x: [\n"}, "features.yaml:5 yaml"),
        ({"cases": "a: b: c\n"}, "cases.yaml:1 yaml"),
    ],
)
def test_a_mistake_in_the_files_is_named(tmp_path, parts, mistake):
    errors = [str(each) for each in problems(tmp_path, **parts) if each.severity is Severity.ERROR]
    assert len(errors) == 1
    assert found(tmp_path, **parts)[0] == mistake or mistake in found(tmp_path, **parts)


def test_all_mistakes_of_all_files_are_named_at_once(tmp_path):
    rules = "- {id: R1, when: 'aaa > 1', then: blok, why: {zh: 因}, owner: o}\n- {id: R1, when: 'mcc > ', then: hold}\n"
    names = found(tmp_path, pack=PACK.replace("version: 1", "version: 0"), features=FEATURES + "x: 3\n", rules=rules)
    assert {name.split()[1] for name in names} >= {
        "bad_version",
        "wants_mapping",
        "unknown_name",
        "bad_choice",
        "translation_missing",
        "expr_syntax",
        "missing_key",
    }


def test_more_rules_than_a_pack_may_have_are_refused(tmp_path):
    text = "".join(f"- {{id: R{n}}}\n" for n in range(2001))
    assert found(tmp_path, rules=text) == ["rules.yaml:1 too_many"]


def test_more_features_than_a_pack_may_have_are_refused(tmp_path):
    text = "".join(f"x{n}: {{value: mcc}}\n" for n in range(501))
    assert found(tmp_path, features=text)[0] == "features.yaml:1 too_many"


def test_a_chain_of_all_values_a_pack_may_have_is_followed(tmp_path):
    text = "x0: {value: mcc}\n" + "".join(f"x{n}: {{value: 'x{n - 1} + 1'}}\n" for n in range(1, 500))
    pack = load(tmp_path, features=text, rules=rule("x499 > 1", then="block").splitlines()[1])
    assert rests_on(pack, pack.rules[0].when) == {"mcc"}
    assert show(pack).count("x250") == 3


def test_a_file_that_leads_out_of_the_pack_is_refused(tmp_path):
    (tmp_path / "outside.yaml").write_text("{}")
    folder = write(tmp_path / "pack", lists=None)
    (folder / "lists.yaml").symlink_to(tmp_path / "outside.yaml")
    assert [problem.code for problem in check_pack(folder)[1]] == ["file_outside"]


def test_the_hash_names_the_content_of_every_file(tmp_path):
    first = load(tmp_path).hash
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert load(tmp_path).hash == first
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "till.yaml").write_text("columns: {}\n")
    assert load(tmp_path).hash != first


def test_load_raises_with_all_problems_and_check_does_not_raise(tmp_path):
    folder = write(tmp_path, rules=rule("mmc > 1"))
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert [problem.code for problem in caught.value.problems] == ["unknown_name"]
    assert check_pack(folder) == (None, caught.value.problems)


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_have_no_errors(name):
    assert [str(each) for each in check_pack(SHIPPED / name)[1] if each.severity is Severity.ERROR] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_example_of_the_reference_is_right(tmp_path, language):
    page = (Path(__file__).parents[2] / "docs" / language / "pack.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"^```yaml\n# (\w+)\.yaml\n(.*?)^```", page, re.M | re.S))
    assert set(files) == {"pack", "features", "lists", "rules"}
    assert found(tmp_path, **files, cases=None) == ["rules.yaml:1 no_case"]


LINES = [line for text in PARTS.values() for line in text.splitlines()]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(["pack", "features", "lists", "rules"]),
    lines=st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=6),
    at=st.integers(0, 20),
)
def test_no_text_of_a_file_crashes_the_loader(tmp_path, part, lines, at):
    text = PARTS[part].splitlines()
    text[at : at + 1] = lines
    pack, mistakes = check_pack(write(tmp_path, **{part: "\n".join(text)}))
    assert (pack is None) == any(each.severity is Severity.ERROR for each in mistakes)


@pytest.mark.parametrize("rules", [None, "", "# nothing yet\n"])
def test_rules_that_are_missing_or_empty_are_said_first_and_once(tmp_path, rules):
    lists = "vip: {kind: card, effect: allow, silences: [R1, R2], title: {zh: 贵宾, en: Guests}}\n"
    code = "file_missing" if rules is None else "file_empty"
    assert found(tmp_path, rules=rules, lists=lists) == [f"rules.yaml:1 {code}"]


@pytest.mark.parametrize("features", [None, ""])
def test_without_features_the_names_they_would_have_are_told_once(tmp_path, features):
    rules = rule("a_count > 1 and b_count > 2")
    told = problems(tmp_path, features=features, rules=rules)
    assert [(str(each.place), each.code) for each in told] == [("features.yaml:1", "features_absent")]
    assert "4 names" in told[0].what.en


def test_a_rule_that_is_only_a_text_is_named(tmp_path):
    [problem] = problems(tmp_path, rules=RULES + "- hello\n")
    assert (str(problem.place), problem.what.en) == ("rules.yaml:2", "“hello” must be a mapping")
