"""Files that prove something: recognised by their bytes, images written anew, kept under their SHA-256.

Nothing of a file's name is kept (it may name a person), nor what a camera wrote beside the picture.
"""

from __future__ import annotations

import os
import secrets
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePath
from typing import IO

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 32 << 20
MOST_PIXELS = 64_000_000
MOST_UNPACKED = 256 << 20
_MOST_PARTS = 5000
_QUALITY = 90
_BLOCK = 1 << 20

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_TEXTS = {".txt": "text/plain", ".csv": "text/csv"}
_IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_PLAIN_MODES = {"1": "1", "L": "L", "RGB": "RGB", "RGBA": "RGBA", "I;16": "I;16", "CMYK": "RGB", "YCbCr": "RGB"}
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f"))
_ACCEPTED = "JPEG, PNG, WebP, PDF, DOCX, XLSX, TXT or CSV"


class EvidenceError(Exception):
    """A file is refused, or what was kept is missing or altered; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the folder of evidence: its hash, size in bytes and MIME type, after images were written anew."""

    sha256: bytes
    size: int
    type: str


def store(*, file: IO[bytes], name: str, data: Path) -> Stored:
    """Check a file, clean it and put it into the folder; done before any transaction, because it takes time.

    Args:
        file: open for reading; at most 32 MiB.
        name: as its owner called it; tells texts from tables, and stands in errors.
        data: the data folder.

    Raises:
        EvidenceError: too large, empty, of a type that is not accepted, or not what it seems to be.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise EvidenceError(f"{name} is larger than {MOST_BYTES >> 20} MiB: send it in parts")
    if not content:
        raise EvidenceError(f"{name} is empty")
    type = recognise(content, name)
    if type in _IMAGES:
        content = redrawn(content, name, _IMAGES[type])
    stored = Stored(sha256(content).digest(), len(content), type)
    _write_once(content, stored, data)
    return stored


def evidence_path(data: Path, hash: bytes) -> Path:
    """Where the content of this SHA-256 lies, as in evidence/ab/cdef01."""
    digits = hash.hex()
    return data / "evidence" / digits[:2] / digits[2:]


def fault_of(data: Path, hash: bytes, size: int) -> str | None:
    """What is wrong with a file that was kept: "missing", "altered", or None."""
    try:
        with evidence_path(data, hash).open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                return "altered"
            digest = sha256()
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return "missing"
    return None if digest.digest() == hash else "altered"


def recognise(content: bytes, name: str) -> str:
    """The MIME type that the bytes have, whatever the name says; only of texts the name decides which.

    Raises:
        EvidenceError: none that is accepted.
    """
    try:
        found = puremagic.magic_string(content)[0].mime_type
    except (puremagic.PureError, ValueError):
        found = ""
    if found in _IMAGES or found == "application/pdf":
        return found
    if content.startswith(b"PK"):
        return _office_type(content, name)
    suffix = PurePath(name).suffix.lower()
    if suffix in _TEXTS and _is_text(content):
        return _TEXTS[suffix]
    raise EvidenceError(f"{name} is refused{f' ({found})' if found else ''}: send {_ACCEPTED}")


def _is_text(content: bytes) -> bool:
    if content.translate(None, _CONTROL) != content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _office_type(content: bytes, name: str) -> str:
    """DOCX or XLSX; any other zip is refused, and so are macros and zips that swell."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            listed = parts.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise EvidenceError(f"{name} is damaged: save it again and send the new file") from error
    names = {part.filename for part in listed}
    types = [type for part, type in _MAIN_PARTS.items() if part in names]
    if "[Content_Types].xml" not in names or len(types) != 1:
        raise EvidenceError(f"{name} is an archive: unpack it and send its files")
    if any(PurePath(each).name.lower() == "vbaproject.bin" for each in names):
        raise EvidenceError(f"{name} holds macros: save it as .docx or .xlsx")
    swollen = sum(part.file_size for part in listed) > MOST_UNPACKED or len(listed) > _MOST_PARTS
    if swollen or any(part.flag_bits & 1 for part in listed):
        raise EvidenceError(f"{name} is locked, or swells when it is unpacked: save it again without a password")
    return types[0]


def redrawn(content: bytes, name: str, format: str) -> bytes:
    """The same picture, written anew: turned as the camera said, without EXIF, profiles, or bytes behind its end.

    Raises:
        EvidenceError: it can't be drawn, moves, or has too many pixels.
    """
    try:
        with Image.open(BytesIO(content), formats=[format]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise EvidenceError(f"{name} has more than {MOST_PIXELS:,} pixels: send a smaller one")
            if format != "JPEG" and getattr(image, "n_frames", 1) > 1:
                raise EvidenceError(f"{name} moves: send its pictures one by one")
            clean = _plain(ImageOps.exif_transpose(image))
    except EvidenceError:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise EvidenceError(f"{name} can't be drawn: take the picture again, or save it anew") from error
    written = BytesIO()
    clean.save(written, format, quality=_QUALITY) if format != "PNG" else clean.save(written, format)
    return written.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """Pixels only: what stands beside them in `info` does not come along."""
    has_alpha = "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa")
    mode = "RGBA" if has_alpha else _PLAIN_MODES.get(image.mode, "RGB")
    pixels = image if image.mode == mode else image.convert(mode)
    return Image.frombytes(mode, pixels.size, pixels.tobytes())


def _write_once(content: bytes, stored: Stored, data: Path) -> None:
    """Durable and whole under its final name, or not there; a file that is there already stays as it is."""
    path = evidence_path(data, stored.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _demand_sound(stored, data)
        return
    beside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _name(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _name(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)  # unlike a rename it can't overwrite
    except FileExistsError:
        return  # somebody kept the same content at the same moment


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _demand_sound(stored: Stored, data: Path) -> None:
    if fault_of(data, stored.sha256, stored.size) is not None:
        place = evidence_path(data, stored.sha256)
        raise EvidenceError(f"{place} was altered since it was kept: put it back from a back-up, then send it again")
