"""Tables that people bring and take: XLSX, and CSV in UTF-8 or GB18030, with Chinese or English column words."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import python_calamine
import xlsxwriter

from liandun.parties.refusals import PartyError
from liandun.parties.words import Words, code_of

MOST_ROWS = 100_000
MOST_BYTES = 256 * 1024 * 1024
"""Most bytes of a workbook once unpacked: a small file can pretend to be a huge one."""

Form = Literal["xlsx", "csv", "csv-gb18030"]

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d ().-]*$)")
_GUARDED = re.compile(r"'[=@\t\r+-]")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table.

    Attributes:
        number: as the program shows it; the header is 1.
        values: code of the column → text; missing columns are missing.
    """

    number: int
    values: dict[str, str]


def read_table(content: bytes, columns: Words, required: Sequence[str]) -> list[TableRow]:
    """The rows of the first sheet, empty ones left out, columns in any order.

    Args:
        columns: code → (zh, en), each of which may stand in the header; other columns are ignored.

    Raises:
        PartyError: no table, too large, or a required column is missing.
    """
    lines = _workbook_lines(content) if content.startswith(_WORKBOOKS) else _csv_lines(content)
    if len(lines) > MOST_ROWS + 1:
        raise PartyError("file_size", rows=MOST_ROWS)
    header = [code_of(columns, text) for text in (lines[0] if lines else [])]
    if missing := [columns[code] for code in required if code not in header]:
        raise PartyError("columns", columns="、".join(f"{zh} ({en})" for zh, en in missing))
    return [
        TableRow(number, {code: text for code, text in zip(header, line, strict=False) if code})
        for number, line in enumerate(lines[1:], 2)
        if any(line)
    ]


def _workbook_lines(content: bytes) -> list[list[str]]:
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > MOST_BYTES:
                    raise PartyError("file_size", rows=MOST_ROWS)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError, IndexError) as error:
        raise PartyError("file") from error
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    """A cell's text; Excel keeps numbers such as 13812345678 as fractions."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _unguarded(str(value).strip())


def _csv_lines(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(",\t;，", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return [[_unguarded(cell.strip()) for cell in row] for row in rows]
    except csv.Error as error:
        raise PartyError("file") from error


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise PartyError("file")


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def write_table(columns: Words, rows: Iterable[Sequence[str]], *, form: Form, language: str = "zh-hans") -> bytes:
    """A table with a header in the language; no cell is ever taken for a formula.

    Args:
        rows: texts in the order of `columns`.
        form: "csv" is UTF-8 with a mark by which Excel knows it.
    """
    header = [words[0 if language.startswith("zh") else 1] for words in columns.values()]
    if form == "xlsx":
        return _workbook(header, rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([f"'{cell}" if _FORMULA.match(cell) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if form == "csv" else "gb18030")


def _workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    content = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, plain) as book:
        sheet = book.add_worksheet()
        as_text = book.add_format({"num_format": "@"})
        sheet.set_column(0, len(header) - 1, 18, as_text)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, as_text)
    return content.getvalue()
