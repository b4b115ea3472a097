"""The replay certificate: a journal with the packs that decided, sealed by a list of hashes; it verifies on its own.

docs/en/journal.md, "The certificate".
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from liandun.packs.catalogue import SHIPPED
from liandun.packs.load import load_pack
from liandun.replay.journal_chain import Head, JournalError, Kind, head_after
from liandun.replay.journal_codec import PackRef, Packs, decode_opening, decode_switch
from liandun.replay.journal_files import BEGIN, MARK, day_files, read_begin, read_records
from liandun.replay.journal_recovery import write_head

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was exported.

    Attributes:
        head: where the exported journal ends.
        packs: the packs in it.
        seal: SHA-256 (hex) of the manifest; whoever keeps it can tell later that nothing was changed.
    """

    head: Head
    packs: tuple[PackRef, ...]
    seal: str


def export(journal: Path, out: Path, find_pack: Callable[[PackRef], Path]) -> Certificate:
    """Write the journal in folder `journal` and its packs to `out`, a new folder, or a file if it ends in `.zip`.

    May run beside the writer; what is committed meanwhile may or may not be in it.

    Args:
        find_pack: the folder of a pack.

    Raises:
        JournalError: the journal is damaged, or `out` exists.
    """
    if out.exists():
        raise JournalError(f"{out} exists; name a new one")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as work:
        folder = Path(work, "certificate")
        head = _copy_journal(journal, folder / "journal")
        packs = packs_of(folder / "journal")
        for pack in packs:
            shutil.copytree(find_pack(pack), folder / "packs" / pack.name / pack.hash)
        seal = _seal(folder, head, packs)
        if out.suffix == ".zip":
            _zip(folder, Path(work, "certificate.zip")).rename(out)
        else:
            folder.rename(out)
    return Certificate(head, packs, seal)


def packs_of(journal: Path) -> tuple[PackRef, ...]:
    """Every pack that was ever in force in the journal, shadows too, in order of first appearance."""
    found: dict[PackRef, None] = {}
    for record in read_records(journal, kinds={Kind.OPEN, Kind.SWITCH}):
        packs = decode_switch(record.body) if record.kind is Kind.SWITCH else decode_opening(record.body).packs
        found.update(dict.fromkeys(_all(packs)))
    return tuple(found)


def pack_folder(packs: Path, wanted: PackRef) -> Path:
    """The folder of a pack: `packs/NAME/HASH` of the data folder, else the shipped pack if that is still the same.

    Raises:
        JournalError: neither is that pack.
    """
    for folder in (packs / wanted.name / wanted.hash, SHIPPED / wanted.name):
        if (folder / "pack.yaml").is_file() and load_pack(folder).hash == wanted.hash:
            return folder
    where = packs / wanted.name / wanted.hash
    raise JournalError(f"pack {wanted.name} {wanted.hash[:12]} is not here; put its folder at {where}")


def _all(packs: Packs | None) -> tuple[PackRef, ...]:
    return () if packs is None else (packs.pack, *packs.shadows)


@contextmanager
def opened(place: Path) -> Iterator[Path]:
    """The folder that has `journal/` and `packs/` in it: a data folder, a certificate, or a zipped one, unpacked.

    Raises:
        JournalError: there is no journal, or a certificate's files are not those that were sealed.
    """
    if place.suffix == ".zip" and place.is_file():
        with tempfile.TemporaryDirectory() as work:
            _unpack(place, Path(work))
            with opened(Path(work)) as folder:
                yield folder
        return
    folder = place.parent if place.name == "journal" else place
    journal_of(folder, place)
    if (folder / MANIFEST).exists():
        _check_seal(folder)
    yield folder


def journal_of(data: Path, named: Path | None = None) -> Path:
    """The folder `journal` in a data folder; `named` is what the user called that.

    Raises:
        JournalError: there is none.
    """
    if not (data / "journal").is_dir():
        raise JournalError(f"{named or data} has no journal; name a data folder or a certificate")
    return data / "journal"


def _unpack(place: Path, to: Path) -> None:
    try:
        with zipfile.ZipFile(place) as archive:
            archive.extractall(to)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise JournalError(f"is no whole zip file ({error}); fetch the certificate again", file=place.name) from error


def _copy_journal(journal: Path, to: Path) -> Head:
    """Copy the day files, each as one file that needs no log beside it, and say what they span; the head."""
    to.mkdir(parents=True)
    for path in day_files(journal):
        _copy_day(path, to / path.name)
    write_head(to / BEGIN, read_begin(journal))
    head = read_begin(to)
    for record in read_records(to):
        head = head_after(record)
    write_head(to / MARK, head)
    return head


def _copy_day(path: Path, to: Path) -> None:
    try:
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise JournalError(f"can't be copied: {error}", file=path.name) from error


def _seal(folder: Path, head: Head, packs: tuple[PackRef, ...]) -> str:
    """Write the manifest; its hash."""
    files = {path.relative_to(folder).as_posix(): _checksum(path) for path in _files(folder)}
    manifest = {
        "certificate": 1,
        "head": {"seq": head.seq, "hash": head.hash.hex(), "arrived": head.arrived},
        "packs": [asdict(pack) for pack in packs],
        "files": files,
    }
    content = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    (folder / MANIFEST).write_bytes(content)
    return sha256(content).hexdigest()


def _check_seal(folder: Path) -> None:
    try:
        sealed: dict[str, str] = dict(json.loads((folder / MANIFEST).read_bytes())["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError("is no list of sealed files", file=MANIFEST) from error
    for name, checksum in sealed.items():
        if not (folder / name).is_file():
            raise JournalError("is missing from the certificate", file=name)
        if _checksum(folder / name) != checksum:
            raise JournalError("is not the file that was sealed", file=name)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _zip(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return to
