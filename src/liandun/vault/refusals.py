"""Why the vault says no: a code for facts and programs, and a sentence for people in both languages."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Refusal(StrEnum):
    """Everything that the vault refuses."""

    CLOSED = "closed"
    VOID = "void"
    EXPIRED = "expired"
    STALE = "stale"
    REQUESTER = "requester"
    REQUESTERS_DELEGATE = "requesters_delegate"
    BARRED = "barred"
    NOT_DELEGATED = "not_delegated"
    NO_ROLE = "no_role"
    VOTED = "voted"
    SECOND_TAKEN = "second_taken"
    RACED = "raced"
    TOO_LOOSE = "too_loose"
    USED = "used"
    NOT_APPROVED = "not_approved"
    NOT_REQUESTER = "not_requester"
    OVER = "over"
    OUT_OF_SCOPE = "out_of_scope"
    OVER_BUDGET = "over_budget"
    UNKNOWN = "unknown"
    BAD_REASON = "bad_reason"
    NUMBER_IN_REASON = "number_in_reason"
    BAD_SCOPE = "bad_scope"
    BAD_VALUE = "bad_value"
    ERASED = "erased"
    MONTH_OPEN = "month_open"
    OWN_REVIEW = "own_review"
    SIGNED = "signed"


class Text(NamedTuple):
    """One sentence, twice."""

    zh: str
    en: str


TEXTS = {
    Refusal.CLOSED: Text("该审批已办结，不能再投票", "This decision is closed: it takes no more votes"),
    Refusal.VOID: Text("审批内容已变更，原审批作废，请重新申请", "What was decided on has changed: ask again"),
    Refusal.EXPIRED: Text("审批已过有效期，请重新申请", "The time for this decision is over: ask again"),
    Refusal.STALE: Text(
        "您看到的内容已不是最新，请刷新后再审批", "What you saw is not what it is now: look again, then vote"
    ),
    Refusal.REQUESTER: Text(
        "申请人不能审批自己的申请，请由他人审批", "Who asked can't approve: it takes another person"
    ),
    Refusal.REQUESTERS_DELEGATE: Text(
        "您正在代理申请人，不能审批该申请，请由他人审批", "You stand in for who asked: it takes another person"
    ),
    Refusal.BARRED: Text(
        "您（或您代理的人）经办过此事，不能再审核，请由他人办理",
        "You, or whom you stand in for, did the work: another must check it",
    ),
    Refusal.NOT_DELEGATED: Text(
        "您目前没有该人员的授权，不能代其办理", "That person has not made you their deputy for now"
    ),
    Refusal.NO_ROLE: Text("您没有办理此事的权限角色", "You hold no role that may do this"),
    Refusal.VOTED: Text("您已对该审批投过票", "You have voted on this already"),
    Refusal.SECOND_TAKEN: Text(
        "该人员的一票已计入；同一人不能占用两票", "That person's vote is counted already: nobody gives two of them"
    ),
    Refusal.RACED: Text("他人刚刚作了处理，请刷新后重试", "Somebody else acted at the same moment: look again"),
    Refusal.TOO_LOOSE: Text(
        "审批要求不得低于平台规定", "A policy may ask for more than the platform does, never for less"
    ),
    Refusal.USED: Text("该审批已使用过，不能重复使用", "This approval has been used: it holds once"),
    Refusal.NOT_APPROVED: Text("尚未经第二人批准", "No second person has approved this yet"),
    Refusal.NOT_REQUESTER: Text("只有申请人本人可以查看", "Only the person who asked may look"),
    Refusal.OVER: Text("查看时限已过，如仍需要请重新申请", "The time to look is over: ask again if you still need to"),
    Refusal.OUT_OF_SCOPE: Text("超出批准的查看范围", "This is not among what was approved"),
    Refusal.OVER_BUDGET: Text("超出当日次数上限，请明日再试", "The day's budget is used up: go on tomorrow"),
    Refusal.UNKNOWN: Text("没有该操作或审批", "There is no such operation or decision"),
    Refusal.BAD_REASON: Text(
        "请选择事由，并用 5 至 500 字说明用途", "Choose a reason and say in 5 to 500 characters what it is for"
    ),
    Refusal.NUMBER_IN_REASON: Text(
        "说明中不要填写电话、证件、卡号等号码，请写工单号",
        "Put no phone, ID or card number into the reason: name the case",
    ),
    Refusal.BAD_SCOPE: Text(
        "查看范围须为 1 至 100 个对象、至少一个字段、1 至 480 分钟，且已有保管的信息",
        "Ask for 1 to 100 subjects, one field or more, 1 to 480 minutes, and only for what is kept",
    ),
    Refusal.BAD_VALUE: Text(
        "字段名、种类或内容不符合要求", "The field's name, its kind or its value is not one that the vault keeps"
    ),
    Refusal.ERASED: Text(
        "该对象的个人信息已删除，不能再写入", "This subject's personal data was erased: nothing more is kept"
    ),
    Refusal.MONTH_OPEN: Text("该月尚未结束，不能签署复核", "The month is not over: its review can't be signed"),
    Refusal.OWN_REVIEW: Text(
        "您在该月申请、批准或查询过，请由他人签署复核",
        "You asked, approved or searched in that month: another must sign",
    ),
    Refusal.SIGNED: Text("该月复核已签署", "That month's review is signed already"),
}


class Refused(Exception):
    """The vault says no.

    Attributes:
        code: what is recorded and what programs decide on.
        zh: the sentence for people.
        en: the same in English.
    """

    def __init__(self, code: Refusal) -> None:
        super().__init__(TEXTS[code].en)
        self.code = code
        self.zh, self.en = TEXTS[code]
