"""Addresses of static files carry a digest, so a browser may keep a file for ever and still gets the new one."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class DigestStorage(StaticFilesStorage):
    """Files where the apps keep them; nothing has to be collected before the server starts."""

    def url(self, name: str | None) -> str:
        """The file's address.

        Raises:
            ValueError: no app has such a file.
        """
        path = finders.find(name or "")
        if not path:
            raise ValueError(
                f"no static file {name!r}: run `python hatch_build.py` in the checkout, or install the wheel"
            )
        return f"{super().url(name)}?{_digest(path, Path(path).stat().st_mtime_ns)}"


@cache
def _digest(path: str, _changed: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:12]
