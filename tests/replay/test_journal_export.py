"""A certificate holds all that decided, verifies on its own, and shows any change."""

import json
import zipfile

import pytest

from liandun.packs.catalogue import SHIPPED
from liandun.packs.load import load_pack
from liandun.replay.journal_chain import JournalError
from liandun.replay.journal_codec import PackRef
from liandun.replay.journal_export import export, opened, pack_folder, packs_of
from liandun.replay.journal_verify import verify
from tests.replay.days import DAYS, rerun, write_journal


@pytest.fixture(scope="module")
def pack():
    return PackRef("handbook", load_pack(SHIPPED / "handbook").hash)


@pytest.fixture
def data(tmp_path, pack):
    write_journal(tmp_path / "data" / "journal", (pack.name, pack.hash))
    return tmp_path / "data"


@pytest.fixture(params=["certificate", "certificate.zip"])
def certificate(request, tmp_path, data):
    out = tmp_path / "out" / request.param
    export(data / "journal", out, lambda wanted: pack_folder(data / "packs", wanted))
    return out


def test_a_certificate_verifies_on_its_own(certificate, pack):
    with opened(certificate) as folder:
        report = verify(folder / "journal", rerun)
        assert (report.fault, report.head.seq, report.compared) == (None, 81, 60)
        assert load_pack(folder / "packs" / pack.name / pack.hash).hash == pack.hash


def test_a_certificate_says_what_is_in_it(certificate, pack):
    with opened(certificate) as folder:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert manifest["packs"] == [{"name": pack.name, "hash": pack.hash}]
        assert manifest["head"]["seq"] == 81
        assert {name for name in manifest["files"] if name.startswith("journal/")} == {
            "journal/begin",
            "journal/mark",
            *(f"journal/{day}.sqlite" for day in DAYS),
        }


def test_a_changed_or_missing_file_is_named(tmp_path, data, pack):
    export(data / "journal", tmp_path / "c", lambda wanted: pack_folder(data / "packs", wanted))
    rules = tmp_path / "c" / "packs" / pack.name / pack.hash / "rules.yaml"
    rules.write_text(rules.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(JournalError, match=r"rules\.yaml: is not the file that was sealed"), opened(tmp_path / "c"):
        pass
    rules.unlink()
    with pytest.raises(JournalError, match=r"rules\.yaml: is missing"), opened(tmp_path / "c"):
        pass


def test_the_seal_changes_with_the_journal(tmp_path, data):
    def made(name):
        return export(data / "journal", tmp_path / name, lambda wanted: pack_folder(data / "packs", wanted))

    assert made("a").head == made("b").head
    assert len(made("d").seal) == 64


def test_every_pack_that_was_ever_in_force_is_known(data, pack):
    assert packs_of(data / "journal") == (pack,)


def test_a_pack_that_is_nowhere_is_an_error_with_advice(tmp_path):
    with pytest.raises(JournalError, match=r"pack retail abababababab is not here; put its folder at .*/retail/abab"):
        pack_folder(tmp_path, PackRef("retail", "ab" * 32))


def test_a_place_without_a_journal_is_an_error(tmp_path):
    with pytest.raises(JournalError, match="has no journal"), opened(tmp_path):
        pass


def test_an_export_never_writes_over_anything(tmp_path, data):
    with pytest.raises(JournalError, match="exists; name a new one"):
        export(data / "journal", data, lambda wanted: data)


def test_a_zip_with_paths_that_lead_out_stays_inside(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../escaped", "x")
    with pytest.raises(JournalError, match="has no journal"), opened(tmp_path / "bad.zip"):
        pass
    assert not (tmp_path.parent / "escaped").exists()
