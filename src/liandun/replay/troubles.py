"""What can be wrong with a member of an event, in words for whoever sent it."""

from __future__ import annotations

from dataclasses import dataclass

from liandun.packs.model import Text


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one event; the event is not taken, the others are.

    Attributes:
        row: number of the event in its body or file, from 0.
        field: the member or column, as the sender calls it; empty if the event as a whole is meant.
        code: lasting name of the mistake, a key of `TROUBLES`.
    """

    row: int
    field: str
    code: str
    zh: str
    en: str


class Trouble(Exception):
    """A value that can't be taken; `code` is a key of `TROUBLES`, `words` fill the gaps of its text."""

    def __init__(self, code: str, **words: object) -> None:
        self.code, self.words = code, words
        super().__init__(code)

    def at(self, row: int, field: str) -> FieldProblem:
        """The problem of `field` of event `row`."""
        text = TROUBLES[self.code]
        words = {"field": field} | self.words
        return FieldProblem(row, field, self.code, text.zh.format(**words), text.en.format(**words))


TROUBLES: dict[str, Text] = {
    "bad_json": Text("不是一个 JSON 对象：{detail}", "not one JSON object: {detail}"),
    "unknown_stream": Text(
        "没有名为“{value}”的流；可用的有 {known}", "there is no stream “{value}”; use one of {known}"
    ),
    "missing": Text("缺少 {field}；这种事件必须带它", "{field} is missing; events of this stream must have it"),
    "wrong_type": Text("{field} 应为{want_zh}", "{field} must be {want_en}"),
    "bad_number": Text("{field} 不是十进制数；应为{want_zh}", "{field} is not a decimal number; it must be {want_en}"),
    "too_fine": Text("{field} 的小数位太多；应为{want_zh}", "{field} has too many decimals; it must be {want_en}"),
    "too_large": Text(
        "{field} 超出 ±{limit}（按最小单位计）；请检查单位", "{field} is beyond ±{limit} smallest units; check the unit"
    ),
    "bad_time": Text(
        "{field} 不是可用的时间；写 2026-03-01T09:00:00+08:00，或 {first} 年起的毫秒数",
        "{field} is not a usable time; write 2026-03-01T09:00:00+08:00, or milliseconds, {first} to 2099",
    ),
    "unknown_value": Text("{field} 不在允许的值之内：{known}", "{field} must be one of {known}"),
    "unmapped": Text("来源映射没有说明 {field} 的这个值", "the source mapping does not say what this {field} means"),
    "too_long": Text("{field} 超过 {limit} 字节", "{field} has more than {limit} bytes"),
}
