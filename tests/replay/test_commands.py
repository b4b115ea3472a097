"""`liandun replay`, `liandun backtest` and `liandun pack test`."""

import argparse
import json

import pytest

from liandun.packs import commands as pack_commands
from liandun.replay import commands
from liandun.replay.commands import budget, day, duration_ms, limit
from tests.replay.small import pack_of

EVENTS = """\
id,paid_at,card,device,amount_minor,bad
a,2026-03-01 09:00,1,1,5,0
b,2026-03-02 09:01,1,1,5000,1
"""
CASE = "- {name: large, given: [{card: A, device: D, amount_minor: 5000}], expect: {outcome: challenge, fired: [R1]}}\n"


def call(*words):
    parser = argparse.ArgumentParser()
    group = parser.add_subparsers()
    pack_commands.register(group)
    commands.register(group)
    args = parser.parse_args([str(word) for word in words])
    return args.run(args)


@pytest.fixture
def files(tmp_path):
    pack_of(tmp_path / "pack", cases=CASE)
    (tmp_path / "e.csv").write_text(EVENTS, encoding="utf-8")
    return tmp_path / "pack", tmp_path / "e.csv"


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("chosen", ["kernel", "duckdb", "python"])
def test_replay_writes_and_sums_up(files, tmp_path, capsys, chosen):
    out, features = tmp_path / "v.parquet", tmp_path / "f.parquet"
    words = ["--out", out, "--features", features, "--backend", chosen, "--json"]
    assert call("replay", "--pack", files[0], "--events", files[1], *words) == 0
    found = last_line(capsys)
    assert {"events", "seconds", "eps", "outcomes", "late", "duplicates"} <= found.keys()
    assert (found["events"], found["outcomes"]["challenge"]) == (2, 1)
    assert out.exists()
    assert features.exists()


def test_backtest_measures(files, capsys):
    words = ["--label", "bad", "--budget", "100/day", "--backend", "python", "--json"]
    assert call("backtest", "--pack", files[0], "--events", files[1], *words) == 0
    found = last_line(capsys)
    wanted = {"auc", "ap", "cp_at_100", "cp_ceiling", "precision", "recall", "value_recall", "fp_per_tp", "rules"}
    assert wanted <= found.keys()
    assert (found["auc"], found["recall"]) == (1.0, 1.0)


def test_pack_test_runs_the_cases_on_every_back_end(files, capsys):
    assert call("pack", "test", files[0]) == 0
    out = capsys.readouterr().out
    assert [line.split(":")[0] for line in out.splitlines()] == ["kernel", "duckdb", "python"]
    assert out.count("1 of 1 cases hold") == 3


def test_pack_test_shows_where_a_case_fails(files, capsys):
    (files[0] / "cases.yaml").write_text(CASE.replace("challenge", "block"), encoding="utf-8")
    assert call("pack", "test", files[0], "--json") == 1
    out = capsys.readouterr().out
    assert f"{files[0]}/cases.yaml:1: large: outcome is challenge, not block" in out
    assert set(json.loads(out.splitlines()[-1])["failed"]) == {"kernel", "duckdb", "python"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["replay", "--pack", "nothing", "--events", "e.csv"], "nothing"),
        (["backtest", "--pack", "handbook", "--events", "nowhere.csv"], "nowhere.csv"),
        (["pack", "test", "nothing"], "nothing"),
    ],
)
def test_what_its_user_can_put_right_is_a_sentence(capsys, words, message):
    assert call(*words) == 1
    assert message in capsys.readouterr().err


def test_arguments_are_read_as_people_write_them():
    assert (duration_ms("7d"), duration_ms("0s")) == (7 * 86_400_000, 0)
    assert (budget("100/day"), budget("5")) == (100, 5)
    assert (day("1970-01-02"), limit("10")) == (1, 10)
    for read, text in ((duration_ms, "week"), (budget, "0/day"), (day, "today"), (limit, "0"), (limit, "-1")):
        with pytest.raises(argparse.ArgumentTypeError, match="write it like"):
            read(text)


def test_pack_check_names_mistakes_in_mappings_and_cases(files, capsys):
    (files[0] / "sources").mkdir()
    (files[0] / "sources" / "till.yaml").write_text("source: till\ncolour: red\n", encoding="utf-8")
    assert call("pack", "check", files[0], "--json") == 1
    out = capsys.readouterr().out
    assert f"{files[0]}/sources/till.yaml:2: error: unknown key “colour”" in out
    found = json.loads(out.splitlines()[-1])
    assert (found["pack"], {each["file"] for each in found["problems"]}) == (None, {"sources/till.yaml"})


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/nosuch/x.parquet", "there is no folder /nosuch"),
        ("x.csv", "give the file the ending .parquet"),
    ],
)
def test_a_target_that_can_not_be_written_is_refused_before_the_run(files, capsys, target, message):
    assert call("replay", "--pack", files[0], "--events", files[1], "--out", target) == 1
    assert message in capsys.readouterr().err


def test_pack_check_says_that_it_stopped_before_mappings_and_cases(files, capsys):
    (files[0] / "rules.yaml").write_text("- hello\n", encoding="utf-8")
    assert call("pack", "check", files[0]) == 1
    assert "sources and cases.yaml are read once these errors are mended" in capsys.readouterr().out


def test_bad_rows_are_told_by_reason_and_do_not_stop_the_others(files, capsys):
    files[1].write_text(EVENTS + "c,2026-03-03 09:00,1,1,,0\nd,2026-03-03 09:00,1,1,,0\n", encoding="utf-8")
    assert call("replay", "--pack", files[0], "--events", files[1], "--backend", "python", "--json") == 0
    printed = capsys.readouterr()
    assert printed.err.count("rows are counted from 0") == 1
    assert f"{files[1]}: 2 rows (2, 3): amount_minor is missing" in printed.err
    [reason] = json.loads(printed.out.splitlines()[-1])["bad_reasons"]
    assert (reason["code"], reason["field"], reason["rows"], reason["first"]) == ("missing", "amount_minor", 2, [2, 3])


@pytest.mark.parametrize("rows", ["a,2026-03-01 09:00,1,1,x,0\n", ""])
@pytest.mark.parametrize("command", ["replay", "backtest"])
def test_when_nothing_could_be_read_the_columns_are_named(files, capsys, command, rows):
    files[1].write_text(EVENTS.splitlines()[0] + "\n" + rows, encoding="utf-8")
    assert call(command, "--pack", files[0], "--events", files[1]) == 1
    err = capsys.readouterr().err
    assert "has the columns id, paid_at, card, device, amount_minor, bad" in err
    assert "choose another mapping with --source" in err
