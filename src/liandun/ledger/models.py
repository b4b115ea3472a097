"""Tables of the ledger. Facts and seals are never changed or deleted; triggers refuse it (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from liandun.ledger.uid import uid7


class Subject(models.Model):
    """The anchor of everything that has a responsible, evidence, decisions or facts; kinds' own tables point here."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uid7, unique=True, editable=False)
    kind = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Fact(models.Model):
    """One thing that we did. `body` is canonical JSON without personal values."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=80, db_index=True)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="facts")
    actor = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    cause = models.ForeignKey("self", models.PROTECT, null=True, related_name="effects")
    hops = models.PositiveSmallIntegerField(default=0)
    exercise = models.BooleanField(default=False)
    body = models.TextField()

    class Meta:
        indexes = (models.Index(fields=["subject", "id"], name="ledger_fact_of_subject"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Pending(models.Model):
    """A fact that has been committed and is not numbered yet: the sealer's work list."""

    fact = models.OneToOneField(Fact, models.PROTECT, primary_key=True, related_name="pending")


class Seal(models.Model):
    """A fact's place in the chain; its hash covers the fact and the hash before."""

    number = models.BigIntegerField(primary_key=True)
    fact = models.OneToOneField(Fact, models.PROTECT, related_name="seal")
    hash = models.BinaryField(max_length=32)


class Head(models.Model):
    """The end of the chain: one row. Whoever moves it on from where it stood numbers what waits."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="ledger_one_head"),)


class Checkpoint(models.Model):
    """A signed head: who keeps it can prove later that nothing before it was changed."""

    number = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)
    root = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    key = models.BinaryField(max_length=32)
    at = models.DateTimeField()


class Link(models.Model):
    """One subject's relation to another, from a time and until it is taken back."""

    source = models.ForeignKey(Subject, models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Subject, models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=40)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["source", "target", "kind"], condition=models.Q(ended_at=None), name="ledger_one_open_link"
            ),
        )


class Evidence(models.Model):
    """A file that proves something, kept under its SHA-256; one subject's piece of it."""

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="as_evidence")
    of = models.ForeignKey(Subject, models.PROTECT, related_name="evidence")
    sha256 = models.BinaryField(max_length=32, db_index=True)
    size = models.BigIntegerField()
    type = models.CharField(max_length=80)
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["of", "sha256"], name="ledger_evidence_kept_once"),)


class Cursor(models.Model):
    """How far a follower of the chain has come, and how often it failed on the fact behind that."""

    name = models.CharField(max_length=200, primary_key=True)
    number = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True)


class Parked(models.Model):
    """A fact that a follower failed on too often: shown to people, who let it try again or drop it."""

    follower = models.CharField(max_length=200)
    number = models.BigIntegerField()
    error = models.TextField()
    attempts = models.PositiveSmallIntegerField()
    parked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["follower", "number"], name="ledger_parked_once"),)
