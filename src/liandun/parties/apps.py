"""The Django app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Stands on the ledger; every other app points to its parties."""

    name = "liandun.parties"
    verbose_name = "组织人员"
