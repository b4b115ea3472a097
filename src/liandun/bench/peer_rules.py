"""The rules of W1 as the peers run them: their SQL text as it stands in the pack, and the same by hand in Python."""

from __future__ import annotations

import re
from typing import Any

import yaml

from liandun.packs.catalogue import find_pack
from liandun.packs.model import OUTCOMES, Outcome

Condition = bool
Row = tuple[Any, ...]  # ints and floats, NaN where missing


def sql_rules() -> tuple[str, ...]:
    """Conditions in the pack's order; lists are boolean columns such as `l_card`, the hour is the column `hour`."""
    return tuple(
        re.sub(r"in_list\(\w+, '(\w+)'\)", r"\1", rule["when"]).replace("hour(paid_at)", "hour") for rule in _rules()
    )


def outcome_bits() -> list[tuple[int, int]]:
    """(bits of the rules that lead to it, code) of each outcome, strongest first."""
    then = [rule["then"] for rule in _rules()]
    bits = {outcome: sum(1 << number for number, name in enumerate(then) if name == outcome) for outcome in Outcome}
    return [(bits[outcome], OUTCOMES.index(outcome)) for outcome in Outcome if bits[outcome]]


def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load((find_pack("w1") / "rules.yaml").read_text(encoding="utf-8"))
    return rules


def fired(event: Row, features: Row) -> int:
    """Bit r = rule r fired.

    Args:
        event: amount in fen, channel, mcc, hour, then 1 or 0 for each list: card, phone, device, account, merchant.
        features: W1's 24 in the pack's order.
    """
    return _card_rules(event, features) | _account_and_device_rules(event, features) | _other_rules(event, features)


def _card_rules(event: Row, features: Row) -> int:
    amount, channel, _, _, l_card, l_phone, l_device, l_account, l_merchant = event
    cnt_10m, cnt_1h, cnt_24h, sum_24h, mean_30d, max_7d, dm_24h, tsl = features[:8]
    return (
        l_card
        | l_phone << 1
        | (l_device and amount > 2000) << 2
        | l_account << 3
        | (l_merchant and amount > 10000) << 4
        | (cnt_10m >= 5) << 5
        | (cnt_10m >= 3 and channel == 0) << 6
        | (cnt_1h >= 8) << 7
        | (cnt_24h >= 20) << 8
        | (cnt_1h >= 6 and dm_24h >= 6) << 9
        | (sum_24h > 200000) << 10
        | (sum_24h > 500000) << 11
        | (sum_24h > 1000000 and cnt_24h >= 5) << 12
        | (amount > 10 * mean_30d and amount > 30000) << 13
        | (amount >= max_7d and amount > 150000) << 14
        | (dm_24h >= 8) << 15
        | (0 <= tsl < 20 and amount > 5000) << 16
        | (0 <= tsl < 5 and channel == 1) << 17
        | (sum_24h > 3 * mean_30d * cnt_24h and cnt_24h >= 3) << 49
    )


def _account_and_device_rules(event: Row, features: Row) -> int:
    amount = event[0]
    a_cnt_1h, a_sum_7d, a_dd_7d, a_tsl, d_cnt_10m, d_dc_1h, d_dc_24h, d_sum_24h = features[8:16]
    return (
        (a_cnt_1h >= 10) << 18
        | (a_sum_7d > 2000000) << 19
        | (a_dd_7d >= 6) << 20
        | (a_dd_7d >= 10 and a_cnt_1h >= 5) << 21
        | (0 <= a_tsl < 10 and amount > 20000) << 22
        | (d_cnt_10m >= 8) << 23
        | (d_dc_1h >= 8) << 24
        | (d_dc_24h >= 10) << 25
        | (d_dc_1h >= 5 and amount < 500) << 26
        | (d_sum_24h > 300000) << 27
        | (d_sum_24h > 800000 and d_dc_24h >= 3) << 28
        | (features[0] >= 4 and d_dc_1h >= 4 and amount < 1000) << 44
        | (a_dd_7d >= 3 and 0 <= features[7] < 60 and amount > 15000) << 45
        | (amount > 300000 and a_tsl > 600000) << 47
        | (event[8] and (features[1] >= 3 or d_cnt_10m >= 3)) << 48
    )


def _other_rules(event: Row, features: Row) -> int:
    amount, channel, mcc, hour = event[:4]
    m_cnt_10m, m_mean_24h, m_dc_1h, s_cnt_1h, s_sum_24h, p_cnt_24h, p_da_30d, p_max_24h = features[16:]
    return (
        (m_cnt_10m >= 120) << 29
        | (amount > 20 * m_mean_24h and amount > 50000) << 30
        | (m_dc_1h >= 500) << 31
        | (s_cnt_1h >= 200) << 32
        | (s_sum_24h > 20000000) << 33
        | (channel == 1 and 1 <= hour < 5 and amount > 40000) << 34
        | (p_cnt_24h >= 25) << 35
        | (p_da_30d >= 8) << 36
        | (p_da_30d >= 15) << 37
        | (p_max_24h > 300000) << 38
        | (p_max_24h > 100000 and p_da_30d >= 4) << 39
        | (mcc == 42 and amount > 20000) << 40
        | (mcc in (7, 13, 99) and channel == 0 and amount > 30000) << 41
        | (250 <= mcc < 260 and features[2] >= 4) << 42
        | (hour < 5 and channel == 0 and amount > 80000) << 43
        | (amount > 300000) << 46
    )
