"""Parquet, CSV and NDJSON files as tables."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandun.replay.formats import FileError, column_names, is_json, json_columns, read_bytes, read_columns


def test_only_the_columns_asked_for_are_read(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "x.parquet")
    assert column_names(tmp_path / "x.parquet") == ["a", "b"]
    assert read_columns(tmp_path / "x.parquet", ["b"]).to_pylist() == [{"b": 2}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_keeps_every_text_as_it_was_written(tmp_path, encoding):
    (tmp_path / "x.csv").write_bytes('卡号,地点\n007,"呼和浩特, 西"\n'.encode(encoding))
    assert column_names(tmp_path / "x.csv") == ["卡号", "地点"]
    assert read_columns(tmp_path / "x.csv", ["卡号", "地点"]).to_pylist() == [{"卡号": "007", "地点": "呼和浩特, 西"}]


def test_a_packed_file_is_unpacked(tmp_path):
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(b'{"a":1}\n{"b":2}\n'))
    assert read_columns(tmp_path / "x.csv.gz", ["a"]).to_pylist() == [{"a": "1"}]
    assert column_names(tmp_path / "x.ndjson.gz") == ["a", "b"]
    assert read_bytes(tmp_path / "x.ndjson.gz").startswith(b'{"a"')
    assert is_json(tmp_path / "x.ndjson.gz")


def test_members_of_lines_become_columns():
    lines = b'{"fraud":1}\nnot json\n{"fraud":true}\n{}'
    assert json_columns(lines, ["fraud"]).column("fraud").to_pylist() == ["1", None, "true", None]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.xlsx", b"", "events come as"),
        ("none.csv", None, "no such file"),
        ("x.parquet", b"no", "can't be read"),
        ("x.csv", b"a,b\n1\n", "can't be read"),
        ("x.csv", "a,b\n1,2\n".encode("utf-16"), "the text is UTF-16; save it as UTF-8"),
        ("x.csv", b"a,b\n1,\xff\xff\n", "neither UTF-8 nor GB 18030"),
    ],
)
def test_a_file_that_can_t_be_read_is_told(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=words):
        read_columns(tmp_path / name, ["a"])
