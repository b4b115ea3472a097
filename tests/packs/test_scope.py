"""What names mean."""

from liandun.packs.model import Type
from liandun.packs.scope import WORDS, builtin_refs


def test_score_exists_only_where_it_is_asked_for():
    assert "score" not in builtin_refs(score=False)
    assert builtin_refs(score=True)["score"].type is Type.INT


def test_every_type_has_words():
    assert set(WORDS) == set(Type)
