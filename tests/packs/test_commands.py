"""The `pack` commands."""

import argparse
import json

import pytest

from liandun.packs.commands import register
from tests.packs.sample import RULES, rule, write


@pytest.fixture
def run(capsys):
    def call(*words):
        parser = argparse.ArgumentParser()
        register(parser.add_subparsers())
        args = parser.parse_args([str(word) for word in words])
        return args.run(args), capsys.readouterr()

    return call


def test_check_prints_every_mistake_with_its_place_and_fails(run, tmp_path):
    status, printed = run("pack", "check", write(tmp_path, rules=rule("mmc > 1")))
    assert status == 1
    assert printed.out.splitlines()[0] == (
        f"{tmp_path}/rules.yaml:2: error: there is no “mmc” (character 1) — did you mean “mcc”?"
    )


def test_check_of_a_right_pack_succeeds_and_warnings_do_not_fail_it(run, tmp_path):
    assert run("pack", "check", write(tmp_path, cases=None))[0] == 0


def test_check_speaks_chinese(run, tmp_path):
    _, printed = run("pack", "check", write(tmp_path, rules=rule("mmc > 1")), "--language", "zh")
    assert "rules.yaml:2: 错误: 没有“mmc”这个名称" in printed.out
    assert printed.out.splitlines()[-1] == f"{tmp_path}：1 个错误，0 个警告"


def test_check_prints_one_json_object_last(run, tmp_path):
    _, printed = run("pack", "check", write(tmp_path, rules=rule("mmc > 1")), "--json")
    document = json.loads(printed.out.splitlines()[-1])
    assert document["pack"] is None
    assert [(each["file"], each["line"], each["code"]) for each in document["problems"]] == [
        ("rules.yaml", 2, "unknown_name")
    ]


def test_check_of_no_pack_at_all_fails(run, tmp_path):
    status, printed = run("pack", "check", tmp_path / "none")
    assert status == 1
    assert "is no pack" in printed.out
    assert "pack.yaml is missing" in run("pack", "check", tmp_path)[1].out


def test_show_prints_the_pack(run, tmp_path):
    status, printed = run("pack", "show", write(tmp_path))
    assert status == 0
    assert "R1 [live] challenge" in printed.out


def test_show_of_a_broken_pack_says_why_on_stderr(run, tmp_path):
    status, printed = run("pack", "show", write(tmp_path, rules=rule("mmc > 1")))
    assert status == 1
    assert (printed.out, "rules.yaml:2: error" in printed.err) == ("", True)


def test_diff_says_what_changed_and_answers_by_its_status(run, tmp_path):
    old, new = write(tmp_path / "a"), write(tmp_path / "b", rules=RULES.replace("challenge", "block"))
    assert run("pack", "diff", old, old)[0] == 0
    status, printed = run("pack", "diff", old, new)
    assert (status, printed.out) == (1, "rule R1: then: challenge → block\n")
    assert run("pack", "diff", old, tmp_path / "none")[0] == 2


def test_other_packages_can_add_to_the_group():
    group = register(argparse.ArgumentParser().add_subparsers())
    group.add_parser("test")
    assert list(group.choices) == ["check", "show", "diff", "test"]
