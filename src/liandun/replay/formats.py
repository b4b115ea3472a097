"""Files of rows as Arrow tables: Parquet, CSV and NDJSON; every CSV value stays the text that was written."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

_SAMPLE = 1 << 20
_BLOCK = 16 << 20
_FIRST_LINES = 20


class FileError(Exception):
    """A file of events that can't be read; the message says which, why and what to do."""


def column_names(file: Path) -> list[str]:
    """The columns that the file has; of NDJSON the members of its first rows."""
    try:
        kind = _kind(file)
        if kind == "parquet":
            return list(pa.parquet.read_schema(file).names)
        return _first_members(file) if kind == "json" else list(_open_csv(file).schema.names)
    except (OSError, pa.ArrowInvalid, UnicodeError) as error:
        raise _unreadable(file, error) from error


def read_columns(file: Path, names: Sequence[str]) -> Any:  # pyarrow has no types
    """These columns of a Parquet or CSV file as a pyarrow Table.

    Raises:
        FileError: the file can't be read.
    """
    try:
        if _kind(file) == "parquet":
            return pa.parquet.read_table(file, columns=list(names))
        return _open_csv(file, names).read_all()
    except (OSError, pa.ArrowInvalid, UnicodeError) as error:
        raise _unreadable(file, error) from error


def is_json(file: Path) -> bool:
    """Is it NDJSON, to be read line by line?"""
    return _kind(file) == "json"


def read_bytes(file: Path) -> bytes:
    """The file's bytes, unpacked."""
    try:
        with pa.input_stream(file, compression="detect") as stream:
            content: bytes = stream.read()
            return content
    except OSError as error:
        raise _unreadable(file, error) from error


def json_columns(body: bytes, names: Sequence[str]) -> Any:  # pyarrow has no types
    """Members of NDJSON lines as a pyarrow Table; missing where a line has none or is no object."""
    rows = [_object(line) for line in body.split(b"\n")] if names else []
    return pa.table({name: pa.array([_label(row.get(name)) for row in rows]) for name in names})


def _kind(file: Path) -> str:
    endings = [ending.lower() for ending in file.suffixes]
    ending = endings[-2] if endings[-1:] == [".gz"] and len(endings) > 1 else (endings or [""])[-1]
    kinds = {".parquet": "parquet", ".csv": "csv", ".ndjson": "json", ".jsonl": "json"}
    if ending not in kinds:
        raise FileError(f"{file}: events come as .parquet, .csv, .ndjson or .jsonl, the last three also as .gz")
    return kinds[ending]


def _unreadable(file: Path, error: Exception) -> FileError:
    if isinstance(error, FileNotFoundError):
        return FileError(f"{file}: there is no such file")
    if isinstance(error, UnicodeError):
        return FileError(f"{file}: the text is neither UTF-8 nor GB 18030; save it as UTF-8")
    return FileError(f"{file}: can't be read ({str(error)[:300]}); is it complete, and what its ending says?")


def _open_csv(file: Path, names: Sequence[str] | None = None) -> Any:
    """A CSV reader; with `names` of these columns only, each as a text."""
    texts = {name: pa.large_string() for name in names or ()}
    return pa.csv.open_csv(
        pa.input_stream(file, compression="detect"),
        read_options=pa.csv.ReadOptions(encoding=_encoding(file), block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types=texts, include_columns=list(names or ())),
    )


def _encoding(file: Path) -> str:
    """UTF-8, else what Chinese spreadsheets write."""
    sample = _sample(file)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _sample(file: Path) -> bytes:
    """How a file of text begins; UTF-16, which Excel calls Unicode text, is refused."""
    with pa.input_stream(file, compression="detect") as stream:
        sample: bytes = stream.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in sample[:4]:
        raise FileError(f"{file}: the text is UTF-16; save it as UTF-8 (in Excel: “CSV UTF-8”), or as GB 18030")
    return sample


def _first_members(file: Path) -> list[str]:
    lines = _sample(file).split(b"\n")[:_FIRST_LINES]
    return list(dict.fromkeys(name for line in lines for name in _object(line)))


def _object(line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _label(value: object) -> str | None:
    """A label as a mapping writes it."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
