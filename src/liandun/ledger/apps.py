"""The Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The lowest app: knows of no other."""

    name = "liandun.ledger"
    verbose_name = "留痕存证"
