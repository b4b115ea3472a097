import json

from liandun.gateway.gather import Gatherer
from tests.gateway.desk import FILES, SECRET, allowance, payment, small_pack, work


def event(id, **values):
    return json.dumps(payment(id, **values)).encode()


def test_work_of_several_keys_becomes_one_set_of_columns(tmp_path):
    gatherer = Gatherer(small_pack(tmp_path), SECRET)
    works = [
        work("json", event("a"), allowance("s1", party=4)),
        work("ndjson", event("b") + b"\n" + event("c"), allowance("s2"), rows=2),
    ]
    found = gatherer.gather(works)
    assert list(found.ids()) == ["a", "b", "c"]
    assert found.columns.party.tolist() == [4, 0, 0]
    assert [found.sources[i] for i in found.source] == ["s1", "s2", "s2"]
    assert [(group.start, group.stop) for group in found.groups] == [(0, 1), (1, 3)]


def test_a_key_may_send_only_its_streams(tmp_path):
    owner = allowance("s1", streams=("login",))
    found = Gatherer(small_pack(tmp_path), SECRET).gather([work("json", event("a"), owner)])
    assert (found.problems[0].kind, found.problems[0].field) == ("not-allowed", "stream")


def test_a_problem_keeps_its_row(tmp_path):
    body = event("a") + b"\n{]\n" + event("é")
    found = Gatherer(small_pack(tmp_path), SECRET).gather([work("ndjson", body, rows=3)])
    assert found.problems[1].kind == "malformed"
    assert "（第 1 字节处）" in found.problems[1].detail_zh
    assert [found.ids()[0], found.ids()[2]] == ["a", "é"]


def test_a_key_with_a_mapping_that_is_not_there_is_told_so(tmp_path):
    fault = Gatherer(small_pack(tmp_path), SECRET).fault(allowance("s1", mapping="nosuch").key)
    assert fault is not None
    assert "nosuch" in fault.detail


def test_a_missing_stream_is_asked_for_by_the_names_there_are(tmp_path):
    pack = small_pack(tmp_path, pack=FILES["pack.yaml"].replace("    decides: false\n", ""))
    found = Gatherer(pack, SECRET).gather([work("json", b'{"id": "a"}')]).problems[0]
    assert (found.field, found.detail) == ("stream", "stream is missing; say which: payment, login")
    assert found.detail_zh.endswith("payment、login")
