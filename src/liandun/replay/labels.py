"""Reads which events were fraud out of a column of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.replay.backtest import BacktestError
from liandun.replay.files import LABEL, Events

_FRAUD = {"1": 1, "true": 1, "yes": 1, "fraud": 1, "0": 0, "false": 0, "no": 0, "genuine": 0, "": -1, "nan": -1}


def fraud_of(events: Events, column: str | None) -> NDArray[np.int8]:
    """What each event was.

    Args:
        column: a column that was read along; None = the source mapping's own label.

    Returns:
        (n,) int8: 1 fraud, 0 genuine, -1 not known.

    Raises:
        BacktestError: there is no label, or a text that says neither.
    """
    if column is None:
        if LABEL not in events.labels:
            raise BacktestError("the source mapping names no label; say with --label which column tells fraud")
        return np.asarray(events.labels[LABEL], np.int8)
    texts, index = np.unique([_text(value) for value in events.labels[column].tolist()], return_inverse=True)
    strange = [text for text in texts.tolist() if text not in _FRAUD]
    if strange:
        raise BacktestError(
            f"--label {column}: “{strange[0]}” says neither fraud nor genuine; use 1 and 0, empty = not known"
        )
    return np.array([_FRAUD[text] for text in texts.tolist()], np.int8)[index]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().lower()
