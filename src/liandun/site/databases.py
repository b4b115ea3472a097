"""What Django is told of the database: SQLite in the data folder, or PostgreSQL by an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from liandun.site.options import OptionError

_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON;"
BUSY_S = 20


def database(address: str, data: Path) -> dict[str, Any]:
    """Django's settings of the one database.

    Args:
        address: "postgresql://user:password@host:port/name?options", or empty.
        data: the folder where the SQLite file lies.

    Raises:
        OptionError: the address names something else.
    """
    if not address:
        options = {"transaction_mode": "IMMEDIATE", "timeout": BUSY_S, "init_command": _PRAGMAS}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": data / "platform.sqlite3", "OPTIONS": options}
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise OptionError("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
