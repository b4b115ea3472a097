"""The closed lists that flows choose from: roles, guards, effects and notices, each with what it means.

A pack can't add to them. The functions behind guards and effects are services; a test there keeps the names the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liandun.packs.model import Text


@dataclass(frozen=True, slots=True)
class Guard:
    """A question that must be answered yes before a transition.

    Attributes:
        title: what must hold; shown as the reason of a refusal.
        remedy: what to do so that it holds.
        four_eyes: it brings in a second person.
    """

    title: Text
    remedy: Text
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows from a transition; `undoable` if it can be taken back without trace outside."""

    title: Text
    undoable: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of a template; one that goes `outside` can't be taken back."""

    title: Text
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names that a flow may use."""

    roles: Mapping[str, Text]
    guards: Mapping[str, Guard]
    effects: Mapping[str, Effect]
    notices: Mapping[str, Notice]


ROLES = {
    "intake": Text("受理岗", "intake desk"),
    "operator": Text("承办人", "operator"),
    "owner": Text("责任人", "owner"),
    "lead": Text("牵头部门负责人", "lead"),
    "approver": Text("审批人", "approver"),
    "verifier": Text("核验人", "verifier"),
    "supervisor": Text("督办岗", "supervisor"),
    "duty": Text("值班员", "duty officer"),
    "reporter": Text("来件人", "reporter"),
    "system": Text("系统", "system"),
}

GUARDS = {
    "second_person": Guard(
        Text("须由经办人以外的第二人办理", "a second person, not the one who did the last step, must do this"),
        Text("请另一名有权限的人员办理", "ask another person with this role"),
        four_eyes=True,
    ),
    "decision_approved": Guard(
        Text("须有已通过且未过期的审批", "an approved decision that has not expired must stand"),
        Text("先提交审批，由审批人通过后再办", "ask for a decision first and come back once it is approved"),
        four_eyes=True,
    ),
    "verifier_independent": Guard(
        Text("核验人不得是整改人", "who verifies must not be who rectified"),
        Text("换一名未参与整改的核验人", "choose a verifier who took no part in the rectification"),
        four_eyes=True,
    ),
    "evidence_attached": Guard(
        Text("须附佐证材料", "evidence must be attached"),
        Text("上传至少一份佐证材料", "attach at least one piece of evidence"),
    ),
    "tasks_done": Guard(
        Text("本工单的任务须全部办结", "all tasks of the case must be done"),
        Text("办结或取消未完成的任务", "finish or cancel the open tasks"),
    ),
    "graded": Guard(
        Text("须先完成定级", "the incident must have been graded"),
        Text("填写定级要素并确认级别", "fill in the grading facts and confirm the level"),
    ),
    "obligations_met": Guard(
        Text("应报送的事项须全部报送", "every report that is owed must have been sent"),
        Text("完成报送并登记回执", "send the reports and note their receipts"),
    ),
    "original_open": Guard(
        Text("被并入的工单须存在且不是本单", "the case to merge into must exist and be another one"),
        Text("选择另一张同类工单", "choose another case of the same kind"),
    ),
    "within_appeal_term": Guard(
        Text("须在可以申诉的期限内", "the term for an appeal must not be over"),
        Text("期限已过，请告知其他救济渠道", "the term is over; tell the person which other ways there are"),
    ),
    "findings_closed": Guard(
        Text("由此产生的问题须全部销号或列入计划", "all findings that came of it must be closed or planned"),
        Text("逐项销号，或写明计划与期限", "close each, or give it a plan and a date"),
    ),
    "own_transfer_unread": Guard(
        Text(
            "只能撤回本人转出且对方尚未签收的工单", "only one's own transfer that was not yet accepted can be recalled"
        ),
        Text("请对方退回", "ask the other side to return it"),
    ),
    "received_by_transfer": Guard(
        Text("只有转办来的工单才能退回", "only a case that was transferred here can be returned"),
        Text("需要换人办理时请用转办", "to give it to someone else, transfer it"),
    ),
    "expiry_within_year": Guard(
        Text("接受风险须写明到期日，最长一年", "an accepted risk needs an expiry date, one year at most"),
        Text("填写一年以内的到期日", "give a date within one year"),
    ),
}

EFFECTS = {
    "extract_entities": Effect(Text("提取要素并关联", "extract entities and link them"), undoable=True),
    "propose_indicators": Effect(Text("提出涉诈线索", "propose indicators"), undoable=True),
    "link_original": Effect(Text("并入原工单", "link to the case it is merged into"), undoable=True),
    "open_survey": Effect(Text("发起回访", "open the follow-up survey"), undoable=False),
    "send_answer": Effect(Text("向来件人发出答复", "send the answer to the reporter"), undoable=False),
    "hand_over": Effect(Text("移交其他单位", "hand over to another body"), undoable=False),
    "split_report": Effect(Text("拆分出举报件", "split off a report"), undoable=False),
    "create_obligations": Effect(Text("生成报送义务", "create the reports that are owed"), undoable=False),
    "contain": Effect(Text("下达处置指令", "give the orders that contain it"), undoable=False),
    "open_incident": Effect(Text("转为事件", "open an incident from it"), undoable=False),
    "open_findings": Effect(Text("生成整改问题", "open findings"), undoable=False),
    "order_rectification": Effect(Text("下发整改通知", "order the rectification"), undoable=False),
    "start_injects": Effect(Text("开始情景注入", "begin the injects"), undoable=False),
    "file_report": Effect(Text("报告归档", "file the report"), undoable=True),
    "score": Effect(Text("计入考核", "count it in the assessment"), undoable=True),
    "assign": Effect(Text("指派承办人", "assign the operator"), undoable=True),
    "move_to_unit": Effect(Text("转到其他部门", "move to another unit"), undoable=True),
    "move_back": Effect(Text("退到转出部门", "move back to the unit it came from"), undoable=True),
    "mark_supervised": Effect(Text("列入督办", "put under supervision"), undoable=True),
    "count_reminder": Effect(Text("登记催办", "count a reminder"), undoable=True),
    "ask_co_signers": Effect(Text("征求会签意见", "ask for co-signatures"), undoable=True),
    "keep_instruction": Effect(Text("登记批示", "keep the instruction"), undoable=True),
}

NOTICES = {
    "received": Notice(Text("收件告知（编号与时限）", "receipt with number and time limits"), outside=True),
    "accepted": Notice(Text("受理告知", "acceptance"), outside=True),
    "rejected": Notice(Text("不予受理告知", "refusal with reason"), outside=True),
    "handed_over": Notice(Text("移交告知", "notice of the hand-over"), outside=True),
    "answered": Notice(Text("处理结果告知", "the outcome"), outside=True),
    "merged": Notice(Text("并案告知", "notice of the merger"), outside=True),
    "assigned": Notice(Text("新工单提醒", "a new case for you")),
    "returned": Notice(Text("退回提醒", "a case was returned")),
    "reminder": Notice(Text("催办提醒", "a reminder")),
    "supervision": Notice(Text("督办通知", "a case is under supervision")),
    "instruction": Notice(Text("批示通知", "an instruction")),
    "co_signature": Notice(Text("会签请求", "a co-signature is asked for")),
    "verification": Notice(Text("待核验提醒", "something to verify")),
    "approval": Notice(Text("待审批提醒", "something to approve")),
    "escalated": Notice(Text("升级通知", "an escalation")),
    "drill_begins": Notice(Text("演练开始通知", "the drill begins")),
}

VOCABULARY = Vocabulary(ROLES, GUARDS, EFFECTS, NOTICES)
"""The names of this version."""
