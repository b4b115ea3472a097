from liandun.bench.answers import differences
from liandun.bench.probe import probe
from liandun.bench.workload import w1_columns
from tests.bench.small import N, compiled, kernel_answer, work

LAST = range(N - 300, N)


def test_the_kernel_counts_what_the_definition_says_with_and_without_ties():
    for ties in (False, True):
        columns = w1_columns(work(ties=ties).events, compiled().schema)
        exact = probe(compiled().packs[0], columns, LAST)
        for name, (values, null) in kernel_answer(ties=ties).features.items():
            assert (exact[name][1] == null[LAST.start :]).all(), name
            assert (exact[name][0] == values[LAST.start :]).all(), name


def test_the_events_fill_windows():
    tops = {name: values.max() for name, (values, _) in kernel_answer().features.items()}
    assert tops["c_dm_24h"] > 1
    assert tops["s_cnt_1h"] > 1
    assert differences(kernel_answer(), kernel_answer(ties=True)) != {}
