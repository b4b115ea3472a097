"""A sealed pack proves itself without the platform, and no byte of it can change unnoticed."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liandun.keyring.sign import public_key
from liandun.ledger.chain import GENESIS
from liandun.ledger.pack import PackError, verify_pack, write_pack
from liandun.ledger.proof import Fault, Kept, Unsound
from tests.ledger.test_proof import CHAIN, RING, SIGNED


def quiet(number):
    """Nobody waits for a test."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    path = tmp_path_factory.mktemp("packs") / "ledger.zip"
    write_pack(path, CHAIN, SIGNED, tell=quiet)
    return path


def rewritten(pack, out, part, change):
    """A pack whose part was changed by somebody who knows how to write a zip."""
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
        new.comment = old.comment
    return out


def test_a_pack_that_nobody_touched_is_sound(pack):
    proof = verify_pack(pack, kept=Kept({8: CHAIN[7][1]}, (public_key(RING),)), tell=quiet)
    assert proof.fault is None
    assert (proof.number, proof.hash, proof.checkpoints, len(proof.evidence)) == (20, CHAIN[-1][1], 2, 2)


def test_a_pack_of_an_empty_ledger_is_sound(tmp_path):
    write_pack(tmp_path / "empty.zip", [], [], tell=quiet)
    proof = verify_pack(tmp_path / "empty.zip", tell=quiet)
    assert (proof.fault, proof.number, proof.hash) == (None, 0, GENESIS)


def test_a_pack_is_verified_without_django(pack):
    code = (
        "import sys; from liandun.cli import main; status = main(['ledger', 'verify', sys.argv[1], '--json'])\n"
        "sys.exit(status or any(name.split('.')[0] in ('django', 'numpy', 'PIL') for name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(pack)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@given(st.data(), st.integers(1, 255))
def test_any_altered_byte_is_found(pack, data, change):
    content = bytearray(pack.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= change
    altered = pack.with_name("altered.zip")
    altered.write_bytes(content)
    try:
        assert verify_pack(altered, tell=quiet).fault is not None
    except PackError:
        assert content[:2] != b"PK"


def test_every_single_byte_counts(tmp_path):
    whole, altered = tmp_path / "whole.zip", tmp_path / "altered.zip"
    write_pack(whole, CHAIN[:8], SIGNED[:1], tell=quiet)
    content = whole.read_bytes()
    unnoticed = []
    for at in range(2, len(content)):
        altered.write_bytes(content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
        if verify_pack(altered, tell=quiet).fault is None:
            unnoticed.append(at)
    assert unnoticed == []


@given(st.data())
def test_a_pack_that_was_cut_off_is_found(pack, data):
    content = pack.read_bytes()
    cut = pack.with_name("cut.zip")
    cut.write_bytes(content[: data.draw(st.integers(2, len(content) - 1))])
    assert verify_pack(cut, tell=quiet).fault is not None


@given(st.integers(0, 19), st.sampled_from([(b"0192", b"0193"), (b'"exercise":false', b'"exercise":true')]))
@example(4, (b'\\"sha256\\":\\"ab\\"', b'\\"sha256\\":\\"ac\\"'))
def test_a_row_changed_by_somebody_who_can_write_a_zip_is_named(pack, at, words):
    def change(content):
        lines = content.splitlines(keepends=True)
        lines[at] = lines[at].replace(*words, 1)
        return b"".join(lines)

    out = rewritten(pack, pack.with_name("row.zip"), "entries.ndjson", change)
    assert verify_pack(out, tell=quiet).fault == Fault(f"entry {at + 1}", at + 1, "changed")


@pytest.mark.parametrize(
    ("part", "old", "new", "found"),
    [
        ("entries.ndjson", b'"number":3,', b'"number": 3,', Fault("entry 3", 3, "unreadable")),
        ("entries.ndjson", b'"number":3,', b'"number":"3",', Fault("entry 3", 3, "unreadable")),
        ("entries.ndjson", b'"number":1,', b'"number":true,', Fault("entry 1", 1, "unreadable")),
        ("entries.ndjson", b'{"actor"', b'{"aktor"', Fault("entry 1", 1, "unreadable")),
        ("entries.ndjson", b"\n{", b"\n[\n{", Fault("entry 2", 2, "unreadable")),
        (
            "checkpoints.ndjson",
            b'"number":8,',
            b'"number":"8",',
            Fault("line 1 of checkpoints.ndjson", None, "unreadable"),
        ),
        ("checkpoints.ndjson", b'"number":8,', b'"number":7,', Fault("checkpoint 7", 7, "checkpoint")),
        ("checkpoints.ndjson", b"T01:", b"T02:", Fault("checkpoint 8", 8, "signature")),
        ("evidence.ndjson", b'"sha256":"ab"', b'"sha256":"ac"', Fault("evidence 0193", None, "evidence")),
        ("evidence.ndjson", b"\n", b"\n\n", Fault("evidence 0194", None, "evidence")),
        ("manifest.json", b'"entries":20', b'"entries":21', Fault("manifest.json", None, "contents")),
    ],
)
def test_what_was_changed_is_named(pack, part, old, new, found):
    out = rewritten(pack, pack.with_name("part.zip"), part, lambda content: content.replace(old, new, 1))
    assert verify_pack(out, tell=quiet).fault == found


def test_a_list_of_evidence_that_lacks_its_end_is_found(pack, tmp_path):
    out = rewritten(pack, tmp_path / "a.zip", "evidence.ndjson", lambda content: content.splitlines(True)[0])
    assert verify_pack(out, tell=quiet).fault == Fault("evidence.ndjson", None, "contents")


def test_a_further_part_is_found(pack, tmp_path):
    out = rewritten(pack, tmp_path / "a.zip", "", bytes)
    with zipfile.ZipFile(out, "a") as more:
        more.writestr("more.txt", "…")
    assert verify_pack(out, tell=quiet).fault == Fault("the list of parts", None, "contents")


def test_a_pack_whose_end_is_not_signed_is_not_written(tmp_path):
    with pytest.raises(Unsound, match="entry 9 is not covered"):
        write_pack(tmp_path / "a.zip", CHAIN, SIGNED[:1], tell=quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_is_never_written_over_a_file(pack):
    with pytest.raises(PackError, match="exists already"):
        write_pack(pack, CHAIN, SIGNED, tell=quiet)


def test_a_file_that_is_no_pack_is_said_to_be_none(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(PackError, match="no pack of the ledger"):
        verify_pack(tmp_path / "a.txt", tell=quiet)
    with pytest.raises(PackError, match="No such file"):
        verify_pack(tmp_path / "none.zip", tell=quiet)
    with pytest.raises(PackError, match="is a folder"):
        verify_pack(tmp_path, tell=quiet)
