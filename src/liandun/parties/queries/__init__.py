"""Reads of parties: the tree at a date, people and posts, who answers for what, the one filter of what is visible."""

from liandun.parties.queries.exports import export_organisations, export_people
from liandun.parties.queries.people import (
    Seat,
    StandIn,
    account_of,
    behind,
    find_people,
    person_names,
    posts_of,
    seats_at,
    stand_ins,
)
from liandun.parties.queries.responsibilities import (
    Answer,
    Duty,
    answers_for,
    double_owners,
    gaps,
    places_under,
    responsible_for,
)
from liandun.parties.queries.scope import Scope, Stretch, scope_of, visible
from liandun.parties.queries.tree import TreeRow, parents_of, subtree, titles_of, tree_at

__all__ = [
    "Answer",
    "Duty",
    "Scope",
    "Seat",
    "StandIn",
    "Stretch",
    "TreeRow",
    "account_of",
    "answers_for",
    "behind",
    "double_owners",
    "export_organisations",
    "export_people",
    "find_people",
    "gaps",
    "parents_of",
    "person_names",
    "places_under",
    "posts_of",
    "responsible_for",
    "scope_of",
    "seats_at",
    "stand_ins",
    "subtree",
    "titles_of",
    "tree_at",
    "visible",
]
