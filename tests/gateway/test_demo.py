import json
import os
import subprocess
import sys

from liandun.gateway.demo import Summary


def test_the_demo_ends_by_itself_and_stops_fraud(tmp_path):
    command = [sys.executable, "-m", "liandun", "demo", "--once", "--minutes", "90", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=os.environ, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["events"] > 500
    assert sum(result["outcomes"].values()) == result["events"]
    assert list(tmp_path.iterdir()) == []


def test_precision_is_measured_against_what_became_known():
    summary = Summary()
    rows = [{"id": id, "outcome": "block", "reasons": {"zh": ["甲"], "en": ["a"]}} for id in ("p1", "p2")]
    summary.add([*rows, {"id": "p3", "outcome": "approve"}, {"status": 422}], 0.01)
    summary.frauds |= {"p1", "p3"}
    text = "\n".join(summary.lines())
    assert "(50.0%)" in text
    assert "甲" in text
    assert summary.problems == 1
