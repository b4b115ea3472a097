"""Why parties refuse, in Chinese and English, each with what to do."""

from __future__ import annotations

REFUSALS = {
    "missing": ("没有编号为 {id} 的{zh}，请刷新后重新选择", "there is no {en} {id}: reload and choose again"),
    "stale": ("{zh} {id} 已被他人修改，请刷新后重试", "{en} {id} was changed meanwhile: reload and try again"),
    "kind": ("“{kind}”不是可用的类别，请从 {known} 中选择", "{kind!r} is no kind here: choose one of {known}"),
    "role": ("“{role}”不是可用的责任角色，请从 {known} 中选择", "{role!r} is no role: choose one of {known}"),
    "level": ("“{level}”不是可用的可见级别，请从 1 到 4 中选择", "{level!r} is no level: choose 1 to 4"),
    "title": ("请填写中文名称，最多 {most} 个字", "give the Chinese title, at most {most} characters"),
    "person_title": (
        "人员没有公开名称，请用“新增人员”填写姓名",
        "a person has no open title: add the person with a name instead",
    ),
    "code": ("编码“{code}”已被使用，请换一个", "the code {code!r} is taken: choose another"),
    "closed": ("{zh} {id} 已停用，请选择在用的", "{en} {id} is closed: choose one that is open"),
    "under_person": (
        "人员下面不能再设单位或人员，请选择单位",
        "nothing can stand below a person: choose an organisation",
    ),
    "cycle": (
        "不能移到自己或自己的下级之下，请选择其他上级",
        "a party can't stand below itself: choose a parent outside its subtree",
    ),
    "deep": ("层级过深，请减少上级层数", "the tree is too deep here: choose a higher parent"),
    "moving": ("另一次机构调整正在进行，请稍后再试", "another move is under way: try again in a moment"),
    "not_empty": (
        "{zh} {id} 下还有在用的单位、人员或任职，请先移走或停用",
        "{en} {id} still has open parties, people or holders of posts below it: move or close them first",
    ),
    "dates": ("结束时间必须晚于开始时间，请改正", "the end must come after the beginning: correct the dates"),
    "past_end": ("结束时间已过，请填写将来的时间", "the end has passed already: give a later one"),
    "needs_term": ("授权代理必须有结束时间，请填写", "a delegation needs an end: give one"),
    "name": ("请填写姓名", "give the person's name"),
    "phone": ("手机或电话号码无法识别，请检查", "the phone number can't be read: check it"),
    "email": ("电子邮箱地址无法识别，请检查", "the e-mail address can't be read: check it"),
    "staff_no": ("工号已被另一人使用，请检查", "the staff number belongs to another person: check it"),
    "held": (
        "该人员在此期间已任此职，无需重复任命",
        "the person holds this post in that time already: nothing to appoint",
    ),
    "bound": (
        "此席位随职务 {id} 产生，请直接任命该职务",
        "this seat goes with post {id}: appoint the holder of that post instead",
    ),
    "bound_chain": ("席位只能绑定到独立的职务，请另选", "a seat can be bound only to a post that is not bound itself"),
    "over": ("{zh} {id} 已经结束，无需再次结束", "{en} {id} has ended already: there is nothing to end"),
    "whose": ("单位或人员与职务只能选择其一，请改正", "give either a party or a post, not both and not none"),
    "self": ("不能交给本人，请选择另一人", "it can't go to the same person: choose another"),
    "delegated": (
        "此期间已有人代理，请先撤销授权 {id}",
        "somebody stands in for that time already: revoke delegation {id} first",
    ),
    "taken": ("该责任已由其承担，无需重复登记", "it has this responsibility already: nothing to take"),
    "granted": (
        "该单位在此期间已获授权，请先撤销授权 {id}",
        "the party has a grant for that time: revoke grant {id} first",
    ),
    "login": (
        "登录名不可用，请换一个（3 至 80 个字符）",
        "this login name can't be used: choose another, 3 to 80 characters",
    ),
    "account": ("该人员已有账号，无需新建", "the person has an account already: nothing to add"),
    "language": ("界面语言只能是 zh-hans 或 en", "the language must be zh-hans or en"),
    "file": (
        "文件无法读取：请保存为 XLSX 或 CSV 后重新上传",
        "the file can't be read: save it as XLSX or CSV and try again",
    ),
    "file_size": ("文件过大：最多 {rows} 行，请拆分后上传", "the file is too large: at most {rows} rows, so split it"),
    "columns": ("缺少列：{columns}，请按模板补齐", "columns are missing: {columns}; add them as in the template"),
    "row_code": ("编码为空，请填写", "the code is empty: fill it in"),
    "row_staff_no": ("工号为空，请填写", "the staff number is empty: fill it in"),
    "row_twice": ("第 {row} 行已有相同编码，请删除重复行", "row {row} has the same code: remove one of them"),
    "row_parent": (
        "没有编码为“{code}”的在用单位，请先导入上级单位或改正编码",
        "no open party has the code {code!r}: import it first, or correct the code",
    ),
    "row_kind": (
        "单位类别不能改变（现为{zh}），请停用后新建",
        "the kind of a party can't change (it is {en}): close it and add another",
    ),
}
"""Code → (zh, en); words in braces are filled in."""

NOUNS = {
    "party": ("单位", "party"),
    "person": ("人员", "person"),
    "post": ("职务", "post"),
    "holding": ("任职", "holding"),
    "delegation": ("授权代理", "delegation"),
    "responsibility": ("责任", "responsibility"),
    "grant": ("可见授权", "grant"),
    "account": ("账号", "account"),
}


class PartyError(Exception):
    """Parties refuse.

    Attributes:
        code: key of `REFUSALS`, for programs.
        zh: what is wrong and what to do, in Chinese.
        en: the same in English, also the text of the exception.
    """

    def __init__(self, code: str, noun: str = "", /, **values: object) -> None:
        zh, en = REFUSALS[code]
        words = NOUNS.get(noun, ("", ""))
        self.code = code
        self.zh = zh.format(**{"zh": words[0]} | values)
        self.en = en.format(**{"en": words[1]} | values)
        super().__init__(self.en)
