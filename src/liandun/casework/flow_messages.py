"""Every mistake a flow can have, in words, beside those that any YAML of a pack can have."""

from liandun.packs.messages import MESSAGES, Message

_WRITING = {
    "flow_kind": Message("没有“{name}”这种工单", "{advice}", "there is no kind of case “{name}”", "{advice}"),
    "flow_name": Message(
        "文件名与工单种类“{kind}”不一致",
        "改名为 {kind}.yaml",
        "the file's name is not the kind “{kind}”",
        "call it {kind}.yaml",
    ),
    "flow_unknown": Message("没有“{name}”这个{what}", "{advice}", "there is no {what} “{name}”", "{advice}"),
    "field_reserved": Message(
        "“{name}”是办结原因的名称，不能另作他用",
        "换一个名称",
        "“{name}” is where the closing reason goes",
        "choose another name",
    ),
    "bad_length": Message(
        "“{what}: {value}”不是可用的时限",
        "写整数加 m、h（自然分钟、小时）、d（自然日）、wh、wd（工作小时、工作日），例如 7wd",
        "“{what}: {value}” is not a length a clock can have",
        "write a whole number and m, h, d, wh (working hours) or wd (working days), such as 7wd",
    ),
    "bad_day": Message(
        "“{what}: {value}”不是日期",
        "写成 2016-07-30 的样子",
        "“{what}: {value}” is not a date",
        "write it like 2016-07-30",
    ),
    "bad_percents": Message(
        "“{what}”应当是从小到大的百分数",
        "写成例如 [50, 80]，每个在 1 到 99 之间",
        "“{what}” must be percents in rising order",
        "write for example [50, 80], each from 1 to 99",
    ),
}

_SENSE = {
    "state_unreachable": Message(
        "状态“{state}”到不了",
        "加一个通往它的步骤，或删掉它",
        "no way leads to the state “{state}”",
        "add a transition to it or remove it",
    ),
    "state_no_exit": Message(
        "状态“{state}”没有出口",
        "加一个离开它的步骤，或标为 final: true 并写办结原因",
        "no way leads out of the state “{state}”",
        "add a transition out of it, or mark it final: true with reasons",
    ),
    "state_no_end": Message(
        "从状态“{state}”走不到办结",
        "加一个最终通往办结状态的步骤",
        "no end can be reached from the state “{state}”",
        "add a transition that leads on to a final state",
    ),
    "state_owner": Message(
        "状态“{state}”没有责任角色",
        "用 owner 写明由谁办理",
        "the state “{state}” has no owner",
        "say with owner which role must act",
    ),
    "state_clock": Message(
        "状态“{state}”必须二选一：写明时限，或写明为何不计时",
        "写 clocks，或用中英文写 no_clock 的理由，不能都写",
        "the state “{state}” needs either clocks or a reason why none runs",
        "write clocks, or no_clock with the reason in both languages, not both",
    ),
    "state_reasons": Message(
        "状态“{state}”不是办结状态，却有办结原因",
        "删掉 reasons，或标为 final: true",
        "the state “{state}” is not final but has closing reasons",
        "remove reasons or mark it final: true",
    ),
    "final_reasons": Message(
        "办结状态“{state}”没有办结原因",
        "在 reasons 里至少写一个",
        "the final state “{state}” has no closing reason",
        "write at least one in reasons",
    ),
    "final_busy": Message(
        "办结状态“{state}”不能有 {key}",
        "删掉它",
        "the final state “{state}” can't have {key}",
        "remove it",
    ),
    "verb_twice": Message(
        "状态“{state}”下的“{verb}”写了两次，第一次在第 {first} 行",
        "只留一个，或换一个名称；转办、督办、催办、会签、批示、退回、撤回是每种工单都有的",
        "“{verb}” in the state “{state}” stands twice, first on line {first}",
        "keep one or rename it; every kind has the office verbs already",
    ),
    "verb_roles": Message(
        "没有人可以办“{verb}”", "在 roles 里写明角色", "nobody may take “{verb}”", "name the roles in roles"
    ),
    "verb_nowhere": Message(
        "“{verb}”不从任何状态出发",
        "在 from 里写明状态",
        "“{verb}” leaves no state",
        "name the states in from",
    ),
    "undo_lasting": Message(
        "“{verb}”可以撤销，但“{name}”收不回来",
        "删掉 undo，或把“{name}”移到后面的步骤",
        "“{verb}” can be undone, but “{name}” can't be taken back",
        "remove undo, or move “{name}” to a later transition",
    ),
    "reasons_without_end": Message(
        "“{verb}”并不办结，却写了办结原因",
        "删掉 reasons",
        "“{verb}” closes nothing but has closing reasons",
        "remove reasons",
    ),
    "closing_reason": Message(
        "“{verb}”通往办结状态“{state}”，没有办结原因",
        "在 reasons 里写明可选的原因",
        "“{verb}” leads to the final state “{state}” without a closing reason",
        "name in reasons those that may be given",
    ),
    "reason_unused": Message(
        "状态“{state}”的办结原因“{name}”没有步骤用到",
        "在通往它的步骤里写上，或删掉",
        "no transition gives the closing reason “{name}” of “{state}”",
        "name it in a transition or remove it",
    ),
    "field_unused": Message(
        "填写项“{name}”没有步骤用到",
        "写进某个步骤的 needs，或删掉",
        "no transition asks for “{name}”",
        "name it in needs or remove it",
    ),
    "field_twice": Message(
        "填写项“{name}”已经有了（也许在所有工单共用的里面）",
        "换一个名称",
        "there is a field “{name}” already, perhaps among those of every kind",
        "choose another name",
    ),
    "journey_stuck": Message(
        "走到状态“{state}”时不能“{verb}”",
        "{advice}；若删过步骤，请补回或改写这条路线",
        "“{verb}” can't be taken in the state “{state}”",
        "{advice}; if a transition was removed, put it back or rewrite the journey",
    ),
    "journey_open": Message(
        "这条路线停在状态“{state}”，没有办结",
        "补上后面的步骤",
        "the journey stops in the state “{state}”",
        "go on until it is closed",
    ),
    "verb_untravelled": Message(
        "没有一条路线经过“{verb}”", "在 journeys 里加一条", "no journey takes “{verb}”", "add one in journeys"
    ),
}

_CLOCKS = {
    "clock_unstarted": Message(
        "时限“{clock}”从不开始", "在某个步骤写 start", "the clock “{clock}” never starts", "start it in a transition"
    ),
    "clock_unmet": Message(
        "时限“{clock}”永远不会达成", "在某个步骤写 meet", "the clock “{clock}” is never met", "meet it in a transition"
    ),
    "clock_runs_already": Message(
        "从“{state}”办“{verb}”时，时限“{clock}”已经在走",
        "删掉 start，或先 meet 或 stop",
        "the clock “{clock}” runs already when “{verb}” is taken in “{state}”",
        "remove start, or meet or stop it first",
    ),
    "clock_left": Message(
        "从“{source}”办“{verb}”后，时限“{clock}”还在走，而状态“{state}”没有列出",
        "在步骤里 meet 或 stop，或列入该状态的 clocks",
        "after “{verb}” in “{source}” the clock “{clock}” still runs, but the state “{state}” does not list it",
        "meet or stop it, or list it in clocks of that state",
    ),
    "clock_absent": Message(
        "从“{source}”办“{verb}”后，状态“{state}”列出的时限“{clock}”没有在走",
        "在步骤里 start，或从该状态的 clocks 删掉",
        "after “{verb}” in “{source}” the clock “{clock}”, which the state “{state}” lists, does not run",
        "start it, or remove it from clocks of that state",
    ),
    "clock_not_running": Message(
        "“{verb}”动到时限“{clock}”，但它在那里从不在走",
        "删掉，或先开始它",
        "“{verb}” touches the clock “{clock}”, which never runs there",
        "remove that or start the clock before",
    ),
    "office_clock": Message(
        "“{verb}”办理期间时限照走，不能动时限",
        "删掉时限操作",
        "the clocks run on during “{verb}”",
        "remove what it does to clocks",
    ),
    "statutory_paused": Message(
        "法定时限“{clock}”不能暂停", "删掉暂停", "the statutory clock “{clock}” can't be paused", "remove the pause"
    ),
    "statutory_stopped": Message(
        "法定时限“{clock}”只能达成，或随工单办结而停止；“{verb}”不能停止它",
        "改成 meet，或让它继续走",
        "the statutory clock “{clock}” ends by being met or with the case; “{verb}” can't stop it",
        "meet it or let it run",
    ),
    "pause_reason": Message(
        "时限“{clock}”没有“{name}”这个暂停理由",
        "{advice}",
        "the clock “{clock}” has no reason “{name}” to pause",
        "{advice}",
    ),
    "pause_differs": Message(
        "到达状态“{state}”时，时限“{clock}”有的路线暂停、有的没有（“{verb}”）",
        "让各条路线一致：暂停或恢复",
        "on some ways into the state “{state}” the clock “{clock}” stands still, on others not (“{verb}”)",
        "pause or resume it so that all ways agree",
    ),
    "resume_running": Message(
        "“{verb}”恢复时限“{clock}”，但它没有暂停",
        "删掉 resume，或先暂停",
        "“{verb}” resumes the clock “{clock}”, which does not stand still",
        "remove resume or pause it before",
    ),
}

_LOOSER = {
    "own_version": Message(
        "版本 {version} 不大于自带流程的版本 {base}",
        "用更大的版本号，已有工单仍按原版本办理",
        "the version {version} is not above the shipped flow's {base}",
        "take a higher one; open cases keep the version they began with",
    ),
    "loosens_clock_gone": Message(
        "法定时限“{clock}”不能去掉",
        "照自带流程写回来，basis 写 statutory",
        "the statutory clock “{clock}” can't be taken away",
        "put it back as shipped, with basis: statutory",
    ),
    "loosens_clock": Message(
        "法定时限“{clock}”不能比自带的 {before} 更长，也不能换单位",
        "写 {before} 或更短，单位不变",
        "the statutory clock “{clock}” can't be longer than {before} or count in another unit",
        "write {before} or less, in the same unit",
    ),
    "loosens_clock_use": Message(
        "“{verb}”放松了法定时限“{clock}”：该开始的没有开始，或提前结束了它",
        "与自带流程保持一致",
        "“{verb}” loosens the statutory clock “{clock}”: it does not start it, or ends it early",
        "do as the shipped flow does",
    ),
    "loosens_end": Message(
        "自带流程不能在“{state}”办结",
        "删掉 final，或用自带的办结状态",
        "the shipped flow does not end in “{state}”",
        "remove final, or use a final state that is shipped",
    ),
    "loosens_way": Message(
        "“{verb}”绕过了自带流程：从“{source}”不能直接到“{state}”",
        "按自带流程的步骤走",
        "“{verb}” goes around the shipped flow: no way leads from “{source}” to “{state}”",
        "go the shipped way",
    ),
    "loosens_guard": Message(
        "“{verb}”少了办理条件“{name}”", "加回来", "“{verb}” lost the guard “{name}”", "put it back"
    ),
    "loosens_four_eyes": Message(
        "“{verb}”去掉了双人办理条件“{name}”",
        "加回来；须由两人办理的事不能改成一人",
        "“{verb}” lost the four-eyes guard “{name}”",
        "put it back; what takes two people can't be done by one",
    ),
    "loosens_field": Message(
        "“{verb}”少了必填项“{name}”", "加回来", "“{verb}” no longer asks for “{name}”", "put it back"
    ),
    "loosens_effect": Message(
        "“{verb}”少了后续动作“{name}”", "加回来", "“{verb}” lost the effect “{name}”", "put it back"
    ),
    "loosens_notice": Message(
        "“{verb}”不再告知来件人（{name}）", "加回来", "“{verb}” no longer tells the reporter ({name})", "put it back"
    ),
    "loosens_effect_use": Message(
        "“{verb}”可以“{name}”，却不要求自带流程对它的条件或角色",
        "加上自带流程里同一动作的办理条件，角色不多于它",
        "“{verb}” does “{name}” without the guards or for more roles than the shipped flow",
        "add the guards that it has there, and no further role",
    ),
    "loosens_role": Message(
        "“{verb}”多了可以办理的角色“{name}”", "删掉这个角色", "“{verb}” is open to one more role, “{name}”", "remove it"
    ),
    "loosens_undo": Message(
        "“{verb}”可以撤销的时间变长了",
        "不长于自带流程",
        "“{verb}” can be undone for longer",
        "keep to the shipped time",
    ),
    "loosens_right": Message(
        "来件人在状态“{state}”不能再“{verb}”了",
        "把这个步骤和角色 reporter 加回来",
        "the reporter can no longer take “{verb}” in the state “{state}”",
        "put it back, with the role reporter",
    ),
}

FLOWS: dict[str, Message] = {**_WRITING, **_SENSE, **_CLOCKS, **_LOOSER}
"""The mistakes of flows alone."""

FLOW_MESSAGES: dict[str, Message] = {**MESSAGES, **FLOWS}
"""All that reading and checking a flow may say."""
