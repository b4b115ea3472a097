"""Wishing a running gateway to decide by another pack, and what became of that: two small files in the data folder.

`liandun activate` writes `active.json`; the gateway writes `answered.json` when the pack decides or stays out.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

import msgspec

from liandun.gateway.folder import DataFolder, SetupError
from liandun.packs.errors import PackError, Severity
from liandun.packs.load import load_pack
from liandun.replay.journal_codec import PackRef

_LOOK_S = 0.1


class Wish(msgspec.Struct, frozen=True):
    """A pack that shall decide; `at`, ms since 1970 UTC, tells one wish for a pack from another for the same."""

    pack: str
    hash: str
    at: int = 0

    @property
    def ref(self) -> PackRef:
        return PackRef(self.pack, self.hash)


class Answer(msgspec.Struct, frozen=True):
    """What became of a wish; a pack that stays out says why, in Chinese and English."""

    wish: Wish
    decides: bool
    zh: str = ""
    en: str = ""


def activate(folder: DataFolder, pack: Path, now: int) -> Wish:
    """Check a pack, copy it into the data folder and wish for it; a running gateway looks within a second.

    Args:
        now: ms since 1970 UTC.

    Raises:
        SetupError: that is no data folder of a gateway.
        PackError: the pack has mistakes.
    """
    if not folder.journal.is_dir():
        raise SetupError(f"{folder.path}: no gateway has run on this folder; give its data folder with --data")
    ref = folder.keep_pack(load_pack(pack))
    wish = Wish(ref.name, ref.hash, now)
    _write(folder.wish, wish)
    return wish


def answer(folder: DataFolder, wish: Wish, error: Exception | None = None) -> Answer:
    """Note that a wish came true, or why it did not.

    Raises:
        OSError: it can't be written.
    """
    told = Answer(wish, True) if error is None else Answer(wish, False, _chinese(error), _english(error))
    _write(folder.answer, told)
    return told


def read_answer(folder: DataFolder, wish: Wish) -> Answer | None:
    """What became of this wish, as far as is known."""
    try:
        told = msgspec.json.decode(folder.answer.read_bytes(), type=Answer)
    except (OSError, msgspec.DecodeError):
        return None
    return told if told.wish == wish else None


def await_answer(folder: DataFolder, wish: Wish, limit_s: float) -> Answer | None:
    """The same, for which it waits so long."""
    until = monotonic() + limit_s
    while (told := read_answer(folder, wish)) is None and monotonic() < until:
        sleep(_LOOK_S)
    return told


def _english(error: Exception) -> str:
    return str(error) or type(error).__name__


def _chinese(error: Exception) -> str:
    if isinstance(error, PackError):
        wrong = [each.line("zh") for each in error.problems if each.severity is Severity.ERROR]
        return "规则包有错误：" + "；".join(wrong)
    return f"规则包未被采用，仍由原规则包决策；原因：{_english(error)}"


def _write(path: Path, content: Wish | Answer) -> None:
    partial = path.with_suffix(".new")
    partial.write_bytes(msgspec.json.encode(content))
    partial.replace(path)
