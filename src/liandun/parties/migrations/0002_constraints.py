"""What the database itself refuses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_tables")]

    operations = [
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_party_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "group",
                            "company",
                            "branch",
                            "department",
                            "team",
                            "store",
                            "platform",
                            "operator",
                            "partner",
                            "leading_group",
                            "working_group",
                            "person",
                        ],
                    )
                ),
                name="parties_party_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("kind", "person"), ("title_en", ""), ("title_zh", "")),
                    models.Q(models.Q(("kind", "person"), _negated=True), models.Q(("title_zh", ""), _negated=True)),
                    _connector="OR",
                ),
                name="parties_party_title",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(condition=models.Q(("path__endswith", ".")), name="parties_party_path"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True), fields=("code",), name="parties_party_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_grant_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", [1, 2, 3, 4])), name="parties_grant_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("subject", "party"), name="parties_one_open_grant"
            ),
        ),
        migrations.AddIndex(
            model_name="partymove",
            index=models.Index(fields=["party", "at"], name="parties_move_at"),
        ),
        migrations.AddConstraint(
            model_name="partymove",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_running", True)), fields=("is_running",), name="parties_one_move_runs"
            ),
        ),
        migrations.AddIndex(
            model_name="partytitle",
            index=models.Index(fields=["party", "at"], name="parties_title_at"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_post_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "head",
                            "deputy_head",
                            "deputy_in_charge",
                            "leader",
                            "deputy_leader",
                            "member",
                            "duty_officer",
                            "contact",
                        ],
                    )
                ),
                name="parties_post_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("bound_to", None), models.Q(("bound_to", models.F("id")), _negated=True), _connector="OR"
                ),
                name="parties_post_not_to_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_responsibility_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "first_responsible",
                            "directly_responsible",
                            "lead",
                            "responsible",
                            "supporting",
                            "owner",
                            "operator",
                            "approver",
                            "verifier",
                            "informed",
                        ],
                    )
                ),
                name="parties_responsibility_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("party__isnull", True), ("post__isnull", False)),
                    models.Q(("party__isnull", False), ("post__isnull", True)),
                    _connector="OR",
                ),
                name="parties_responsibility_whose",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("subject", "role", "party"),
                name="parties_one_open_of_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="responsibility",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("subject", "role", "post"),
                name="parties_one_open_of_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_holding_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("post", "person"), name="parties_one_open_holding"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                name="parties_delegation_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_person__isnull", False), ("from_post__isnull", True)),
                    models.Q(("from_person__isnull", True), ("from_post__isnull", False)),
                    _connector="OR",
                ),
                name="parties_delegation_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", False)), name="parties_delegation_has_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_person", None),
                    models.Q(("from_person", models.F("to_person")), _negated=True),
                    _connector="OR",
                ),
                name="parties_delegation_to_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["zh-hans", "en"])), name="parties_account_language"
            ),
        ),
    ]
