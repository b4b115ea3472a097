import json

import pyarrow as pa

from liandun.bench.bodies import arrow_bodies, json_tails, ndjson_bodies, tail, w1_events, write_tails


def test_bodies_hold_the_events_once_under_different_ids(tmp_path):
    ev = w1_events(10_000)
    part = tail(ev, 64)
    lines = [line for body in ndjson_bodies(json_tails(part), 32, "n") for line in body.split(b"\n")]
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == [f"n-{i}" for i in range(64)]
    assert [row["paid_at"] for row in rows] == part["ts"].tolist()
    tables = [pa.ipc.open_stream(body).read_all() for body in arrow_bodies(part, 32, "a")]
    assert pa.concat_tables(tables).column("card").to_pylist() == part["card"].tolist()
    write_tails(json_tails(part), tmp_path / "tails")
    assert json.loads("{" + (tmp_path / "tails").read_text().splitlines()[0])["amount_minor"] == rows[0]["amount_minor"]
