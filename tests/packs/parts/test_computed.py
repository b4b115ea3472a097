"""Derived values and models: order, circles, model files."""

import numpy as np
import pytest

from liandun.packs.errors import PackError
from liandun.packs.model import Type
from liandun.packs.models import NODE
from tests.packs.sample import FEATURES, PACK, found, load


def with_model(text):
    return PACK.replace("version: 1", f"version: 1\nmodels: {{{text}}}")


def write_model(folder, inputs=1):
    """A model of no trees."""
    folder.mkdir(exist_ok=True)
    arrays = {"nodes": np.zeros(0, NODE), "leaves": np.zeros(0), "roots": np.zeros((0, 2), np.int64)}
    np.savez(folder / "m.npz", **arrays, inputs=np.int64(inputs), steepness=np.float64(1.0))


def test_derived_values_come_after_what_they_need(tmp_path):
    pack = load(tmp_path, features=FEATURES + "a: {value: b + 1}\nb: {value: c + 1}\nc: {value: ratio}\n")
    assert [each.name for each in pack.derived] == ["ratio", "c", "b", "a"]


def test_a_derived_value_may_rest_on_a_model_and_a_model_on_derived_values(tmp_path):
    write_model(tmp_path, inputs=2)
    pack = load(
        tmp_path,
        pack=with_model("m: {file: m.npz, inputs: [mcc, ratio]}"),
        features=FEATURES + "a: {value: m * 100}\n",
    )
    assert [each.name for each in pack.derived] == ["ratio", "a"]
    assert [each.type for each in pack.models[0].inputs] == [Type.FLOAT, Type.FLOAT]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("x: {value: y}\ny: {value: x}\n", "4 cycle"),
        ("x: {value: x + 1}\n", "4 cycle"),
        ("x: {value: y}\ny: {value: z}\nz: {value: y}\n", "5 cycle"),
        ("x: {value: 'null'}\n", "4 null_alone"),
        ("x: {value: card}\n", "4 key_value"),
        ("x: {value: [1]}\n", "4 wants_text"),
        ("x: {value: '1', window: 1h}\n", "4 unknown_key"),
        ("mcc: {value: '1'}\n", "4 name_taken"),
        ("floor: {value: '1'}\n", "4 name_taken"),
        ("1x: {value: '1'}\n", "4 bad_name"),
        ("x: 3\n", "4 wants_mapping"),
    ],
)
def test_a_mistake_in_a_value_is_named_with_its_line(tmp_path, text, mistake):
    assert found(tmp_path, features=FEATURES + text, cases="[R1, x]") == [f"features.yaml:{mistake}"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("m: {file: m.pkl, inputs: [mcc]}", "model_extension"),
        ("m: {file: other.npz, inputs: [mcc]}", "model_missing"),
        ("m: {file: ../m.npz, inputs: [mcc]}", "model_outside"),
        ("m: {file: /m.npz, inputs: [mcc]}", "model_outside"),
        ("m: {file: m.npz}", "missing_key"),
        ("m: {file: m.npz, inputs: [mcc, mcc]}", "model_inputs"),
        ("m: {file: m.npz, inputs: [channel]}", "wants_type"),
        ("m: {file: m.npz, inputs: [[mcc]]}", "wants_text"),
        ("card: {file: m.npz, inputs: [mcc]}", "name_taken"),
        ("spare: {file: m.npz, inputs: [mcc]}", "duplicate_name"),
        ("m: {file: m.npz, inputs: [n]}, n: {file: m.npz, inputs: [mcc]}", "model_on_model"),
        ("m: {file: m.npz, inputs: [m]}", "cycle"),
    ],
)
def test_a_mistake_in_a_model_is_named(tmp_path, text, code):
    write_model(tmp_path)
    features = FEATURES + "spare: {value: mcc}\n"
    mistakes = found(tmp_path, pack=with_model(text), features=features, cases="[R1, m, card, spare]")
    assert [mistake.split()[1] for mistake in mistakes] == [code]


@pytest.mark.parametrize("text", [b"\x80\x04not an archive", b"", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_model_is_named_when_the_pack_is_checked(tmp_path, text):
    (tmp_path / "m.npz").write_bytes(text)
    broken = with_model("m: {file: m.npz, inputs: [mcc]}")
    assert found(tmp_path, pack=broken) == ["pack.yaml:3 model_content"]
    with pytest.raises(PackError, match=r"pack\.yaml:3: error: model file “m\.npz” can't be used"):
        load(tmp_path, pack=broken)


def test_arrays_that_are_no_trees_are_no_model(tmp_path):
    np.savez(tmp_path / "m.npz", a=np.zeros(3))
    assert found(tmp_path, pack=with_model("m: {file: m.npz, inputs: [mcc]}")) == ["pack.yaml:3 model_content"]
