"""What is wrong with a pack: problems with file and line, collected, never only the first.

The words stand in `messages`; here is what carries them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from liandun.packs.messages import MESSAGES, Message
from liandun.packs.model import Place, Text

_SHOWN = 8
_FIRST = ("file_missing", "file_empty", "features_absent")


class Severity(StrEnum):
    """An error keeps the pack from loading; a warning does not."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def word(self) -> Text:
        """What it is called in messages."""
        return Text("错误" if self is Severity.ERROR else "警告", self.value)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what is wrong and what to do.

    Attributes:
        code: the mistake's lasting name, for tests and tools; the words may change.
    """

    place: Place
    what: Text
    fix: Text
    severity: Severity
    code: str

    def __str__(self) -> str:
        return self.line("en")

    def line(self, language: str) -> str:
        """The problem on one line, in `zh` or `en`."""
        severity, what, fix = (getattr(each, language) for each in (self.severity.word, self.what, self.fix))
        return f"{self.place}: {severity}: {what} — {fix}"


class PackError(Exception):
    """A pack that can't be used; `problems` holds every mistake found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Collects the problems of one pack; `messages` says in words what they are."""

    def __init__(self, messages: Mapping[str, Message] = MESSAGES) -> None:
        self.messages = messages
        self._found: dict[Problem, None] = {}

    def add(self, code: str, place: Place, **words: object) -> None:
        """Note the mistake `code` of the messages; `words` fill its gaps."""
        message = self.messages[code]
        what = Text(_fill(message.what_zh, words, "zh"), _fill(message.what_en, words, "en"))
        fix = Text(_fill(message.fix_zh, words, "zh"), _fill(message.fix_en, words, "en"))
        severity = Severity.WARNING if message.warns else Severity.ERROR
        self._found[Problem(place, what, fix, severity, code)] = None

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> int:
        """How many of them are errors."""
        return sum(problem.severity is Severity.ERROR for problem in self._found)

    def sorted(self) -> tuple[Problem, ...]:
        """By file and line, each once; files that are not there or empty come first."""
        return tuple(sorted(self._found, key=lambda p: (p.code not in _FIRST, p.place.file, p.place.line)))

    def withdraw(self, code: str) -> int:
        """Take back all problems `code`; how many there were."""
        gone = [problem for problem in self._found if problem.code == code]
        for problem in gone:
            del self._found[problem]
        return len(gone)

    def count(self, code: str) -> int:
        """How many problems are `code`."""
        return sum(problem.code == code for problem in self._found)


def nearest(name: str, known: Iterable[str]) -> Text:
    """Advice on a name that does not exist: the nearest known one, else the known ones."""
    names = sorted(set(known))
    folded = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if close:
        return Text(f"是不是要写“{folded[close[0]]}”？", f"did you mean “{folded[close[0]]}”?")
    if not names:
        return Text("这里没有可用的名称", "there is nothing to name here")
    shown = ", ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        return Text(f"可用的有：{shown} 等", f"use one of {shown}, …")
    return Text(f"可用的有：{shown}", f"use one of {shown}")


def _fill(pattern: str, words: dict[str, object], language: str) -> str:
    chosen = {key: getattr(word, language) if isinstance(word, Text) else word for key, word in words.items()}
    return pattern.format_map(chosen)
