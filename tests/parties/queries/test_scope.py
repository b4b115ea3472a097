"""What an account sees: the filter agrees with a naive walk over random worlds, for every account and row."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liandun.ledger.services import add_subject
from liandun.parties import services
from liandun.parties.models import Party, Responsibility
from liandun.parties.queries import scope_of, visible
from liandun.parties.words import Level
from tests.parties.world import BY, DAY, NOW, appoint, party, person, post

KINDS = ("complaint", "incident")


class Naive:
    """A world as plain lists, walked step by step."""

    def __init__(self, random):
        self.random = random
        self.parent, self.parties, self.people, self.posts, self.accounts = {}, [], [], [], []
        self.holdings, self.delegations, self.grants, self.rows = [], [], [], []

    def build(self):
        self.add_parties()
        self.add_people()
        self.add_moves()
        self.add_rows()

    def add_parties(self):
        for number in range(self.random.randint(3, 9)):
            above = self.random.choice([*self.parties, None])
            new = party(f"单位{number}", above)
            self.parties.append(new)
            self.parent[new.pk] = above.pk if above else None
        for _ in range(self.random.randint(1, 6)):
            own = [each for each in self.posts if each.bound_to_id is None]
            self.posts.append(post(self.random.choice(self.parties), bound_to=self.random.choice([None, *own])))

    def add_people(self):
        for number in range(self.random.randint(1, 5)):
            home = self.random.choice(self.parties)
            new = person(f"人{number}", home)
            self.people.append(new)
            self.parent[new.pk] = home.pk
            login = f"user-{new.pk}"
            self.accounts.append(services.add_account(person=new.pk, login=login, **BY))
        for _ in range(self.random.randint(0, 6)):
            who, where, term = self.random.choice(self.people), self.random.choice(self.posts), self.term()
            try:
                appoint(who, where, **term)
            except services.PartyError:
                continue
            self.holdings.append((who.pk, where.pk, term))
        for _ in range(self.random.randint(0, 3)):
            self.add_delegation()

    def add_delegation(self):
        by_post = self.random.random() < 0.5
        source = self.random.choice(self.posts if by_post else self.people).pk
        to, term = self.random.choice(self.people).pk, self.term(open_ends=False)
        kinds = self.random.choice([(), KINDS[:1], KINDS])
        names = {"from_post" if by_post else "from_person": source}
        try:
            services.delegate(to_person=to, kinds=kinds, **{**BY, **names, **term})
        except services.PartyError:
            return
        self.delegations.append((by_post, source, to, kinds, term))

    def add_moves(self):
        for _ in range(self.random.randint(0, 4)):
            which = self.random.choice([*self.parties, *(each.party for each in self.people)])
            above = self.random.choice([None, *self.parties])
            version = Party.objects.get(pk=which.pk).version
            try:
                services.move(party=which.pk, version=version, parent=above.pk if above else None, **BY)
            except services.PartyError:
                continue
            self.parent[which.pk] = above.pk if above else None

    def add_rows(self):
        for _ in range(self.random.randint(1, 8)):
            kind, home = self.random.choice(KINDS), self.random.choice([*self.parties, *self.people])
            subject = add_subject(kind=kind)
            row = services.take_responsibility(subject=subject.id, role="informed", party=home.pk, **BY)
            self.rows.append((row.pk, subject.id, kind, home.pk))
        for _ in range(self.random.randint(0, 8)):
            _, subject, kind, _ = self.random.choice(self.rows)
            to, term = self.random.choice([*self.parties, *self.people]).pk, self.term()
            level = self.random.choice(list(Level)).value
            try:
                services.grant(subject=subject, party=to, level=level, **{**BY, **term})
            except services.PartyError:
                continue
            self.grants.append((subject, kind, to, level, term))

    def term(self, *, open_ends=True):
        begun_at = NOW + self.random.choice([-2, -1, 0, 1]) * DAY
        ends = [NOW + days * DAY for days in (2, 3)]
        return {"begun_at": begun_at, "ended_at": self.random.choice([*ends, None] if open_ends else ends)}

    def holds(self, term, at):
        return term["begun_at"] <= at and (term["ended_at"] is None or at < term["ended_at"])

    def posts_of(self, who, at):
        own = {post for holder, post, term in self.holdings if holder == who and self.holds(term, at)}
        return [each for each in self.posts if each.pk in own or each.bound_to_id in own]

    def stretches(self, who, at):
        found = [(who, ()), *((each.party_id, ()) for each in self.posts_of(who, at))]
        for by_post, source, to, kinds, term in self.delegations:
            if to == who and self.holds(term, at):
                bound = [each for each in self.posts if source in {each.pk, each.bound_to_id}]
                posts = bound if by_post else self.posts_of(source, at)
                found += [(each.party_id, kinds) for each in posts]
        return found

    def is_below(self, which, top):
        while which is not None and which != top:
            which = self.parent[which]
        return which == top

    def level(self, who, row, at):
        _, subject, kind, home = row
        levels = [0]
        for top, kinds in self.stretches(who, at):
            if kinds and kind not in kinds:
                continue
            levels += [Level.FULL.value] * self.is_below(home, top)
            for granted, _, to, level, term in self.grants:
                if granted == subject and self.holds(term, at) and self.is_below(to, top):
                    levels.append(level)
        return max(levels)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_every_account_sees_what_a_naive_walk_sees(seed):
    with transaction.atomic():
        naive = Naive(Random(seed))
        naive.build()
        rows = Responsibility.objects.filter(role="informed")
        for account in naive.accounts:
            for at in (NOW, NOW + DAY, NOW + 2 * DAY):
                seen = {row.pk: row.seen_as for row in visible(rows, account, at)}
                levels = {row[0]: naive.level(account.person_id, row, at) for row in naive.rows}
                assert seen == {id: level for id, level in levels.items() if level}
                assert visible(rows, account, at).count() == len(seen)
        paths = dict(Party.objects.values_list("pk", "path"))
        assert all(paths[id] == (paths[above] if above else "") + f"{id}." for id, above in naive.parent.items())
        transaction.set_rollback(True)


def account_of(who):
    return services.add_account(person=who.pk, login=f"user-{who.pk}", **BY)


def test_a_head_sees_the_parties_below_and_no_others(world):
    account = account_of(world.people["sales"])
    seen = visible(Party.objects.exclude(kind="person"), account, NOW, party="")
    assert {row.pk for row in seen} == {world.sales.pk, world.branch.pk}


def test_a_closed_account_sees_nothing(world):
    account = account_of(world.people["company"])
    assert visible(Party.objects.all(), account, NOW, party="").exists()
    closed = services.close_account(account=account.pk, **BY)
    assert not visible(Party.objects.all(), closed, NOW, party="").exists()


def test_a_post_that_ended_shows_nothing_any_more(world):
    account = account_of(world.people["network"])
    services.dismiss(holding=world.people["network"].holdings.get().pk, **BY)
    seen = visible(Party.objects.all(), account, NOW + timedelta(seconds=1), party="")
    assert {row.pk for row in seen} == {world.people["network"].pk}


def test_a_scope_is_made_once_for_several_filters(world):
    account = account_of(world.people["company"])
    scope = scope_of(account, NOW)
    with CaptureQueriesContext(
        connection,
    ) as made:
        visible(Party.objects.all(), scope, NOW, party="").count()
        list(visible(Party.objects.all(), scope, NOW, party=""))
    assert len(made) == 2
