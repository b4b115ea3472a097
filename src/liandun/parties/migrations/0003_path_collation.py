"""On PostgreSQL paths sort byte by byte, so that a subtree is one range of the index; SQLite does so by itself."""

from django.db import migrations

COLUMNS = (("parties_party", "path", 200), ("parties_partymove", "path_before", 200))


def sort_bytewise(apps, editor):
    if editor.connection.vendor == "postgresql":
        for table, column, length in COLUMNS:
            editor.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}) COLLATE "C"')


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_constraints")]
    operations = [migrations.RunPython(sort_bytewise, migrations.RunPython.noop)]
