"""The Django apps keep to themselves: another app may use their services, queries and facts, and nothing else."""

import ast
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.house.tree import SOURCE, modules, parsed, shown

OPEN = {"services", "queries", "facts", "uid", "sealed"}
APPS = {config.label for config in apps.get_app_configs() if config.name.startswith("liandun.")}


def imports(path):
    """Every module that a file imports from."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_an_app_uses_only_what_others_offer():
    found = []
    for path in modules():
        home = path.relative_to(SOURCE).parts[0]
        for line, module in imports(path):
            parts = module.split(".")
            if home in APPS and parts[0] == "liandun" and parts[1] in APPS - {home} and parts[2] not in OPEN:
                found.append(f"{shown(path)}:{line} {module}")
    assert found == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()


def test_every_table_is_called_by_its_app():
    tables = {model._meta.db_table for label in APPS for model in apps.get_app_config(label).get_models()}
    assert {table for table in tables if table.split("_")[0] not in APPS} == set()
