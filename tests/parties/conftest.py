"""The small world of parties for every test here."""

import pytest

from tests.parties.world import World, appoint, party, person, post


@pytest.fixture
def world(db) -> World:
    made = World(company=party("盟联分公司", kind="company", code="C"))
    made.network = party("网络部", made.company, code="N")
    made.sales = party("市场部", made.company, code="S")
    made.branch = party("东旗分公司", made.sales, kind="branch", code="B")
    for name in ("company", "network", "sales", "branch"):
        made.posts[name] = post(getattr(made, name))
        made.people[name] = person(f"{name}长", getattr(made, name))
        appoint(made.people[name], made.posts[name])
    return made
