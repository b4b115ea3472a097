import pytest

from liandun.parties.words import PARTY_KINDS, code_of


@pytest.mark.parametrize("text", ["department", "部门", " Department "])
def test_a_code_and_both_its_words_mean_the_same(text):
    assert code_of(PARTY_KINDS, text) == "department"


def test_another_word_means_nothing():
    assert code_of(PARTY_KINDS, "科室") is None
