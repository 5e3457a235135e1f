"""Citizens ask themselves: who asks and for whom, the term, the secret, an appeal; each answer is kept."""

import django.db.models.deletion
import django.utils.timezone
import madang.ground.ids
from django.conf import settings
from django.db import migrations, models


# A request that waits has its term; what was delayed before delays had one waits from its answer on.
TERMS = """
UPDATE privacy_footagerequest SET due = asked + interval '10 days' WHERE decision = 'open';
UPDATE privacy_footagerequest SET due = decided + interval '10 days' WHERE decision = 'delayed';
"""

OPEN = "city_id = (SELECT nullif(current_setting('madang.ledger', true), '')::uuid)"
ANSWERS = f"""
ALTER TABLE privacy_footageanswer ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_of_one_city ON privacy_footageanswer USING ({OPEN}) WITH CHECK ({OPEN});
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON privacy_footageanswer FOR EACH ROW
    EXECUTE FUNCTION people_given_stays('none');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0003_uploads"),
        ("privacy", "0003_row_security_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FootageAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=madang.ground.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("open", "waits for an answer"),
                            ("given", "granted"),
                            ("partly", "granted in part"),
                            ("delayed", "delayed"),
                            ("refused", "refused"),
                            ("appealed", "appealed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("masked", models.BooleanField(default=False)),
                ("where", models.TextField(blank=True, help_text="where it can be seen")),
                (
                    "when",
                    models.DateTimeField(
                        help_text="when it can be seen; of a delay: until when it is answered",
                        null=True,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="address",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="appeal",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="appealed",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="asks",
            field=models.CharField(
                choices=[
                    ("view", "to see it, or to have a copy"),
                    ("exists", "to know whether there is any"),
                    ("delete", "to have it deleted"),
                ],
                default="view",
                max_length=10,
                verbose_name="what is asked",
            ),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="born",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="due",
            field=models.DateTimeField(
                help_text="until when it must be answered; null: it is", null=True
            ),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="person",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="person_born",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="person_contact",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="relation",
            field=models.TextField(
                blank=True, help_text="what who asks is to person, if for another"
            ),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="secret",
            field=models.TextField(blank=True, help_text="hash; empty: entered by an officer"),
        ),
        migrations.AddField(
            model_name="footagerequest",
            name="sheet",
            field=models.TextField(
                blank=True, help_text="the form that was sent; one makes one request"
            ),
        ),
        migrations.AlterField(
            model_name="footagerequest",
            name="decision",
            field=models.CharField(
                choices=[
                    ("open", "waits for an answer"),
                    ("given", "granted"),
                    ("partly", "granted in part"),
                    ("delayed", "delayed"),
                    ("refused", "refused"),
                    ("appealed", "appealed"),
                ],
                default="open",
                max_length=10,
                verbose_name="decision",
            ),
        ),
        migrations.RunSQL(TERMS),
        migrations.AddIndex(
            model_name="footagerequest",
            index=models.Index(
                condition=models.Q(("due__isnull", False)), fields=["due"], name="request_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="footagerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sheet", ""), _negated=True),
                fields=("sheet",),
                name="request_sheet_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="footagerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decision__in", ["open", "delayed", "appealed"]), ("due__isnull", False)
                    ),
                    models.Q(("decision__in", ["given", "partly", "refused"]), ("due", None)),
                    _connector="OR",
                ),
                name="request_due_while_it_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="footagerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", "appealed"), _negated=True),
                    ("appealed__isnull", False),
                    _connector="OR",
                ),
                name="request_appealed_at",
            ),
        ),
        migrations.AddField(
            model_name="footageanswer",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="footageanswer",
            name="city",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="city.city"),
        ),
        migrations.AddField(
            model_name="footageanswer",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="privacy.footagerequest",
            ),
        ),
        migrations.AddIndex(
            model_name="footageanswer",
            index=models.Index(fields=["request", "at"], name="answers_of_request"),
        ),
        migrations.AddConstraint(
            model_name="footageanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "given"), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="answer_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="footageanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", "delayed"), _negated=True),
                    ("when__isnull", False),
                    _connector="OR",
                ),
                name="answer_delayed_until",
            ),
        ),
        migrations.RunSQL(ANSWERS),
    ]
