import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from liandun.parties.refusals import PartyError
from liandun.parties.sheets import read_table, write_table
from liandun.parties.words import ORGANISATION_COLUMNS

FORMS = ("xlsx", "csv", "csv-gb18030")
CELLS = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=12).filter(
    lambda text: not text.startswith("'")
)
"""What a cell may hold; XLSX can't hold control characters, and spaces around a text don't count."""


def values(rows):
    return [tuple(row.values.values()) for row in rows]


@pytest.mark.parametrize("form", FORMS)
@given(rows=st.lists(st.tuples(*[CELLS] * 5).filter(any), max_size=5))
def test_what_was_written_is_read_again(form, rows):
    content = write_table(ORGANISATION_COLUMNS, rows, form=form)
    assert values(read_table(content, ORGANISATION_COLUMNS, ("code",))) == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_comes_in_many_forms(encoding, separator):
    content = f"名称{separator}code\r\n网络部{separator}N\r\n\r\n".encode(encoding)
    assert [(row.number, row.values) for row in read_table(content, ORGANISATION_COLUMNS, ())] == [
        (2, {"title_zh": "网络部", "code": "N"})
    ]


@pytest.mark.parametrize("form", FORMS[1:])
def test_no_cell_is_a_formula(form):
    content = write_table(ORGANISATION_COLUMNS, [("=1+1", "@x", "-x", "+86 138", "-5")], form=form)
    assert content.splitlines()[1] == b"'=1+1,'@x,'-x,+86 138,-5"


def test_a_number_in_a_workbook_is_read_as_it_looks():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编码", "名称"])
        sheet.write_row(1, 0, [13812345678, 1.5])
    assert values(read_table(content.getvalue(), ORGANISATION_COLUMNS, ())) == [("13812345678", "1.5")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 broken", "file"),
        (b"\xd0\xcf\x11\xe0 broken", "file"),
        (b"\x00\x01\x02", "file"),
        (b"\xff\xff", "file"),
        ("编码,名称\n".encode() + b'"open', "file"),
        ("名称\n网络部".encode(), "columns"),
        (b"", "columns"),
        ("编码\n".encode() + b"x\n" * 100_001, "file_size"),
    ],
)
def test_what_is_no_such_table_is_refused(content, code):
    with pytest.raises(PartyError) as refused:
        read_table(content, ORGANISATION_COLUMNS, ("code",))
    assert refused.value.code == code


def test_a_workbook_that_unpacks_to_a_giant_is_refused(monkeypatch):
    monkeypatch.setattr("liandun.parties.sheets.MOST_BYTES", 1000)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * 2000)
    with pytest.raises(PartyError) as refused:
        read_table(content.getvalue(), ORGANISATION_COLUMNS, ("code",))
    assert refused.value.code == "file_size"
