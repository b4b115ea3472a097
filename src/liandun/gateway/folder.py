"""The data folder: where the gateway keeps what, and the hub's secret, which never lies in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from liandun.packs.load import load_pack
from liandun.packs.model import Pack
from liandun.replay.journal_codec import PackRef

SHIPPED = Path(__file__).parents[1] / "packs" / "shipped"


class SetupError(Exception):
    """The gateway can't start like this; says what to do."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder `path`; everything in it is made when it is first needed."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    @property
    def images(self) -> Path:
        return self.path / "images"

    @property
    def wish(self) -> Path:
        """Which pack shall decide, as `liandun activate` wrote it."""
        return self.path / "active.json"

    @property
    def answer(self) -> Path:
        """What became of the wish, as the gateway wrote it."""
        return self.path / "answered.json"

    def read_wish(self) -> bytes | None:
        """What `wish` says now."""
        try:
            return self.wish.read_bytes()
        except FileNotFoundError:
            return None

    def note_pack(self, ref: PackRef) -> None:
        """Keep in mind which pack decides, for commands beside the gateway."""
        partial = self._deciding.with_suffix(".new")
        partial.write_text(json.dumps({"pack": ref.name, "hash": ref.hash}), encoding="utf-8")
        partial.replace(self._deciding)

    def noted_pack(self) -> PackRef | None:
        """The pack that decided last here; None if none has yet."""
        try:
            told = json.loads(self._deciding.read_bytes())
            return PackRef(told["pack"], told["hash"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    @property
    def _deciding(self) -> Path:
        return self.path / "deciding.json"

    def pack_folder(self, ref: PackRef) -> Path:
        return self.path / "packs" / ref.name / ref.hash

    def keep_pack(self, pack: Pack) -> PackRef:
        """Copy a pack into the folder, so that its verdicts can be replayed when the original has changed."""
        ref = PackRef(pack.name, pack.hash)
        target = self.pack_folder(ref)
        if not target.exists():
            assert pack.folder is not None
            partial = target.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(pack.folder, partial)
            partial.rename(target)
        return ref

    def load_pack(self, ref: PackRef) -> Pack:
        """The pack with this name and hash.

        Raises:
            SetupError: it is not in the folder, or its files were changed.
            PackError: it has mistakes under this version.
        """
        folder = self.pack_folder(ref)
        if not folder.is_dir():
            raise SetupError(f"pack {ref.name} {ref.hash[:12]} is missing in {folder.parent}: restore it from a copy")
        pack = load_pack(folder)
        if pack.hash != ref.hash:
            raise SetupError(f"{folder}: its files were changed, their hash is {pack.hash[:12]}; restore them")
        return pack


def find_pack(name: str) -> Path:
    """The folder of a pack given as a folder or as the name of a shipped one.

    Raises:
        SetupError: there is no such pack.
    """
    if Path(name).is_dir():
        return Path(name)
    if (SHIPPED / name / "pack.yaml").is_file():
        return SHIPPED / name
    shipped = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/pack.yaml")))
    raise SetupError(f"no pack {name!r}: give a folder, or one of {shipped}")


def hub_secret(data: Path, environment: Mapping[str, str]) -> bytes:
    """The hub's 128-bit secret: from LIANDUN_KEY, else from LIANDUN_KEY_FILE, else ~/.config/liandun/hub.key.

    The file is made when it is missing; whoever has it can link identifiers to what the journal holds.

    Raises:
        SetupError: it is not 32 hex digits, or lies in the data folder.
    """
    if text := environment.get("LIANDUN_KEY"):
        return _parse(text, "LIANDUN_KEY")
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    path = Path(environment.get("LIANDUN_KEY_FILE") or home / "liandun" / "hub.key").absolute()
    if path.resolve().is_relative_to(data.resolve()):
        raise SetupError(
            f"{path} lies in the data folder; keep the key elsewhere, so that a copy of one lacks the other"
        )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(16) + "\n")
    return _parse(path.read_text(encoding="ascii", errors="replace"), str(path))


def fingerprint(secret: bytes) -> str:
    """What the journal says of the secret: enough to notice another one."""
    return sha256(b"liandun hub secret\0" + secret).hexdigest()[:16]


def _parse(text: str, origin: str) -> bytes:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != 16:
        raise SetupError(f"{origin}: the hub's secret must be 32 hex digits")
    return secret
