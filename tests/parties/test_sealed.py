import pytest

from liandun.keyring.seal import SealError
from liandun.parties.models import Person
from liandun.parties.sealed import index_of, open_text, place_of, seal_text
from tests.parties.world import person


def test_a_text_opens_in_its_own_field_and_row_only(world):
    one, other = person("张三", phone="13812345678"), person("李四")
    assert open_text(Person.objects.get(pk=one.pk), "name") == "张三"
    other.name = one.name
    one.short = one.name
    for row, field in ((other, "name"), (one, "short")):
        with pytest.raises(SealError):
            open_text(row, field)


def test_no_personal_value_lies_open_in_the_table(world):
    made = person("张三", phone="13812345678", email="a@b.cn", staff_no="E1")
    row = Person.objects.filter(pk=made.pk).values().get()
    kept = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    assert not any(text.encode() in kept for text in ("张三", "13812345678", "a@b.cn"))


def test_an_empty_text_stays_empty():
    row = Person(pk=1)
    seal_text(row, "phone", "")
    assert (row.phone, open_text(row, "phone"), index_of("", "x")) == (b"", "", None)


def test_a_row_needs_its_id_first():
    assert place_of(Person(pk=17), "name") == "parties.person:17.name"
    with pytest.raises(ValueError, match="needs its id"):
        place_of(Person(), "name")
