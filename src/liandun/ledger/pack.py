"""A sealed pack of the ledger: one zip that proves itself without the platform. What it holds: docs/en/ledger.md.

Its last 64 bytes are the SHA-256 of all before them, so that no byte can change unnoticed, not even one of the zip.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from hashlib import sha256
from lzma import LZMAError
from pathlib import Path
from struct import error as StructError
from typing import IO, Any

from liandun.ledger.chain import NAMES, Entry, values_of
from liandun.ledger.facts import canonical
from liandun.ledger.proof import NOTHING_KEPT, Kept, Proof, Signed, Unsound

FORMAT = "liandun ledger pack 1"
ENTRIES, CHECKPOINTS, EVIDENCE, MANIFEST = "entries.ndjson", "checkpoints.ndjson", "evidence.ndjson", "manifest.json"
_SEAL = 64
_LONGEST_LINE = 1 << 20
_BLOCK = 1 << 20
_TYPES = {"str": str, "int": int, "bool": bool}
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    StructError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    OverflowError,
    NotImplementedError,  # a changed byte asks for another method of packing,
    RuntimeError,  # or for a password
)


class PackError(Exception):
    """The file is no pack of the ledger, or none can be written there."""


def write_pack(
    out: Path, entries: Iterable[tuple[Entry, bytes]], signed: Sequence[Signed], *, tell: Callable[[int], None]
) -> Proof:
    """Write a pack of a whole chain, whole or not at all, and prove it on the way.

    Args:
        out: must not exist yet.
        entries: from number 1 to the last checkpoint.
        tell: is told the number reached, every now and then.

    Raises:
        PackError: `out` exists.
        Unsound: the chain does not hold.
    """
    if out.exists():
        raise PackError(f"{out} exists already: name a new file")
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(beside, "x", zipfile.ZIP_DEFLATED) as pack:
            proof = _fill(pack, entries, signed, tell)
        _seal(beside)
        beside.rename(out)
    finally:
        beside.unlink(missing_ok=True)
    return proof


def _fill(
    pack: zipfile.ZipFile,
    entries: Iterable[tuple[Entry, bytes]],
    signed: Sequence[Signed],
    tell: Callable[[int], None],
) -> Proof:
    proof, digests = Proof(), {}
    with pack.open(ENTRIES, "w", force_zip64=True) as file:
        copy = _Copy(file)
        proof.walk(copy.each(entries), signed, tell)
    _demand_signed_end(proof)
    digests[ENTRIES] = copy.digest.hexdigest()
    for name, lines in ((CHECKPOINTS, map(_signed_line, signed)), (EVIDENCE, _evidence_lines(proof))):
        text = b"".join(lines)
        pack.writestr(name, text)
        digests[name] = sha256(text).hexdigest()
    pack.writestr(MANIFEST, _manifest(proof, digests))
    pack.comment = b"0" * _SEAL
    return proof


class _Copy:
    """Writes entries as lines while somebody else walks them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = sha256()

    def each(self, entries: Iterable[tuple[Entry, bytes]]) -> Iterator[tuple[Entry, bytes]]:
        for entry, said in entries:
            line = canonical(values_of(entry) | {"hash": said.hex()}).encode() + b"\n"
            self.file.write(line)
            self.digest.update(line)
            yield entry, said


def _demand_signed_end(proof: Proof) -> None:
    if proof.signed != proof.number:
        raise Unsound(f"entry {proof.signed + 1}", "unsigned", proof.signed + 1)


def _signed_line(signed: Signed) -> bytes:
    values = {name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(signed).items()}
    return canonical(values).encode() + b"\n"


def _evidence_lines(proof: Proof) -> Iterator[bytes]:
    return (canonical(piece).encode() + b"\n" for piece in proof.evidence.values())


def _manifest(proof: Proof, digests: dict[str, str]) -> bytes:
    values = {
        "format": FORMAT,
        "entries": proof.number,
        "head": proof.hash.hex(),
        "checkpoints": proof.checkpoints,
        "evidence": len(proof.evidence),
        "keys": sorted(key.hex() for key in proof.keys),
        "files": digests,
    }
    return canonical(values).encode() + b"\n"


def _seal(path: Path) -> None:
    """Put the hash of all before it where the comment at the end of the zip stands, and make it durable."""
    with path.open("r+b") as file:
        seal = _digest(file)
        file.seek(-_SEAL, os.SEEK_END)
        file.write(seal)
        file.flush()
        os.fsync(file.fileno())


def _digest(file: IO[bytes]) -> bytes:
    """The hash of all but the last 64 bytes, in hex."""
    left = file.seek(0, os.SEEK_END) - _SEAL
    file.seek(0)
    digest = sha256()
    while left > 0:
        block = file.read(min(left, _BLOCK))
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


def verify_pack(path: Path, *, kept: Kept = NOTHING_KEPT, tell: Callable[[int], None]) -> Proof:
    """Prove a pack; what does not hold first stands in the proof's `fault`.

    Args:
        kept: heads and keys from elsewhere; without a key, whoever wrote the chain anew could have signed it anew.
        tell: is told the number reached, every now and then.

    Raises:
        PackError: the file is no zip at all, or can't be read.
    """
    if path.is_dir():
        raise PackError(f"{path} is a folder, not a pack: a data folder is named with --data")
    proof = Proof(kept)
    try:
        with path.open("rb") as file:
            _prove(file, proof, tell)
    except OSError as error:
        raise PackError(f"{path}: {error.strerror or error}") from error
    except Unsound as error:
        proof.fault = error.fault
    return proof


def _prove(file: IO[bytes], proof: Proof, tell: Callable[[int], None]) -> None:
    """Walk the pack first, so that a broken row is named; then look at the bytes of the zip around it."""
    if file.read(2) != b"PK":
        raise PackError(f"{file.name} is no pack of the ledger: `liandun ledger export` writes one")
    try:
        with zipfile.ZipFile(file) as pack:
            _prove_parts(pack, proof, tell)
    except (*_UNREADABLE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk's fault, not the pack's: zipfile seeks before the file's start, bz2 gives no number
        raise Unsound(f"the pack behind entry {proof.number}", "damaged") from error
    sealed = _digest(file)
    if file.read() != sealed:
        raise Unsound("the pack", "damaged")


def _prove_parts(pack: zipfile.ZipFile, proof: Proof, tell: Callable[[int], None]) -> None:
    if pack.namelist() != [ENTRIES, CHECKPOINTS, EVIDENCE, MANIFEST]:
        raise Unsound("the list of parts", "contents")
    digests = {name: sha256() for name in (ENTRIES, CHECKPOINTS, EVIDENCE)}
    signed = [_read_signed(line, place) for line, place in _lines(pack, CHECKPOINTS, digests)]
    proof.walk((_read_entry(line, place) for line, place in _lines(pack, ENTRIES, digests)), signed, tell)
    _demand_signed_end(proof)
    said = [line for line, _ in _lines(pack, EVIDENCE, digests)]
    for line, (uid, piece) in zip(said, proof.evidence.items(), strict=False):
        if line != canonical(piece).encode() + b"\n":
            raise Unsound(f"evidence {uid}", "evidence")
    if len(said) != len(proof.evidence):
        raise Unsound(EVIDENCE, "contents")
    with pack.open(MANIFEST) as file:
        found = file.read(_LONGEST_LINE)
    if found != _manifest(proof, {name: digest.hexdigest() for name, digest in digests.items()}):
        raise Unsound(MANIFEST, "contents")


def _lines(pack: zipfile.ZipFile, name: str, digests: dict[str, Any]) -> Iterator[tuple[bytes, str]]:
    """Each line with its name for people."""
    word = {ENTRIES: "entry", CHECKPOINTS: "line", EVIDENCE: "line"}[name]
    where = "" if name == ENTRIES else f" of {name}"
    with pack.open(name) as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            digests[name].update(line)
            yield line, f"{word} {number}{where}"


def _read_entry(line: bytes, place: str) -> tuple[Entry, bytes]:
    values, said = _read(line, place), b""
    try:
        said = bytes.fromhex(values.pop("hash"))
        entry = Entry(**values)
        typed = all(type(getattr(entry, each.name)) is _TYPES[str(each.type)] for each in fields(Entry))
    except (ValueError, KeyError, TypeError) as error:
        raise Unsound(place, "unreadable", _number(place)) from error
    if not typed or tuple(sorted(values)) != tuple(sorted(NAMES)) or len(said) != len(sha256().digest()):
        raise Unsound(place, "unreadable", _number(place))
    return entry, said


def _read_signed(line: bytes, place: str) -> Signed:
    values = _read(line, place)
    try:
        number, at = values.pop("number"), values.pop("at")
        signed = Signed(number=number, at=at, **{name: bytes.fromhex(value) for name, value in values.items()})
    except (ValueError, KeyError, TypeError) as error:
        raise Unsound(place, "unreadable") from error
    if type(number) is not int or type(at) is not str:
        raise Unsound(place, "unreadable")
    return signed


def _read(line: bytes, place: str) -> dict[str, Any]:
    """The values of a line that is written in the one way there is."""
    try:
        values = json.loads(line)
        canonical_line = canonical(values).encode() + b"\n"
    except (ValueError, RecursionError) as error:
        raise Unsound(place, "unreadable", _number(place)) from error
    if not isinstance(values, dict) or canonical_line != line:
        raise Unsound(place, "unreadable", _number(place))
    return values


def _number(place: str) -> int | None:
    return int(place.removeprefix("entry ")) if place.startswith("entry ") else None
