from liandun.gateway.verdicts import READS, VerdictStore
from tests.gateway.desk import payment


def emptied(desk):
    """A store that knows the eras but no verdict."""
    store = VerdictStore(desk.folder.journal)
    for seq, replies in desk.decider.memory.store.eras():
        store.begin_era(seq, replies)
    return store


def test_an_old_verdict_is_read_from_the_journal(desk):
    rows = desk.ask(payment("p1"), payment("p2", amount_minor=200_000))
    recent, old = desk.decider.memory.store.find(rows[1]["seq"]), emptied(desk).find(rows[1]["seq"])
    assert recent is not None
    assert old is not None
    words = [given.replies.json_row("p2", rows[1]["seq"], given.verdict) for given in (recent, old)]
    assert words[0] == words[1]


def test_what_is_no_event_has_no_verdict(desk):
    assert emptied(desk).find(1) is None
    assert emptied(desk).find(999) is None


def test_one_micro_batch_reads_only_so_often_from_the_journal(desk):
    seqs = [desk.ask(payment(f"p{i}"))[0]["seq"] for i in range(READS + 1)]
    find = emptied(desk).reader()
    assert [find(seq) is not None for seq in seqs] == [True] * READS + [False]
    assert find(seqs[0]) is not None
