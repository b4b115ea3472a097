import numpy as np
import yaml

from liandun.bench.peer_rules import fired
from liandun.bench.rules import ON_LIST, as_fields, given_pack, python_rows
from liandun.engine.engine import Engine
from liandun.packs.compile import compile_pack
from liandun.packs.load import load_pack
from tests.bench.small import compiled, kernel_answer, work


def test_given_features_fire_the_same_rules_in_kernel_and_python(tmp_path):
    for file, content in given_pack(compiled().packs[0], 50).items():
        (tmp_path / file).write_text(yaml.safe_dump(content), encoding="utf-8")
    engine = Engine(compile_pack(load_pack(tmp_path)))
    given = engine.decide(as_fields(engine, work(), kernel_answer()))
    by_hand = [fired(*row) for row in python_rows(work(), kernel_answer())]
    assert (given.fired[0] == kernel_answer().fired).all()
    assert (np.array(by_hand, np.uint64) == kernel_answer().fired).all()


def test_the_pack_has_no_keys_lists_or_windows():
    files = given_pack(compiled().packs[0], 1)
    assert files.keys() == {"pack.yaml", "rules.yaml"}
    assert len(files["rules.yaml"]) == 1
    assert set(ON_LIST) < files["pack.yaml"]["streams"]["payment"]["fields"].keys()
