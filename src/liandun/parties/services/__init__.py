"""Writes of parties: one use case each, atomic, with its fact; a refusal is a `PartyError` in both languages."""

from liandun.parties.refusals import PartyError
from liandun.parties.services.accounts import add_account, close_account
from liandun.parties.services.delegations import delegate, revoke
from liandun.parties.services.grants import grant, revoke_grant
from liandun.parties.services.handover import Hook, hand_over
from liandun.parties.services.imports import Receipt, import_organisations, import_people
from liandun.parties.services.people import add_person, change_person
from liandun.parties.services.posts import add_post, appoint, close_post, dismiss
from liandun.parties.services.responsibilities import (
    end_responsibility,
    pass_responsibility,
    take_responsibility,
)
from liandun.parties.services.tree import add_party, close_party, finish_moves, move, rename

__all__ = [
    "Hook",
    "PartyError",
    "Receipt",
    "add_account",
    "add_party",
    "add_person",
    "add_post",
    "appoint",
    "change_person",
    "close_account",
    "close_party",
    "close_post",
    "delegate",
    "dismiss",
    "end_responsibility",
    "finish_moves",
    "grant",
    "hand_over",
    "import_organisations",
    "import_people",
    "move",
    "pass_responsibility",
    "rename",
    "revoke",
    "revoke_grant",
    "take_responsibility",
]
