"""Mistakes in expressions."""

from liandun.packs.messages.message import Message

_WRITING = {
    "expr_empty": Message("表达式是空的", "写一个条件或算式", "the expression is empty", "write a condition or a sum"),
    "expr_long": Message(
        "表达式有 {length} 个字符，超过 {limit}",
        "把一部分写成 features.yaml 里的 value",
        "the expression has {length} characters, more than {limit}",
        "make parts of it values in features.yaml",
    ),
    "expr_deep": Message(
        "表达式嵌套超过 {limit} 层",
        "把里层写成 features.yaml 里的 value",
        "the expression is nested more than {limit} levels deep",
        "make the inner parts values in features.yaml",
    ),
    "expr_large": Message(
        "表达式展开后超过 {limit} 项",
        "把一部分写成 features.yaml 里的 value",
        "the expression grows to more than {limit} operations",
        "make parts of it values in features.yaml",
    ),
    "expr_syntax": Message(
        "第 {column} 个字符附近看不懂：“{near}”",
        "检查括号、逗号和运算符是否齐全",
        "not understood near character {column}: “{near}”",
        "check that brackets, commas and operators are complete",
    ),
    "bad_sign": Message(
        "第 {column} 个字符“{sign}”不能用在表达式里",
        "可用 + - * / % = <> < <= > >= ( ) , 以及 and or not in between is null case",
        "“{sign}” (character {column}) can't stand in an expression",
        "use + - * / % = <> < <= > >= ( ) , and or not in between is null case",
    ),
    "other_sign": Message(
        "第 {column} 个字符“{sign}”不能用在表达式里",
        "写 {meant}",
        "“{sign}” (character {column}) can't stand in an expression",
        "write {meant}",
    ),
    "double_quote": Message(
        "第 {column} 个字符是 {sign}，不是半角单引号",
        "文本用半角单引号，例如 'online'；名称不加引号",
        "character {column} is {sign}, not a straight single quote",
        "write texts as 'online' and names without quotes",
    ),
    "open_text": Message(
        "第 {column} 个字符的单引号没有配对",
        "补上右边的单引号；文本里的单引号写两个，不能有反斜杠",
        "the quote at character {column} is not closed",
        "close it; write a quote within a text twice, and no backslash",
    ),
    "bad_number": Message(
        "“{value}”不是数（第 {column} 个字符）",
        "写例如 1000 或 2.5；不带单位和下划线",
        "“{value}” (character {column}) is not a number",
        "write 1000 or 2.5, without a unit or _",
    ),
    "number_large": Message(
        "数“{value}”太大",
        "整数要小于 2 的 63 次方，小数要小于 1e308",
        "the number “{value}” is too large",
        "whole numbers are below 2^63, decimal ones below 1e308",
    ),
    "bad_time": Message(
        "“{value}”不是时间",
        "写例如 timestamp '2026-01-31 08:00:00'",
        "“{value}” is not a time",
        "write for example timestamp '2026-01-31 08:00:00'",
    ),
    "subquery": Message(
        "表达式里不能有查询（{name}，第 {column} 个字符）",
        "统计写成 features.yaml 里的特征，这里用它的名称",
        "an expression holds no query ({name}, character {column})",
        "write what it counts as a feature in features.yaml and name that here",
    ),
    "aggregate": Message(
        "表达式里不能统计（{name}，第 {column} 个字符）",
        "写成 features.yaml 里的特征；几个值取大小用 greatest、least",
        "an expression can't aggregate ({name}, character {column})",
        "write a feature in features.yaml; for the larger or smaller of values use greatest or least",
    ),
    "builtin_called": Message(
        "“{name}”不是函数（第 {column} 个字符）",
        "去掉括号，直接写 {name}",
        "“{name}” is not a function (character {column})",
        "write {name} without brackets",
    ),
    "unknown_function": Message(
        "没有函数“{name}”（第 {column} 个字符）",
        "{advice}",
        "there is no function “{name}” (character {column})",
        "{advice}",
    ),
    "no_such_operation": Message(
        "表达式里不能用“{name}”（第 {column} 个字符）",
        "用比较、算术、and or not、in、between、is null、case 和文档列出的函数",
        "“{name}” can't be used in an expression (character {column})",
        "use comparisons, arithmetic, and or not, in, between, is null, case, and the functions in the reference",
    ),
    "arguments": Message(
        "{name} 要 {want} 个参数，写了 {got} 个",
        "改参数",
        "{name} takes {want} arguments, not {got}",
        "mend the arguments",
    ),
    "in_empty": Message(
        "in 后面没有值",
        "写例如 in ('online', 'store')",
        "nothing stands after in",
        "write for example in ('online', 'store')",
    ),
    "is_what": Message(
        "is 后面只能是 null 或 not null",
        "条件直接写 {text} 或 not {text}",
        "only null or not null can stand after is",
        "for a condition write {text} or not {text}",
    ),
}

_NAMES = {
    "unknown_name": Message(
        "没有“{name}”这个名称（第 {column} 个字符）",
        "{advice}",
        "there is no “{name}” (character {column})",
        "{advice}",
    ),
    "name_elsewhere": Message(
        "这里不能用“{name}”（第 {column} 个字符）：{why}",
        "换成这里有的名称",
        "“{name}” can't be used here (character {column}): {why}",
        "use a name that exists here",
    ),
    "unknown_list": Message("没有“{name}”这个名单", "{advice}", "there is no list “{name}”", "{advice}"),
    "list_here": Message(
        "窗口特征里不能查名单，因为名单会变",
        "写进规则的条件",
        "a window can't ask lists, since they change",
        "ask in the rule's condition",
    ),
    "list_name": Message(
        "in_list 的名单要写成文本，现在是 {text}",
        "写例如 in_list(card, 'stolen_card')",
        "in_list takes the list's name as a text, not {text}",
        "write for example in_list(card, 'stolen_card')",
    ),
    "list_key": Message(
        "in_list 的第一项 {text} 是{got}，不是键",
        "写一个键角色，例如 in_list(card, 'stolen_card')",
        "{text} in in_list is {got}, not a key",
        "name a key role, for example in_list(card, 'stolen_card')",
    ),
    "list_kind": Message(
        "名单“{name}”登记的是“{list_kind}”，“{role}”是“{kind}”",
        "换成同种的名单或角色",
        "list “{name}” holds {list_kind}, but “{role}” is a {kind}",
        "use a list or a role of the same kind",
    ),
}

_TYPES = {
    "type_clash": Message(
        "{left} 是{left_type}，{right} 是{right_type}，不能放在一起",
        "改成同一类",
        "{left} is {left_type} and {right} is {right_type}, which don't go together",
        "make both the same",
    ),
    "chained": Message(
        "比较不能连写：{first} 的结果是真假值",
        "拆成两个比较，用 and 连起来：{first} and {second} …… {third}",
        "comparisons can't be chained: {first} is already true or false",
        "make it two comparisons joined by and: {first} and {second} … {third}",
    ),
    "time_as_text": Message(
        "时间不能和文本 {text} 比较",
        "写成 timestamp {text}",
        "a time can't be compared with the text {text}",
        "write timestamp {text}",
    ),
    "wants_type": Message(
        "这里要{want}，{text} 是{got}", "改写表达式", "{want} is needed here; {text} is {got}", "rewrite the expression"
    ),
    "wants_condition": Message(
        "{text} 是{got}，不是条件",
        "写成比较，例如 {text} > 0",
        "{text} is {got}, not a condition",
        "compare it with something",
    ),
    "wants_number": Message(
        "{text} 是{got}，不能计算", "换成数", "{text} is {got}; one can't calculate with it", "use a number"
    ),
    "wants_time": Message(
        "{name} 要时间，{text} 是{got}",
        "例如 {name}(now)",
        "{name} takes a time; {text} is {got}",
        "write for example {name}(now)",
    ),
    "no_order": Message(
        "{text} 是{got}，没有大小",
        "只用 =、<> 或 in 比较",
        "{text} is {got}, which has no order",
        "compare it by =, <> or in only",
    ),
    "kinds_differ": Message(
        "“{left}”和“{right}”是两种实体，永远不相等",
        "比较同一种实体的键",
        "a {left} and a {right} are different kinds and never equal",
        "compare keys of one kind",
    ),
    "key_value": Message(
        "{text} 是键，不能当作值",
        "键只用于 is null、=、<>、in_list 和 distinct",
        "{text} is a key and can't be a value",
        "keys go with is null, =, <>, in_list and distinct only",
    ),
    "compare_null": Message(
        "和 null 比较永远没有结果",
        "写 {text} is {not_}null",
        "a comparison with null is never true",
        "write {text} is {not_}null",
    ),
    "null_alone": Message(
        "只有 null，看不出是什么", "和一个值一起用", "null alone has no type", "use it beside a value"
    ),
    "not_a_value": Message("{text} 不会是“{value}”", "{advice}", "{text} is never “{value}”", "{advice}"),
    "mod_decimal": Message(
        "{text}：% 只用于整数", "换成整数", "{text}: % takes whole numbers only", "use whole numbers"
    ),
    "time_arithmetic": Message(
        "{text}：时间只能相减，得到秒数",
        "写例如 now - opened_at < 3600",
        "{text}: times can only be subtracted, which gives seconds",
        "write for example now - opened_at < 3600",
    ),
    "scaled_field": Message(
        "“{name}”按 {scale} 位小数存成整数，和 {value} 比较多半不对",
        "写 {scaled}",
        "“{name}” is kept as a whole number with {scale} decimals moved in, so {value} is hardly meant",
        "write {scaled}",
        warns=True,
    ),
}

EXPRESSIONS = {**_WRITING, **_NAMES, **_TYPES}
