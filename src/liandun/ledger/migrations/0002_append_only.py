"""Facts and seals can be added, never changed or taken away; the chain begins with one head."""

from django.db import migrations

TABLES = ("ledger_fact", "ledger_seal", "ledger_checkpoint")


def forbid(apps, editor):
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            for statement in statements(editor.connection.vendor, table, verb):
                editor.execute(statement, params=None)  # a % means itself


def allow(apps, editor):
    vendor = editor.connection.vendor
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            editor.execute(f"DROP TRIGGER {name}" if vendor == "sqlite" else f"DROP TRIGGER {name} ON {table}")
    if vendor == "postgresql":
        editor.execute("DROP FUNCTION ledger_refuse()")


def statements(vendor, table, verb):
    name = f"{table}_no_{verb.lower()}"
    if vendor == "sqlite":
        text = f"{table} is append-only"
        return [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{text}'); END"]
    refuse = """CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    trigger = f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
    return [refuse, trigger]


def begin_chain(apps, editor):
    apps.get_model("ledger", "Head").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]
    operations = [migrations.RunPython(forbid, allow), migrations.RunPython(begin_chain, migrations.RunPython.noop)]
