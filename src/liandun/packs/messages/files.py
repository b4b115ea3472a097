"""Mistakes in the files themselves: YAML, keys, texts, numbers, translations."""

from liandun.packs.messages.message import Message

FILES = {
    "no_pack": Message(
        "“{name}”不是策略包",
        "写策略包目录的路径；{advice}",
        "“{name}” is no pack",
        "give the path of its folder; {advice}",
    ),
    "file_missing": Message(
        "缺少文件 {file}",
        "新建这个文件；策略包至少要有 pack.yaml 和 rules.yaml",
        "{file} is missing",
        "add it; a pack has at least pack.yaml and rules.yaml",
    ),
    "file_empty": Message("{file} 是空的", "填写内容", "{file} is empty", "fill it in"),
    "features_absent": Message(
        "features.yaml 不存在或是空的，而表达式里有 {count} 处名称没有定义",
        "把这些特征写进 features.yaml",
        "features.yaml is missing or empty, and {count} names in expressions mean nothing",
        "write those features in features.yaml",
    ),
    "file_large": Message(
        "文件超过 {limit} 字节", "拆分或精简", "the file has more than {limit} bytes", "split it or make it smaller"
    ),
    "file_not_utf8": Message("文件不是 UTF-8 编码", "另存为 UTF-8", "the file is not UTF-8", "save it as UTF-8"),
    "file_outside": Message(
        "链接指向策略包之外", "把文件本身放进来", "the link leads out of the pack", "put the file itself here"
    ),
    "unknown_file": Message("策略包里没有这种文件", "{advice}", "a pack has no such file", "{advice}"),
    "yaml": Message(
        "YAML 语法错误：{detail}",
        "检查缩进、冒号后的空格和引号",
        "not YAML: {detail}",
        "check the indentation, the space after colons, and the quotes",
    ),
    "yaml_tab": Message(
        "第 {column} 个字符是制表符（Tab）",
        "缩进只用空格",
        "a tab stands at character {column}",
        "use spaces for indentation",
    ),
    "yaml_alias": Message(
        "不允许使用锚点和别名（& 与 *）",
        "把内容写全；以 & 或 * 开头的文字要加引号",
        "anchors and aliases (& and *) are not allowed",
        "write it out; put quotes around a text that begins with & or *",
    ),
    "yaml_tag": Message(
        "不允许使用标签（!）",
        "删掉标签；以 ! 开头的文字要加引号",
        "tags (!) are not allowed",
        "remove it; put quotes around a text that begins with !",
    ),
    "yaml_documents": Message(
        "一个文件只能有一份文档", "删掉多出来的 ---", "a file holds one document only", "remove the further ---"
    ),
    "yaml_deep": Message("嵌套超过 {limit} 层", "简化结构", "nested more than {limit} levels deep", "make it flatter"),
    "yaml_key": Message("配置项的名称必须是文字", "改成简单的名称", "a key must be a text", "use a plain key"),
    "duplicate_key": Message(
        "配置项“{key}”重复，第 {first} 行已经写过",
        "只留一个",
        "key “{key}” stands here twice, first on line {first}",
        "keep one",
    ),
    "unknown_key": Message("没有“{key}”这个配置项", "{advice}", "unknown key “{key}”", "{advice}"),
    "missing_key": Message("缺少“{key}”", "补上", "“{key}” is missing", "add it"),
    "wants_mapping": Message(
        "“{what}”应当是若干“键: 值”", "改成 键: 值 的形式", "“{what}” must be a mapping", "write it as key: value"
    ),
    "wants_list": Message(
        "“{what}”应当是列表", "每项一行，以 - 开头，或写成 [a, b]", "“{what}” must be a list", "write - a or [a, b]"
    ),
    "wants_text": Message("“{what}”应当是一段文字", "写成一个值", "“{what}” must be a single text", "write one value"),
    "wants_whole": Message(
        "“{what}”应当是整数，现在是“{value}”",
        "写成例如 40",
        "“{what}” must be a whole number, not “{value}”",
        "write for example 40",
    ),
    "wants_flag": Message(
        "“{what}”应当是 true 或 false，现在是“{value}”",
        "写 true 或 false",
        "“{what}” must be true or false, not “{value}”",
        "write true or false",
    ),
    "wants_both": Message(
        "“{what}”必须同时有中文和英文",
        "写成 {{zh: 中文, en: English}}",
        "“{what}” must be in Chinese and English",
        "write {{zh: 中文, en: English}}",
    ),
    "translation_missing": Message(
        "“{what}”缺少 {language}", "补上这种语言的文字", "“{what}” has no {language}", "add the words in that language"
    ),
    "zh_not_chinese": Message(
        "“{what}”的 zh 里没有汉字", "写成中文", "the zh of “{what}” has no Chinese character", "write it in Chinese"
    ),
    "en_chinese": Message(
        "“{what}”的 en 里有汉字", "写成英文", "the en of “{what}” has Chinese characters", "write it in English"
    ),
    "bad_choice": Message("“{what}”不能是“{value}”", "{advice}", "“{what}” can't be “{value}”", "{advice}"),
    "bad_duration": Message(
        "“{what}: {value}”不是可用的时长",
        "{advice}",
        "“{what}: {value}” is not a duration a pack can have",
        "{advice}",
    ),
    "bad_name": Message(
        "“{name}”不能当名称",
        "用字母、数字和下划线，不以数字开头，最多 63 个字符",
        "“{name}” can't be a name",
        "use letters, digits and _, not a digit first, at most 63",
    ),
    "bad_id": Message(
        "“{name}”不能当编号",
        "用字母、数字和 . _ -，最多 63 个字符",
        "“{name}” can't be an id",
        "use letters, digits and . _ -, at most 63",
    ),
    "twice": Message("“{name}”在“{what}”里写了两次", "只留一个", "“{name}” stands twice in “{what}”", "keep one"),
    "too_many": Message(
        "“{what}”超过 {limit} 项",
        "删减或拆成几个策略包",
        "“{what}” has more than {limit} entries",
        "remove some or split the pack",
    ),
    "unknown_zone": Message(
        "没有“{name}”这个时区",
        "写例如 Asia/Shanghai",
        "there is no time zone “{name}”",
        "write for example Asia/Shanghai",
    ),
    "bad_version": Message("版本号不能是 {value}", "从 1 开始写整数", "the version can't be {value}", "count from 1"),
}
