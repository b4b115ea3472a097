"""Tables of the vault. A person is a subject of the ledger; what is personal stands locked, its masked form too."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate

SUBJECT = "ledger.Subject"
STATES = ("open", "approved", "rejected", "expired", "void")


class DataKey(models.Model):
    """The key of one subject's values, wrapped by key number `ring_key` of the ring. Gone means erased."""

    subject = models.OneToOneField(SUBJECT, models.PROTECT, primary_key=True, related_name="+")
    wrapped = models.BinaryField(max_length=100)
    ring_key = models.PositiveIntegerField(db_index=True)


class Erasure(models.Model):
    """A subject whose values are gone; nothing is kept for it again."""

    subject = models.OneToOneField(SUBJECT, models.PROTECT, primary_key=True, related_name="+")
    erased_at = models.DateTimeField()


class Personal(models.Model):
    """One value: locked as it came, its masked form locked beside it, and a blind index over its normal form."""

    subject = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    locked = models.BinaryField()
    mask = models.BinaryField()
    index = models.BinaryField(max_length=16)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["subject", "field"], name="vault_value_once"),)
        indexes = (models.Index(fields=["index"], name="vault_value_by_index"),)


class Decision(models.Model):
    """Asks others whether something may happen; bound to the digest of what they decide on."""

    subject = models.OneToOneField(SUBJECT, models.PROTECT, primary_key=True, related_name="+")
    kind = models.CharField(max_length=40)
    about = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    requester = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    snapshot = models.BinaryField(max_length=32)
    needed = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    roles = models.JSONField()
    state = models.CharField(max_length=10, default="open")
    version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(needed__gte=1, needed__lte=F("of")), name="vault_n_of_m"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="vault_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="vault_closed_has_time",
            ),
            models.CheckConstraint(condition=Q(used_at=None) | Q(state="approved"), name="vault_used_was_approved"),
            models.UniqueConstraint(fields=["about", "kind"], condition=Q(state="open"), name="vault_one_open"),
        )


class Vote(models.Model):
    """What one natural person said to a decision."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="votes")
    voter = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    in_stead_of = models.ForeignKey(SUBJECT, models.PROTECT, null=True, related_name="+")
    choice = models.CharField(max_length=10)
    at = models.DateTimeField()


class Part(models.Model):
    """A natural person's one part in a decision: so the database itself refuses a second, and who asked as voter."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="parts")
    person = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    part = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["decision", "person"], name="vault_one_part_each"),
            models.CheckConstraint(
                condition=Q(part__in=("requester", "barred", "voter", "second")), name="vault_part_known"
            ),
        )


class Operation(models.Model):
    """A request to see values of some subjects, for a reason and a time, behind a decision."""

    subject = models.OneToOneField(SUBJECT, models.PROTECT, primary_key=True, related_name="+")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="operation")
    requester = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    basis = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    reason_code = models.CharField(max_length=20)
    fields = models.JSONField()
    minutes = models.PositiveSmallIntegerField()
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    @property
    def no(self) -> str:
        """The number that people see, also in the watermark."""
        return f"JK-{localdate(self.requested_at):%Y}-{self.subject_id:06d}"


class Scope(models.Model):
    """A subject whose values an operation asks for."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="scope")
    subject = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["operation", "subject"], name="vault_scope_once"),)


class Reveal(models.Model):
    """A time at which values were opened for a person."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="reveals")
    viewer = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    values = models.PositiveIntegerField()


class Budget(models.Model):
    """What one person has used up on one day."""

    person = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=10)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "day", "kind"], name="vault_budget_of_day"),)


class Review(models.Model):
    """A month's operations, looked through and signed by somebody who had no part in them."""

    subject = models.OneToOneField(SUBJECT, models.PROTECT, primary_key=True, related_name="+")
    month = models.DateField(unique=True)
    digest = models.BinaryField(max_length=32)
    signer = models.ForeignKey(SUBJECT, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
