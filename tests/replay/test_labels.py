"""Labels from a column."""

import numpy as np
import pytest

from liandun.replay.backtest import BacktestError
from liandun.replay.files import LABEL, read_events
from liandun.replay.labels import fraud_of
from tests.replay.small import pack_of


def events(folder, *values):
    pack = pack_of(folder / "pack")
    lines = [f"{i},2026-03-01 09:00,{i},10,{value}" for i, value in enumerate(values)]
    (folder / "e.csv").write_text("\n".join(["id,paid_at,card,amount_minor,bad", *lines]) + "\n", encoding="utf-8")
    return read_events(pack, [folder / "e.csv"], labels=["bad"])


def test_a_column_says_fraud_genuine_or_nothing(tmp_path):
    assert fraud_of(events(tmp_path, "1", "0", "", "1"), "bad").tolist() == [1, 0, -1, 1]
    assert fraud_of(events(tmp_path, "True", "false", "fraud"), "bad").tolist() == [1, 0, 1]


def test_another_text_is_refused(tmp_path):
    with pytest.raises(BacktestError, match="“perhaps” says neither"):
        fraud_of(events(tmp_path, "1", "perhaps"), "bad")


def test_without_a_column_the_mapping_s_own_label_is_used(tmp_path):
    read = events(tmp_path, "1", "0")
    with pytest.raises(BacktestError, match="--label"):
        fraud_of(read, None)
    read.labels[LABEL] = np.array([0, 1], np.int8)
    assert fraud_of(read, None).tolist() == [0, 1]
