"""Where engine images lie, and which is the newest that may be trusted. What is in one is the engine's business.

An image is `NUMBER.image` with `NUMBER.json` beside it, written last: the journal's head that the image includes, the
packs it ran, and a check sum. Start = newest valid image + the journal's records behind it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from liandun.replay.journal_chain import Head, head_after
from liandun.replay.journal_codec import UNREADABLE, Packs, packs_from
from liandun.replay.journal_files import read_records

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Image:
    """An engine image.

    Attributes:
        path: the file that the engine wrote.
        head: the journal's end that it includes; go on with `records(from_seq=head.seq + 1)`.
        packs: what decided then.
    """

    path: Path
    head: Head
    packs: Packs


def write_image(folder: Path, head: Head, packs: Packs, save: Callable[[Path], None]) -> Image:
    """Keep an image of the engine as it is behind `head`, durably; older ones but one are deleted.

    Args:
        save: writes the engine to the path it is given.

    Raises:
        OSError: it can't be written; older images are untouched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    image = Image(folder / f"{head.seq:020}.image", head, packs)
    partial = image.path.with_suffix(".partial")
    save(partial)
    _sync(partial)
    about = {
        "seq": head.seq,
        "hash": head.hash.hex(),
        "arrived": head.arrived,
        "packs": asdict(packs),
        "sha256": _checksum(partial),
    }
    partial.replace(image.path)
    note = image.path.with_suffix(".partial")
    note.write_text(json.dumps(about), encoding="utf-8")
    _sync(note)
    note.replace(image.path.with_suffix(".json"))
    _sync(folder)
    kept = {note.stem for note in sorted(folder.glob("*.json"))[-_KEPT:]}
    for path in folder.iterdir():
        if path.stem not in kept:
            path.unlink()
    return image


def newest_image(folder: Path, journal: Path) -> Image | None:
    """The newest image that is whole and is of this journal; None = begin with the journal's first record.

    Args:
        folder: where images lie.
        journal: the journal's folder; the image's head must be a record in it.
    """
    for note in sorted(folder.glob("*.json"), reverse=True):
        image = _read(note)
        if image is not None and _is_of(image.head, journal):
            return image
    return None


def _read(note: Path) -> Image | None:
    path = note.with_suffix(".image")
    try:
        about = json.loads(note.read_bytes())
        head = Head(int(about["seq"]), bytes.fromhex(about["hash"]), int(about["arrived"]))
        return Image(path, head, packs_from(about["packs"])) if _checksum(path) == about["sha256"] else None
    except (*UNREADABLE, OSError):
        return None


def _is_of(head: Head, journal: Path) -> bool:
    with closing(read_records(journal, head.seq)) as records:
        record = next(records, None)
    return record is not None and head_after(record) == head


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
