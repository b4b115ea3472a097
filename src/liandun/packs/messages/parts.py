"""Mistakes in streams, lists, features, models and rules."""

from liandun.packs.messages.message import Message

_STREAMS = {
    "bad_currency": Message(
        "“{value}”不是货币代码",
        "写三个大写字母，例如 CNY",
        "“{value}” is not a currency code",
        "write three capitals, such as CNY",
    ),
    "bad_decimals": Message(
        "小数位数不能是 {value}",
        "写 1 到 {limit}；没有小数用 int",
        "{value} decimals are not possible",
        "write 1 to {limit}; use int for none",
    ),
    "bad_type": Message(
        "字段“{name}”的类型“{value}”不认识", "{advice}", "field “{name}” has no type “{value}”", "{advice}"
    ),
    "field_clash": Message(
        "字段“{name}”在另一个事件流里是别的类型",
        "改成同样的类型，或换个名称",
        "field “{name}” has another type in another stream",
        "give it the same type or another name",
    ),
    "kind_clash": Message(
        "键角色“{name}”在别处是“{other}”，这里是“{kind}”",
        "改成同样的种类，或换个名称",
        "key role “{name}” is a {other} in another stream, a {kind} here",
        "give it the same kind or another name",
    ),
    "time_clash": Message(
        "“{name}”既是时间又是别的字段",
        "给其中一个换名称",
        "“{name}” is the time of a stream and a field or key too",
        "rename one of them",
    ),
    "name_taken": Message(
        "名称“{name}”已经是{by}", "换个名称", "the name “{name}” is already {by}", "take another name"
    ),
    "duplicate_name": Message(
        "名称“{name}”在 {first} 已经用过",
        "换个名称",
        "the name “{name}” is already used at {first}",
        "take another name",
    ),
    "bad_channel": Message(
        "渠道字段“{name}”不是本事件流的 code 字段",
        "{advice}",
        "the channel “{name}” is not a code field of this stream",
        "{advice}",
    ),
    "no_channel": Message(
        "事件流“{stream}”没有渠道字段，必填项不能按渠道写",
        "加一个 code 字段并写 channel: 名称，或把 required 写成列表",
        "stream “{stream}” has no channel to key `required` by",
        "add a code field and channel: NAME, or write required as a list",
    ),
    "unknown_channel": Message(
        "渠道字段没有“{name}”这个值", "{advice}", "the channel field has no value “{name}”", "{advice}"
    ),
    "unknown_required": Message(
        "事件流“{stream}”没有必填项“{name}”", "{advice}", "stream “{stream}” has no “{name}” to require", "{advice}"
    ),
    "nothing_decides": Message(
        "所有事件流都是 decides: false，不会有任何判定",
        "至少让一个事件流判定",
        "no stream decides, so there would be no verdict at all",
        "let at least one stream decide",
    ),
}

_LISTS = {
    "unknown_kind": Message("没有“{name}”这种实体", "{advice}", "no stream has a key of kind “{name}”", "{advice}"),
    "unknown_role": Message("没有“{name}”这个键角色", "{advice}", "there is no key role “{name}”", "{advice}"),
    "role_kind": Message(
        "角色“{name}”是“{kind}”，名单要的是“{want}”",
        "{advice}",
        "role “{name}” is a {kind}, the list is of {want}",
        "{advice}",
    ),
    "allow_joint": Message(
        "放行名单“{name}”不能对所有单位生效",
        "写 scope: party 或删掉 scope；放行只在登记单位自己那里有效",
        "allow list “{name}” can't hold at all parties",
        "write scope: party or leave it out; an allow entry holds at its owner's party",
    ),
    "silences_not_allow": Message(
        "名单“{name}”是 {effect}，不能写 silences",
        "只有 effect: allow 的名单能静默别的规则",
        "list “{name}” is {effect} and can't silence anything",
        "only a list with effect: allow has silences",
    ),
    "allow_silences_nothing": Message(
        "放行名单“{name}”没有写静默什么，等于没有作用",
        "写 silences: [规则编号或名单]",
        "allow list “{name}” silences nothing, so it does nothing",
        "write silences: [rule ids or lists]",
        warns=True,
    ),
    "too_many_lists": Message(
        "“{kind}”的名单超过 {limit} 个",
        "把作用相同的名单合成一个",
        "more than {limit} lists hold keys of kind “{kind}”",
        "make one of those that act alike",
    ),
    "unknown_silenced": Message(
        "没有“{name}”这条规则或名单", "{advice}", "there is no rule or list “{name}”", "{advice}"
    ),
    "must_not_silence": Message(
        "“{name}”是 {effect} 名单，任何放行都不能静默它",
        "从 silences 里删掉",
        "“{name}” is a {effect} list, which nothing may silence",
        "take it out of silences",
    ),
    "nothing_to_silence": Message(
        "“{name}”是 {effect} 名单，本来就不拦截",
        "从 silences 里删掉",
        "“{name}” is a {effect} list and stops nothing",
        "take it out of silences",
    ),
}

_FEATURES = {
    "no_aggregate": Message(
        "特征“{name}”没有写算什么",
        "写 count、sum、mean、min、max、var、std、distinct、first、last、since_last、rate 或 value 之一",
        "feature “{name}” does not say what to compute",
        "write one of count, sum, mean, min, max, var, std, distinct, first, last, since_last, rate, value",
    ),
    "two_aggregates": Message(
        "特征“{name}”同时写了 {first} 和 {second}",
        "拆成两个特征",
        "feature “{name}” has both {first} and {second}",
        "make it two features",
    ),
    "missing_stream": Message(
        "特征“{name}”没有写事件流",
        "写 {aggregate}: 事件流名称",
        "feature “{name}” does not say which stream",
        "write {aggregate}: NAME-OF-STREAM",
    ),
    "of_not_here": Message(
        "{aggregate} 不用写 of",
        "事件流直接写在 {aggregate} 后面",
        "{aggregate} takes no `of`",
        "the stream stands after {aggregate} itself",
    ),
    "unknown_stream": Message("没有“{name}”这个事件流", "{advice}", "there is no stream “{name}”", "{advice}"),
    "not_a_role": Message(
        "事件流“{stream}”没有键角色“{name}”", "{advice}", "stream “{stream}” has no key role “{name}”", "{advice}"
    ),
    "since_last_self": Message(
        "“{name}”：since_last 量的是到上一笔的时间，不能包含本笔",
        "删掉 include",
        "“{name}”: since_last measures to an earlier event, never to the event itself",
        "leave include out",
    ),
    "no_delay": Message(
        "“{name}”：since_last 不支持 delay", "删掉 delay", "“{name}”: since_last has no delay", "leave delay out"
    ),
    "reach_too_long": Message(
        "“{name}”的 window 加 delay 超过 400d",
        "缩短其中一个",
        "window and delay of “{name}” reach back more than 400d",
        "shorten one of them",
    ),
    "resolution_aggregate": Message(
        "{aggregate} 不能按格子计算",
        "删掉 resolution；它只用于 count、sum、mean、min、max、var、std",
        "{aggregate} can't have a resolution",
        "leave it out; count, sum, mean, min, max, var and std can have one",
    ),
    "resolution_delay": Message(
        "resolution 和 delay 不能一起用", "只留一个", "resolution and delay don't go together", "keep one"
    ),
    "resolution_long": Message(
        "resolution 比 window 还长", "写得比 window 短", "the resolution is longer than the window", "make it shorter"
    ),
    "float_window": Message(
        "{aggregate} 不能用小数：窗口里只存整数，各处才能算出同一个数",
        "把字段声明成 {{decimal: 2}} 之类，按整数保存",
        "{aggregate} can't take decimal numbers: windows hold whole ones, so that every machine gets the same result",
        "declare the field with {{decimal: 2}} or so; it is then kept as a whole number",
    ),
    "window_type": Message(
        "{aggregate} 不能用{got}",
        "换成可以统计的字段",
        "{aggregate} can't take {got}",
        "name a field that it can count",
    ),
    "distinct_name": Message(
        "distinct 只能写一个键或字段名",
        "例如 distinct: device",
        "distinct takes the name of one key or field",
        "write for example distinct: device",
    ),
    "cycle": Message(
        "互相引用成了圈：{names}", "断开其中一处", "these need each other in a circle: {names}", "break it at one place"
    ),
}

_MODELS = {
    "model_extension": Message(
        "模型文件“{file}”不是 .npz",
        "用 liandun 导出的 .npz；绝不读取 pickle",
        "model file “{file}” is not .npz",
        "export the model to .npz; pickles are never read",
    ),
    "model_outside": Message(
        "模型文件“{file}”在策略包之外",
        "放进策略包目录",
        "model file “{file}” is outside the pack",
        "put it into the pack's folder",
    ),
    "model_missing": Message(
        "找不到模型文件“{file}”", "放进策略包目录", "there is no model file “{file}”", "put it into the pack's folder"
    ),
    "model_content": Message(
        "模型文件“{file}”不能用（{why}）",
        "重新导出",
        "model file “{file}” can't be used ({why})",
        "export it again",
    ),
    "model_inputs": Message(
        "模型文件“{file}”要 {want} 个输入，这里给了 {given} 个",
        "按训练时的顺序写全输入",
        "model file “{file}” takes {want} inputs, {given} are given here",
        "write all inputs in the order of training",
    ),
    "model_on_model": Message(
        "模型“{name}”的输入又用到了另一个模型",
        "改成直接用特征",
        "an input of model “{name}” rests on another model",
        "use features instead",
    ),
}

_RULES = {
    "duplicate_id": Message(
        "规则编号“{name}”在 {first} 已经用过",
        "换个编号",
        "rule id “{name}” is already used at {first}",
        "take another id",
    ),
    "id_is_list": Message(
        "“{name}”既是规则编号又是名单名", "换个编号", "“{name}” is a rule's id and a list's name", "take another id"
    ),
    "score_large": Message("分值超过 {limit}", "写小一点", "the score is beyond {limit}", "make it smaller"),
    "stream_decides_not": Message(
        "事件流“{name}”不判定，规则不能用在上面",
        "{advice}",
        "stream “{name}” does not decide, so no rule can act on it",
        "{advice}",
    ),
}

PARTS = {**_STREAMS, **_LISTS, **_FEATURES, **_MODELS, **_RULES}
