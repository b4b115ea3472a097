"""A back-test's report as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_FIGURES = ("auc", "ap", "cp_at_100", "cp_ceiling", "precision", "recall", "value_recall", "fp_per_tp", "insult_rate")


def report_lines(report: dict[str, Any]) -> Iterator[str]:
    """The report of `backtest.measure` for people: outcomes, figures with their intervals, rules."""
    counts = f"{report['days']} days, {report['frauds']} frauds, {report['alerts']} alerts"
    yield f"{report['events']} labelled events on {counts}"
    yield f"{'outcome':<12}{'events':>12}{'frauds':>12}"
    for outcome, row in reversed(report["outcomes"].items()):
        yield f"{outcome:<12}{row['events']:>12}{row['frauds']:>12}"
    yield f"{'figure':<20}{'value':>10}   95 % over days"
    named = [*_FIGURES, *(name for name in report if name.startswith("cp_") and name not in _FIGURES)]
    for name in named:
        yield f"{name:<20}{_number(report[name]):>10}   {_interval(report['intervals'][name])}".rstrip()
    yield f"{'rule':<16}{'fired':>10}{'frauds':>10}{'precision':>11}{'unique':>8}{'cost':>8}  most with"
    for rule in report["rules"]:
        most = f"{rule['overlap_with']} {rule['overlap']:.0%}" if rule["overlap_with"] else ""
        yield (
            f"{rule['id']:<16}{rule['fired']:>10}{rule['frauds']:>10}{_number(rule['precision']):>11}"
            f"{rule['unique']:>8}{rule['cost_share']:>8.1%}  {most}"
        ).rstrip()


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _interval(bounds: list[float] | None) -> str:
    return "" if bounds is None else f"{bounds[0]:.4f} to {bounds[1]:.4f}"
