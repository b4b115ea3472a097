"""Tables of parties: the tree, people, posts, who holds and who stands in, who answers for what, grants, accounts.

All validity is half-open: from `begun_at` until before `ended_at`; an open end is null.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from liandun.parties.sealed import BlindIndex, SealedText
from liandun.parties.words import PARTY_KINDS, PERSON, POST_KINDS, ROLES, Level

MOST_PATH = 200


def _exactly_one(one: str, other: str) -> Q:
    return Q(**{f"{one}__isnull": True, f"{other}__isnull": False}) | Q(
        **{f"{one}__isnull": False, f"{other}__isnull": True}
    )


class Dated(models.Model):
    """What holds from a time and until another one; what is called off before it began is empty."""

    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at")), name="%(app_label)s_%(class)s_dates"
            ),
        )


class Party(Dated):
    """An organisation or a person in the one tree. People have no title here: their names are sealed in `Person`.

    `path` names all above and itself, as in "1.3.7.", so a subtree is one range of it (collation C).
    """

    subject = models.OneToOneField("ledger.Subject", models.PROTECT, primary_key=True, related_name="as_party")
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=40, blank=True)
    title_zh = models.CharField(max_length=120, blank=True)
    title_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=MOST_PATH, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=list(PARTY_KINDS)), name="parties_party_kind"),
            models.CheckConstraint(
                condition=Q(kind=PERSON, title_zh="", title_en="", code="") | (~Q(kind=PERSON) & ~Q(title_zh="")),
                name="parties_party_title",
            ),
            models.CheckConstraint(condition=Q(path__endswith="."), name="parties_party_path"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="parties_party_code"),
        )

    def __str__(self) -> str:
        return self.title_zh or f"{self.kind} {self.pk}"


class PartyMove(models.Model):
    """One place of a party in the tree, from a time on; the first is where it began. Never changed, but for the mark:
    while a moved subtree's paths are being rewritten `is_running` holds; only one move runs at a time.
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="moves")
    parent = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    path_before = models.CharField(max_length=MOST_PATH, blank=True)
    path_after = models.CharField(max_length=MOST_PATH)
    at = models.DateTimeField()
    is_running = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["is_running"], condition=Q(is_running=True), name="parties_one_move_runs"),
        )
        indexes = (models.Index(fields=["party", "at"], name="parties_move_at"),)


class PartyTitle(models.Model):
    """One title of an organisation, from a time on; never changed."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="titles")
    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["party", "at"], name="parties_title_at"),)


class Person(models.Model):
    """What is personal about a party of kind "person", sealed; the indexes find exact matches only.

    `short` is the pinyin or short form by which colleagues look for the person.
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="person")
    name = SealedText()
    short = SealedText()
    phone = SealedText()
    email = SealedText()
    staff_no = SealedText()
    name_index = BlindIndex()
    phone_index = BlindIndex()
    email_index = BlindIndex()
    staff_no_index = BlindIndex(unique=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"person {self.pk}"


class Post(Dated):
    """A seat in a party. A seat that is bound to another post belongs to whoever holds that one."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=20)
    title_zh = models.CharField(max_length=120, blank=True)
    title_en = models.CharField(max_length=120, blank=True)
    bound_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="bound")

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=list(POST_KINDS)), name="parties_post_kind"),
            models.CheckConstraint(
                condition=Q(bound_to=None) | ~Q(bound_to=F("id")), name="parties_post_not_to_itself"
            ),
        )

    def __str__(self) -> str:
        return self.title_zh or POST_KINDS[self.kind][0]


class Holding(Dated):
    """A person holds a post."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    person = models.ForeignKey(Person, models.PROTECT, related_name="holdings")

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["post", "person"], condition=Q(ended_at=None), name="parties_one_open_holding"
            ),
        )


class Delegation(Dated):
    """Somebody stands in for a post or for all posts of a person, for a term; `kinds` of subjects, none for all."""

    from_post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="delegations")
    from_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="delegations_given")
    to_person = models.ForeignKey(Person, models.PROTECT, related_name="delegations_taken")
    kinds = models.JSONField(default=list)

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=_exactly_one("from_post", "from_person"), name="parties_delegation_from"),
            models.CheckConstraint(condition=Q(ended_at__isnull=False), name="parties_delegation_has_term"),
            models.CheckConstraint(
                condition=Q(from_person=None) | ~Q(from_person=F("to_person")), name="parties_delegation_to_another"
            ),
        )


class Responsibility(Dated):
    """A party or a post answers for a subject in a role; what hangs below the subject inherits it."""

    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="responsibilities")
    role = models.CharField(max_length=24)
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="responsibilities")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="responsibilities")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="parties_responsibility_role"),
            models.CheckConstraint(condition=_exactly_one("party", "post"), name="parties_responsibility_whose"),
            models.UniqueConstraint(
                fields=["subject", "role", "party"], condition=Q(ended_at=None), name="parties_one_open_of_party"
            ),
            models.UniqueConstraint(
                fields=["subject", "role", "post"], condition=Q(ended_at=None), name="parties_one_open_of_post"
            ),
        )


class Grant(Dated):
    """A subject outside a party's subtree is shown to it, and to who stands above it, up to a level."""

    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="grants")
    party = models.ForeignKey(Party, models.PROTECT, related_name="grants")
    level = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="parties_grant_level"),
            models.UniqueConstraint(
                fields=["subject", "party"], condition=Q(ended_at=None), name="parties_one_open_grant"
            ),
        )


class Account(AbstractBaseUser):
    """How a person signs in. No superuser and no Django permissions: what is visible follows from posts and grants."""

    login = models.CharField(max_length=80, unique=True)
    person = models.OneToOneField(Person, models.PROTECT, related_name="account")
    language = models.CharField(max_length=8, default="zh-hans")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[BaseUserManager[Any]] = BaseUserManager()  # Any: the class is not known yet

    USERNAME_FIELD = "login"

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(language__in=["zh-hans", "en"]), name="parties_account_language"),
        )

    def __str__(self) -> str:
        return self.login
