"""Closed sets of codes, each with its Chinese and English word; imports understand all three."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

Words = Mapping[str, tuple[str, str]]
"""Code → (zh, en)."""

PERSON = "person"

PARTY_KINDS: Words = {
    "group": ("集团", "group"),
    "company": ("公司", "company"),
    "branch": ("分公司", "branch"),
    "department": ("部门", "department"),
    "team": ("班组", "team"),
    "store": ("门店", "store"),
    "platform": ("平台", "platform"),
    "operator": ("运营商", "operator"),
    "partner": ("合作单位", "partner"),
    "leading_group": ("领导小组", "leading group"),
    "working_group": ("工作组", "working group"),
    PERSON: ("人员", "person"),
}

POST_KINDS: Words = {
    "head": ("总经理", "head"),
    "deputy_head": ("副总经理", "deputy head"),
    "deputy_in_charge": ("分管副总经理", "deputy in charge"),
    "leader": ("组长", "leader"),
    "deputy_leader": ("副组长", "deputy leader"),
    "member": ("成员", "member"),
    "duty_officer": ("值班员", "duty officer"),
    "contact": ("联络员", "contact"),
}

HEADS = ("head", "leader")
"""Posts that answer for their whole party."""

ROLES: Words = {
    "first_responsible": ("第一责任人", "first responsible"),
    "directly_responsible": ("直接责任人", "directly responsible"),
    "lead": ("牵头部门", "lead"),
    "responsible": ("责任部门", "responsible"),
    "supporting": ("配合部门", "supporting"),
    "owner": ("归属人", "owner"),
    "operator": ("运维人", "operator"),
    "approver": ("审批人", "approver"),
    "verifier": ("核验人", "verifier"),
    "informed": ("知会人", "informed"),
}

SINGLE_ROLES = ("first_responsible", "directly_responsible", "lead", "owner")
"""Roles that only one may have for one subject."""


class Level(IntEnum):
    """How much of a row is shown: that it exists, its token, its masked values, or all of it."""

    EXISTENCE = 1
    TOKEN = 2
    MASKED = 3
    FULL = 4


def code_of(words: Words, text: str) -> str | None:
    """The code that a person meant by its code, Chinese or English word; None when there is none such."""
    wanted = text.strip().casefold()
    return next((code for code, said in words.items() if wanted in {code, *(word.casefold() for word in said)}), None)


ORGANISATION_COLUMNS: Words = {
    "code": ("编码", "code"),
    "kind": ("类别", "kind"),
    "title_zh": ("名称", "Chinese title"),
    "title_en": ("英文名称", "English title"),
    "parent": ("上级编码", "parent code"),
}

PEOPLE_COLUMNS: Words = {
    "staff_no": ("工号", "staff number"),
    "name": ("姓名", "name"),
    "short": ("拼音", "short form"),
    "phone": ("手机", "phone"),
    "email": ("邮箱", "e-mail"),
    "party": ("单位编码", "party code"),
    "post": ("岗位", "post"),
}
