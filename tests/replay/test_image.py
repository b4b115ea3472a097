"""The newest image that is whole and of this journal is the one to start from."""

import pytest

from liandun.replay.image import newest_image, write_image
from liandun.replay.journal_chain import Head, head_after
from liandun.replay.journal_codec import PackRef, Packs
from liandun.replay.journal_files import read_records
from tests.replay.days import write_journal

PACKS = Packs(PackRef("retail", "ab"), (PackRef("retail", "cd"),))


def writes(content):
    """An engine whose image is `content`."""

    def save(path):
        path.write_bytes(content)

    return save


@pytest.fixture
def journal(tmp_path):
    write_journal(tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def images(tmp_path, journal):
    """Three images were written, at the ends of the second, fourth and sixth record."""
    heads = [head_after(record) for record in read_records(journal)]
    for head in (heads[1], heads[3], heads[5]):
        write_image(tmp_path / "images", head, PACKS, writes(b"%d" % head.seq))
    return tmp_path / "images"


def test_the_newest_image_is_found_with_its_packs(images, journal):
    image = newest_image(images, journal)
    assert image is not None
    assert (image.head.seq, image.packs, image.path.read_bytes()) == (23, PACKS, b"23")


def test_only_the_two_newest_are_kept(images):
    assert len(list(images.iterdir())) == 4


@pytest.mark.parametrize("damage", ["image", "json"])
def test_a_damaged_image_is_passed_over(images, journal, damage):
    newest = max(images.glob(f"*.{damage}"))
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    image = newest_image(images, journal)
    assert image is not None
    assert image.head.seq == 16


def test_an_image_of_another_journal_is_passed_over(images, journal):
    write_image(images, Head(23, bytes(32), 0), PACKS, writes(b"other"))
    image = newest_image(images, journal)
    assert image is not None
    assert image.head.seq == 16


def test_an_image_beyond_the_journal_s_end_is_passed_over(images, journal):
    write_image(images, Head(999, bytes(32), 0), PACKS, writes(b"later"))
    image = newest_image(images, journal)
    assert image is not None
    assert image.head.seq == 23


def test_without_an_image_the_journal_s_first_record_is_the_start(tmp_path, journal):
    assert newest_image(tmp_path / "images", journal) is None


def test_a_failed_save_leaves_the_others(images, journal):
    def fail(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_image(images, Head(30, bytes(32), 0), PACKS, fail)
    image = newest_image(images, journal)
    assert image is not None
    assert image.head.seq == 23
