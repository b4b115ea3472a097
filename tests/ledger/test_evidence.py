"""A file is what its bytes say; a picture keeps nothing but what one sees; what is kept is never overwritten."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from liandun.ledger import evidence
from liandun.ledger.evidence import (
    DOCX,
    XLSX,
    EvidenceError,
    evidence_path,
    fault_of,
    recognise,
    redrawn,
    store,
)

SECRET = b"GPS 40.84N 111.75E"


def picture(format: str, size=(8, 4), mode="RGB", **more) -> bytes:
    """Left half red, right half blue."""
    image = Image.new(mode, size, "red" if mode in ("RGB", "RGBA") else 0)
    if mode == "RGB":
        image.paste("blue", (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, format, **more)
    return file.getvalue()


def archive(*names: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "<a/>")
    return file.getvalue()


FILES = {
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/webp": picture("WEBP"),
    "application/pdf": b"%PDF-1.7\n%%EOF\n",
    DOCX: archive("[Content_Types].xml", "word/document.xml"),
    XLSX: archive("[Content_Types].xml", "xl/workbook.xml"),
}


@pytest.mark.parametrize("type", FILES)
def test_a_file_has_the_type_of_its_bytes_whatever_its_name_says(type):
    assert recognise(FILES[type], "report.txt") == type


@pytest.mark.parametrize(
    ("content", "name", "type"),
    [
        ("编号,金额\n1,2\n".encode(), "a.csv", "text/csv"),
        ("编号".encode("gb18030"), "A.TXT", "text/plain"),
    ],
)
def test_texts_and_tables_are_told_apart_by_their_names(content, name, type):
    assert recognise(content, name) == type


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><script>alert(1)</script>", "a.jpg", "a.jpg is refused"),
        (b"MZ\x90\0" + bytes(60), "a.txt", "a.txt is refused"),
        (b"\x7fELF" + bytes(60), "a.csv", "a.csv is refused"),
        (b"GIF89a" + bytes(20), "a.gif", "image/gif"),
        (b"hello", "a", "send JPEG, PNG"),
        (archive("a.txt"), "a.docx", "is an archive"),
        (archive("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"), "a.docx", "is an archive"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx", "holds macros"),
        (b"PK\3\4" + bytes(60), "a.docx", "is damaged"),
    ],
)
def test_what_is_not_accepted_is_refused_with_a_word_on_what_to_do(content, name, words):
    with pytest.raises(EvidenceError, match=words):
        recognise(content, name)


def test_an_archive_that_swells_is_refused(monkeypatch):
    monkeypatch.setattr(evidence, "MOST_UNPACKED", 7)
    with pytest.raises(EvidenceError, match="swells"):
        recognise(FILES[DOCX], "a.docx")


@given(st.binary(min_size=1, max_size=200), st.sampled_from(["a.txt", "a.docx", "a.jpg", ""]))
def test_no_bytes_do_more_than_be_refused(content, name):
    try:
        type = recognise(content, name)
    except EvidenceError:
        return
    assert type in {*FILES, "text/plain", "text/csv"}


def with_exif(format: str, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET.decode()
    return picture(format, exif=exif, icc_profile=b"profile of " + SECRET)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_exif_profiles_and_bytes_behind_the_end_are_gone(format):
    content = with_exif(format) + b"PK\3\4" + SECRET
    clean = redrawn(content, "a", format)
    assert SECRET in content
    assert SECRET not in clean
    with Image.open(BytesIO(clean)) as image:
        assert (image.format, image.size, dict(image.getexif())) == (format, (8, 4), {})
        assert "icc_profile" not in image.info


def test_text_in_a_png_is_gone():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET.decode())
    assert SECRET not in redrawn(picture("PNG", pnginfo=words), "a.png", "PNG")


def test_a_picture_stands_as_the_camera_was_held():
    clean = redrawn(with_exif("PNG", orientation=6), "a.png", "PNG")
    with Image.open(BytesIO(clean)) as image:
        assert image.size == (4, 8)
        assert (image.getpixel((0, 0)), image.getpixel((0, 7))) == ((255, 0, 0), (0, 0, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_mode_are_redrawn(mode):
    format = "JPEG" if mode == "CMYK" else "PNG"
    with Image.open(BytesIO(redrawn(picture(format, mode=mode), "a", format))) as image:
        assert image.size == (8, 4)


def test_a_transparent_palette_stays_transparent():
    with Image.open(BytesIO(redrawn(picture("PNG", mode="P", transparency=0), "a.png", "PNG"))) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0


def test_a_moving_picture_and_a_broken_one_are_refused():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(EvidenceError, match="moves"):
        redrawn(file.getvalue(), "a.webp", "WEBP")
    for format in ("JPEG", "PNG", "WEBP"):
        with pytest.raises(EvidenceError, match="can't be drawn"):
            redrawn(picture(format, size=(200, 200))[:90], "a", format)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn(monkeypatch):
    monkeypatch.setattr(evidence, "MOST_PIXELS", 31)
    with pytest.raises(EvidenceError, match="more than 31 pixels"):
        redrawn(picture("PNG"), "a.png", "PNG")


def keep(content: bytes, data, name="a.txt"):
    return store(file=BytesIO(content), name=name, data=data)


def test_content_is_kept_once_under_its_hash_and_can_t_be_written(tmp_path):
    first, second = keep(b"hello\n", tmp_path), keep(b"hello\n", tmp_path, "b.txt")
    digits = sha256(b"hello\n").hexdigest()
    path = tmp_path / "evidence" / digits[:2] / digits[2:]
    assert first == second
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"hello\n", 0o440)
    assert [each for each in (tmp_path / "evidence").rglob("*") if each.is_file()] == [path]


def test_a_missing_or_altered_file_is_told_and_never_written_over(tmp_path):
    kept = keep(b"hello\n", tmp_path)
    path = evidence_path(tmp_path, kept.sha256)
    assert fault_of(tmp_path, kept.sha256, kept.size) is None
    path.chmod(0o640)
    for changed in (b"hellO\n", b"hello\n\n"):
        path.write_bytes(changed)
        assert fault_of(tmp_path, kept.sha256, kept.size) == "altered"
        with pytest.raises(EvidenceError, match="was altered since"):
            keep(b"hello\n", tmp_path)
    path.unlink()
    assert fault_of(tmp_path, kept.sha256, kept.size) == "missing"


def test_too_large_and_empty_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_BYTES", 5)
    with pytest.raises(EvidenceError, match="larger than"):
        keep(b"hello\n", tmp_path)
    with pytest.raises(EvidenceError, match="is empty"):
        keep(b"", tmp_path)
    assert list(tmp_path.iterdir()) == []
