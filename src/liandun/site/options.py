"""Every setting of the platform: name, type, default, what it is for. Help, docs and tests come from this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class OptionError(Exception):
    """A setting has a value that it can't have; the message names it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting, read from LIANDUN_NAME, or from the file that LIANDUN_NAME_FILE names."""

    name: str
    read: Callable[[str], Any]
    default: Any
    zh: str
    en: str


def _truth(text: str) -> bool:
    values = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return values[text.strip().lower()]


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


OPTIONS = (
    Option("DATA", Path, Path("liandun-data"), "数据目录", "data folder"),
    Option(
        "DATABASE_URL", str, "", "数据库地址，空则用数据目录里的 SQLite", "database; empty = SQLite in the data folder"
    ),
    Option("DEBUG", _truth, False, "出错时显示细节，仅供开发", "show details of errors; for development only"),
    Option("HOSTS", _names, ("localhost", "127.0.0.1", "[::1]"), "允许的主机名", "host names that are served"),
    Option("TIME_ZONE", str, "Asia/Shanghai", "页面显示的时区", "time zone of the pages"),
    Option("GATEWAY", str, "http://127.0.0.1:8080", "决策网关的地址", "where the decision gateway answers"),
    Option("LANGUAGE", str, "zh-hans", "默认语言：zh-hans 或 en", "first language: zh-hans or en"),
)


def variable(option: Option) -> str:
    """The environment variable that sets it."""
    return option.name if option.name == "DATABASE_URL" else f"LIANDUN_{option.name}"


def shown(option: Option) -> str:
    """Its default as one would write it into the environment."""
    return ",".join(option.default) if isinstance(option.default, tuple) else str(option.default)


def read_options(environment: Mapping[str, str]) -> dict[str, Any]:
    """The value of every setting by name.

    Raises:
        OptionError: a value can't be read.
    """
    return {option.name: _value(option, environment) for option in OPTIONS}


def _value(option: Option, environment: Mapping[str, str]) -> Any:
    name = variable(option)
    text = environment.get(name)
    if text is None and (path := environment.get(f"{name}_FILE")):
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise OptionError(f"{name}_FILE: {error}") from error
    if text is None:
        return option.default
    try:
        return option.read(text)
    except (ValueError, KeyError) as error:
        raise OptionError(f"{name} can't be {text!r}: {option.en}") from error
