"""The city's own words of its policy on cameras, a version a row; the database changes none."""

import django.db.models.deletion
import django.utils.timezone
import madang.ground.ids
from django.conf import settings
from django.db import migrations, models

STAYS = """
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON cameras_policy FOR EACH ROW
    EXECUTE FUNCTION people_given_stays('none');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cameras", "0005_wall"),
        ("city", "0003_uploads"),
        ("people", "0002_protections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Policy",
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
                ("number", models.PositiveIntegerField(editable=False)),
                (
                    "responsible",
                    models.CharField(
                        blank=True,
                        help_text="Position and department, for example the head of the safety centre.",
                        max_length=200,
                        verbose_name="Who is responsible",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=60, verbose_name="Telephone")),
                (
                    "storage",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="Where footage is kept"
                    ),
                ),
                (
                    "deletion",
                    models.CharField(
                        blank=True,
                        help_text="When its time is over, so that nobody can bring it back.",
                        max_length=300,
                        verbose_name="How it is deleted",
                    ),
                ),
                (
                    "viewing",
                    models.TextField(
                        blank=True,
                        help_text="The room, its address, and when it is open.",
                        max_length=1000,
                        verbose_name="How and where footage can be seen",
                    ),
                ),
                (
                    "physical",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        verbose_name="Locks and other safeguards of rooms",
                    ),
                ),
                (
                    "other",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="What else there is to know"
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.city",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("city", "number"), name="camera_policy_number"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="camera_policy_from_one"
                    ),
                ],
            },
        ),
        migrations.RunSQL(STAYS),
    ]
