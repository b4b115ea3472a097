"""What an intake plan says of a pack and a source."""

import json

import pytest

from liandun.engine.schema import Role, Schema
from liandun.packs.errors import PackError
from liandun.packs.identity import entity_key
from liandun.replay.intake import pack_schema, plan_intake
from liandun.replay.lines import decode_lines
from liandun.replay.sources import plain_source
from tests.replay.intakes import MAPPING, PAYMENT, SECRET, mapped, pack, plain


def test_the_schema_holds_streams_roles_and_fields_in_their_order():
    schema = pack_schema(pack())
    assert schema.streams == ("payment", "login")
    assert [role.name for role in schema.roles] == ["card", "device", "payer", "payee"]
    assert [field.name for field in schema.fields][:3] == ["amount_minor", "channel", "mcc"]


def test_events_without_a_stream_are_of_the_only_one_that_decides():
    assert plain().fallback == 0
    assert mapped().stream_slot is None


def test_a_mapping_of_one_stream_reads_no_other():
    assert [len(slots) > 0 for slots in mapped().slots] == [True, False]


def test_constants_are_cells_already():
    cells = {slot.name: cell for slot, cell in mapped().constants[0]}
    assert cells == {"mcc": 5411, "payer": entity_key("account", "shop", SECRET)}


def test_a_constant_of_the_wrong_type_is_refused():
    with pytest.raises(PackError, match="mcc"):
        mapped(MAPPING.replace("mcc: 5411", "mcc: food"))


def test_the_caller_says_whether_keys_come_hashed():
    assert not plan_intake(pack(), plain_source(pack()), origin="x", secret=SECRET).hashed
    assert plan_intake(pack(), plain_source(pack()), origin="x", secret=SECRET, hashed=True).hashed


def test_columns_may_be_wider_than_the_pack():
    own = pack_schema(pack())
    wide = Schema(("call", *own.streams), (Role("caller", "phone"), *own.roles), own.fields)
    intake = plan_intake(pack(), plain_source(pack()), origin="shop", secret=SECRET, schema=wide)
    read = decode_lines(intake, [json.dumps(PAYMENT | {"card": "6222"}).encode()])
    assert (read.problems, read.columns.stream.tolist()) == ([], [1])
    assert read.columns.key("card").tolist() == [entity_key("card", "6222", SECRET)]
