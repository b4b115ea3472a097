import pytest

from liandun.gateway.folder import DataFolder, SetupError
from liandun.gateway.wishes import Wish, activate, answer, await_answer, read_answer
from liandun.packs.errors import PackError
from liandun.packs.load import load_pack
from tests.gateway.desk import small_pack

WISH = Wish("small", "0" * 64, 1)


def test_a_folder_that_is_no_gateway_s_is_left_alone(tmp_path):
    small_pack(tmp_path / "pack")
    with pytest.raises(SetupError, match="--data"):
        activate(DataFolder(tmp_path / "data"), tmp_path / "pack", 1)
    assert not (tmp_path / "data").exists()


def test_an_answer_is_for_one_wish_only(tmp_path):
    folder = DataFolder(tmp_path)
    assert await_answer(folder, WISH, 0) is None
    told = answer(folder, WISH, SetupError("odd"))
    assert read_answer(folder, WISH) == told
    assert (told.decides, told.en) == (False, "odd")
    assert read_answer(folder, Wish(WISH.pack, WISH.hash, 2)) is None


def test_mistakes_of_a_pack_are_told_in_both_languages(tmp_path):
    with pytest.raises(PackError) as found:
        load_pack(small_pack(tmp_path, rules="[]\n").folder / "nosuch")
    told = answer(DataFolder(tmp_path), WISH, found.value)
    assert told.zh.startswith("规则包有错误：")
    assert told.en != told.zh
