import json
from datetime import datetime

from liandun.world.records import records
from liandun.world.world import World


def test_records_are_json_with_ids_of_their_own():
    world = World(1, people=300)
    told = list(records(world, world.ordinary(1, 500), prefix="x"))
    assert len({record["id"] for record in told}) == len(told)
    assert json.loads(json.dumps(told)) == told


def test_times_carry_the_offset_of_shanghai():
    world = World(1, people=300)
    payment = next(r for r in records(world, world.ordinary(1, 500)) if r["stream"] == "payment")
    assert payment["paid_at"].endswith("+08:00")
    assert datetime.fromisoformat(payment["paid_at"]).tzinfo is not None


def test_no_record_tells_the_truth_that_a_pack_must_find():
    world = World(1, people=300)
    told = list(records(world, world.campaign("takeover", 1_793_600_000_000, gang=0)))
    assert not {"campaign", "known_at", "fraud"} & {name for record in told for name in record}


def test_what_is_missing_is_left_out():
    world = World(1, people=300)
    in_store = next(r for r in records(world, world.ordinary(1, 500)) if r.get("channel") == "store")
    assert "device" not in in_store
    assert in_store["store"].startswith("S")
