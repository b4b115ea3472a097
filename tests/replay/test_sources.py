"""Source mappings: what is read, what is refused, and which one a file gets."""

from dataclasses import replace

import pytest

from liandun.packs.errors import PackError
from liandun.replay.sources import Column, Fold, only_stream, pack_sources, pick_source, plain_source, read_source
from tests.packs.sample import write
from tests.replay.intakes import MAPPING, pack


def refusals(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PackError) as error:
        read_source(pack(), text.encode(), "sources/till.yaml")
    return [(problem.place.line, problem.what.en) for problem in error.value.problems]


def test_a_mapping_is_read():
    source = read_source(pack(), MAPPING.encode(), "sources/till.yaml")
    columns = {column.name: column for column in source.columns}
    assert columns["amount_minor"] == Column("amount_minor", "amount", unit=100)
    assert columns["channel"].map == {"CP": "store", "CNP": "online"}
    assert source.label is not None
    assert (source.match, source.label.fraud) == (("no", "时间"), ("1",))


def test_folds_of_a_group_take_the_place_of_columns():
    group = "group: {by: [no], columns: {amount_minor: {sum: price, unit: 100}, mcc: {count: true}}}\n"
    source = read_source(pack(), (MAPPING.replace("mcc: 5411, ", "") + group).encode(), "sources/till.yaml")
    columns = {column.name: column for column in source.columns}
    assert source.group == ("no",)
    assert columns["amount_minor"] == Column("amount_minor", "price", unit=100, fold=Fold.SUM)
    assert columns["mcc"] == Column("mcc", "", fold=Fold.COUNT)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("  card:", "  kard:", 9, "no “kard”"),
        ("stream: payment", "stream: paymnt", 2, "no stream “paymnt”"),
        ("America/New_York", "America/Nowhere", 3, "no time zone"),
        ("unit: 100", "unit: 0", 8, "unit is 0"),
        ("  paid_at: {from: 时间}\n", "", 5, "where “paid_at” comes from"),
        ("constants: {mcc: 5411", "constants: {colour: 1", 13, "no “colour”"),
        ("source: till\n", "source: till\nkeys: maybe\n", 2, "keys is “maybe”"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, line, words):
    assert any(at == line and words in what for at, what in refusals(MAPPING.replace(old, new)))


def test_an_empty_mapping_is_refused():
    assert refusals("")[0][1] == "the file is empty"


def test_a_file_gets_the_mapping_that_its_columns_fit_best(tmp_path):
    folder = write(tmp_path)
    (folder / "sources").mkdir()
    (folder / "sources" / "till.yaml").write_text(MAPPING, encoding="utf-8")
    better = MAPPING.replace("source: till", "source: web").replace("match: [no, 时间]", "match: [no, 时间, web]")
    (folder / "sources" / "web.yaml").write_text(better, encoding="utf-8")
    here = replace(pack(), folder=folder)
    assert [source.name for source in pack_sources(here)] == ["till", "web"]
    assert pick_source(here, ["no", "时间", "amount"]).name == "till"
    assert pick_source(here, ["no", "时间", "web"]).name == "web"
    assert pick_source(here, ["id", "paid_at"]).name == "events"
    assert pick_source(here, [], "web").name == "web"
    with pytest.raises(PackError, match="tlil"):
        pick_source(here, [], "tlil")


def test_two_mappings_that_fit_alike_are_refused(tmp_path):
    folder = write(tmp_path)
    (folder / "sources").mkdir()
    for name in ("a", "b"):
        text = MAPPING.replace("source: till", f"source: {name}")
        (folder / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="fit a, b alike"):
        pick_source(replace(pack(), folder=folder), ["no", "时间"])


def test_the_packs_own_names_need_no_mapping():
    names = {column.name for column in plain_source(pack()).columns}
    assert {"id", "stream", "paid_at", "logged_at", "card", "amount_minor"} <= names
    assert only_stream(pack()) == "payment"
