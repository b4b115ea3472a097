"""The Django app."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Knows people only as the ledger's subjects; who they are comes as arguments."""

    name = "liandun.vault"
    verbose_name = "金库模式"
