"""Accounts: how a person signs in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from liandun.ledger.services import record
from liandun.parties.facts import AccountAdded, AccountClosed
from liandun.parties.models import Account
from liandun.parties.refusals import PartyError
from liandun.parties.services.rows import locked, open_person

LANGUAGES = ("zh-hans", "en")
LOGIN_LENGTHS = range(3, 81)


@transaction.atomic
def add_account(
    *,
    person: int,
    login: str,
    password: str | None = None,
    language: str = "zh-hans",
    now: datetime,
    actor: int | None,
) -> Account:
    """Let a person sign in.

    Args:
        login: kept in lower case, so that no two differ by that only.
        password: None for an account that signs in by other means only.
    """
    open_person(person, now)
    login = Account.normalize_username(login.strip()).lower()
    if len(login) not in LOGIN_LENGTHS or Account.objects.filter(login=login).exists():
        raise PartyError("login")
    if language not in LANGUAGES:
        raise PartyError("language")
    if Account.objects.filter(person_id=person).exists():
        raise PartyError("account")
    account = Account(person_id=person, login=login, language=language)
    account.set_password(password)
    account.save(force_insert=True)
    record(AccountAdded(account.pk), subject=person, actor=actor, now=now)
    return account


@transaction.atomic
def close_account(*, account: int, now: datetime, actor: int | None) -> Account:
    """Let a person sign in no longer; the account is kept."""
    row = locked(Account, account)
    if not Account.objects.filter(pk=account, is_active=True).update(is_active=False):
        raise PartyError("over", "account", id=account)
    record(AccountClosed(account), subject=row.person_id, actor=actor, now=now)
    row.refresh_from_db()
    return row
