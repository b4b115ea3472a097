"""Typed trees: what an expression becomes, and which ones have no sense."""

import pytest

from liandun.packs.model import Call, Const, InList, Ref, Source, Type
from liandun.packs.words import text_of
from tests.packs.sample import condition, found, rule, value

MCC = Ref("mcc", Source.FIELD, Type.INT)
RISK = Ref("risk", Source.FIELD, Type.FLOAT)
IS_NEW = Ref("is_new", Source.FIELD, Type.BOOL)
CHANNEL = Ref("channel", Source.FIELD, Type.CODE)
OPENED = Ref("opened_at", Source.FIELD, Type.TIME)
NOW = Ref("now", Source.BUILTIN, Type.TIME)
COUNT = Ref("card_count", Source.FEATURE, Type.INT)
RATIO = Ref("ratio", Source.DERIVED, Type.FLOAT)


def whole(number):
    return Const(number, Type.INT)


def decimal(number):
    return Const(number, Type.FLOAT)


def yes(op, *args):
    return Call(op, args, Type.BOOL)


def as_float(expr):
    return Call("float", (expr,), Type.FLOAT)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("mcc > 1", yes("gt", MCC, whole(1))),
        ("mcc <> 1", yes("ne", MCC, whole(1))),
        ("mcc != 1", yes("ne", MCC, whole(1))),
        ("mcc > -1", yes("gt", MCC, whole(-1))),
        ("risk > 1", yes("gt", RISK, decimal(1.0))),
        ("mcc > 1.5", yes("gt", as_float(MCC), decimal(1.5))),
        ("mcc > risk", yes("gt", as_float(MCC), RISK)),
        (
            "card_count = 3 and ratio > 4 and is_new",
            yes("and", yes("eq", COUNT, whole(3)), yes("gt", RATIO, decimal(4.0)), IS_NEW),
        ),
        ("is_new or (mcc = 1 or mcc = 2)", yes("or", IS_NEW, yes("eq", MCC, whole(1)), yes("eq", MCC, whole(2)))),
        ("not is_new", yes("not", IS_NEW)),
        ("is_new = true", yes("eq", IS_NEW, Const(True, Type.BOOL))),
        ("mcc is null", yes("is_null", MCC)),
        ("mcc is not null", yes("not", yes("is_null", MCC))),
        ("card is null", yes("is_null", Ref("card", Source.KEY, Type.KEY))),
        ("payer = payee", yes("eq", Ref("payer", Source.KEY, Type.KEY), Ref("payee", Source.KEY, Type.KEY))),
        ("mcc in (1, 2)", yes("or", yes("eq", MCC, whole(1)), yes("eq", MCC, whole(2)))),
        ("mcc not in (1)", yes("not", yes("eq", MCC, whole(1)))),
        ("mcc between 1 and 2", yes("and", yes("ge", MCC, whole(1)), yes("le", MCC, whole(2)))),
        ("channel = 'online'", yes("eq", CHANNEL, Const("online", Type.CODE))),
        ("in_list(card, 'stolen')", InList("card", "stolen")),
        ("now > timestamp '2026-01-31 08:00'", yes("gt", NOW, Const(1769817600000, Type.TIME))),
        ("now > timestamp '1970-01-01T00:00:01Z'", yes("gt", NOW, Const(1000, Type.TIME))),
        ("hour(now) = 3", yes("eq", Call("hour", (NOW,), Type.INT), whole(3))),
        ("weekday(opened_at) = 3", yes("eq", Call("weekday", (OPENED,), Type.INT), whole(3))),
        ("coalesce(is_new, null)", Call("coalesce", (IS_NEW, Const(None, Type.BOOL)), Type.BOOL)),
    ],
)
def test_a_condition_becomes_the_tree(tmp_path, text, tree):
    assert condition(tmp_path, text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("mcc + 1", Call("add", (MCC, whole(1)), Type.INT)),
        ("mcc * 1.5", Call("mul", (as_float(MCC), decimal(1.5)), Type.FLOAT)),
        ("mcc / 2", Call("div", (as_float(MCC), decimal(2.0)), Type.FLOAT)),
        ("mcc % 2", Call("mod", (MCC, whole(2)), Type.INT)),
        ("-mcc", Call("neg", (MCC,), Type.INT)),
        ("abs(risk)", Call("abs", (RISK,), Type.FLOAT)),
        ("floor(risk)", Call("floor", (RISK,), Type.INT)),
        ("floor(mcc)", MCC),
        ("nullif(risk, 0)", Call("nullif", (RISK, decimal(0.0)), Type.FLOAT)),
        ("least(mcc, risk, 3)", Call("least", (as_float(MCC), RISK, decimal(3.0)), Type.FLOAT)),
        ("coalesce(mcc, 0)", Call("coalesce", (MCC, whole(0)), Type.INT)),
        ("if(is_new, 1, 2.5)", Call("if", (IS_NEW, decimal(1.0), decimal(2.5)), Type.FLOAT)),
        (
            "case when is_new then 1 when mcc = 2 then 3 end",
            Call(
                "if",
                (IS_NEW, whole(1), Call("if", (yes("eq", MCC, whole(2)), whole(3), Const(None, Type.INT)), Type.INT)),
                Type.INT,
            ),
        ),
        ("case mcc when 2 then 3 else 4 end", Call("if", (yes("eq", MCC, whole(2)), whole(3), whole(4)), Type.INT)),
        (
            "now - opened_at",
            Call("div", (as_float(Call("sub", (NOW, OPENED), Type.INT)), decimal(1000.0)), Type.FLOAT),
        ),
        ("lag", Ref("lag", Source.BUILTIN, Type.FLOAT)),
        ("stream", Ref("stream", Source.BUILTIN, Type.CODE)),
        ("paid_at", Ref("paid_at", Source.FIELD, Type.TIME)),
        ("9223372036854775807", whole(2**63 - 1)),
    ],
)
def test_a_value_becomes_the_tree(tmp_path, text, tree):
    assert value(tmp_path, text) == tree


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("card_cuont > 1", "unknown_name"),
        ("score > 1", "name_elsewhere"),
        ("channel > 3", "type_clash"),
        ("mcc > 'x'", "type_clash"),
        ("is_new = 1", "type_clash"),
        ("now = 5", "type_clash"),
        ("1 < mcc < 5", "chained"),
        ("now > '2026-01-01'", "time_as_text"),
        ("channel = 'shop'", "not_a_value"),
        ("'shop' = channel", "not_a_value"),
        ("channel in ('online', 'shop')", "not_a_value"),
        ("stream = 'pay'", "not_a_value"),
        ("case when is_new then channel else 'store' end = 'shop'", "not_a_value"),
        ("mcc = null", "compare_null"),
        ("null <> mcc", "compare_null"),
        ("mcc in (1, null)", "compare_null"),
        ("mcc", "wants_type"),
        ("mcc and is_new", "wants_condition"),
        ("not mcc", "wants_condition"),
        ("channel + 1 > 2", "wants_number"),
        ("abs(channel) > 2", "wants_number"),
        ("hour(mcc) = 3", "wants_time"),
        ("channel > 'a'", "no_order"),
        ("is_new > false", "no_order"),
        ("payer < payee", "no_order"),
        ("greatest(channel, 'store') = 'store'", "no_order"),
        ("card = device", "kinds_differ"),
        ("coalesce(card, device) is null", "key_value"),
        ("case when is_new then card end is null", "key_value"),
        ("now + 60 > opened_at", "time_arithmetic"),
        ("now + opened_at > 3", "time_arithmetic"),
        ("risk % 2 = 1", "mod_decimal"),
        ("mcc is true", "is_what"),
        ("mcc in ()", "in_empty"),
        ("coalesce(mcc) = 1", "arguments"),
        ("weekday(now, now) = 1", "arguments"),
        ("in_list(card) ", "arguments"),
        ("in_list(card, 'stoln')", "unknown_list"),
        ("in_list(card, stolen)", "list_name"),
        ("in_list(mcc, 'stolen')", "list_key"),
        ("in_list(device, 'stolen')", "list_kind"),
        ("mcc > 9223372036854775808", "number_large"),
        ("risk > 1e999", "number_large"),
        ("now > timestamp 'soon'", "bad_time"),
        ("coalesce(null, null) = 1", "null_alone"),
        ("mcc in (" + ", ".join(["1"] * 900) + ")", "expr_large"),
    ],
)
def test_an_expression_without_sense_is_refused(tmp_path, text, code):
    assert found(tmp_path, rules=rule(text), cases="[R1, R2]") == [f"rules.yaml:2 {code}"]


def test_operands_asked_for_twice_grow_no_tree_without_bound(tmp_path):
    text = "mcc"
    for _ in range(15):
        text = f"case {text} when 1 then 2 when 3 then 4 end"
    assert found(tmp_path, rules=rule(f"{text} = 1"), cases="[R1, R2]") == ["rules.yaml:2 expr_large"]


def test_every_mistake_of_one_expression_is_named(tmp_path):
    names = found(tmp_path, rules=rule("aaa > 1 and channel > 2 and bbb < 3"))
    assert [name.split()[1] for name in names] == ["unknown_name", "type_clash", "unknown_name"]


def test_a_decimal_field_compared_with_a_fraction_draws_a_warning(tmp_path):
    assert found(tmp_path, rules=rule("weight > 12.5"), cases="[R1, R2]") == ["rules.yaml:2 scaled_field"]


def test_a_name_whose_definition_is_wrong_is_not_called_unknown(tmp_path):
    broken = 'extra: {value: "mcc +"}\nmore: {value: "extra + 1"}\n'
    names = found(tmp_path, features=f"card_count: {{cuont: payment}}\nratio: {{value: '1.0'}}\n{broken}")
    assert {name.split()[1] for name in names} == {"unknown_key", "no_aggregate", "expr_syntax"}


def test_a_tree_reads_like_the_text_it_came_from(tmp_path):
    assert text_of(value(tmp_path, "(mcc + 1) * 2")) == "(mcc + 1) * 2"
