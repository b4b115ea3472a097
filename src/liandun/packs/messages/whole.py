"""Mistakes that only the whole pack shows."""

from liandun.packs.messages.message import Message

WHOLE = {
    "never_true": Message(
        "{what} 的条件永远不成立：{why}",
        "改条件，或删掉",
        "the condition of {what} can never be true: {why}",
        "mend the condition or remove it",
    ),
    "always_true": Message(
        "{what} 的条件永远成立，每笔都会触发",
        "加上真正的条件",
        "the condition of {what} is always true, so it would fire on every event",
        "write a condition that tells events apart",
    ),
    "never_on_stream": Message(
        "规则 {rule} 在事件流“{stream}”上永远不触发，那里没有 {names}",
        "写 on: [{streams}]",
        "rule {rule} can never fire on stream “{stream}”, which has no {names}",
        "write on: [{streams}]",
        warns=True,
    ),
    "policy_weaker": Message(
        "这条 {then} 永远不起作用：第 {line} 行更强，条件也总是同时成立",
        "删掉一条，或改阈值",
        "this {then} never matters: line {line} is stronger and holds whenever this does",
        "remove one or move the threshold",
        warns=True,
    ),
    "unused": Message(
        "{what}“{name}”没有人用", "用起来，或删掉", "nothing uses {what} “{name}”", "use it or remove it", warns=True
    ),
    "no_case": Message(
        "规则 {rule} 已生效，但 cases.yaml 里没有它的用例",
        "在 cases.yaml 里加一个它触发和一个它不触发的用例",
        "rule {rule} is live, but no case in cases.yaml names it",
        "add one case where it fires and one where it does not",
        warns=True,
    ),
    "lets_through": Message(
        "规则 {rule} 要看“{name}”，但事件流“{stream}”不要求带上它：少了它，规则就判断不了，该 {then} 的会放过",
        "在该事件流的 required 里加上 {name}，或在条件里写明缺失时怎么办（{name} is null、coalesce）",
        "rule {rule} rests on “{name}”, which stream “{stream}” never requires: leaving it out escapes the {then}",
        "add {name} to `required` of the stream, or say what its absence means ({name} is null, coalesce)",
        warns=True,
    ),
    "no_rules": Message(
        "没有一条生效的规则", "至少让一条规则生效", "no rule is live", "make at least one rule live", warns=True
    ),
}
