"""What became of the letters to who asked for footage, and the language they asked in."""

import django.db.models.deletion
import madang.ground.ids
from django.db import migrations, models

OPEN = "city_id = (SELECT nullif(current_setting('madang.ledger', true), '')::uuid)"
ROW_SECURITY = f"""
ALTER TABLE privacy_footageletter ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_of_one_city ON privacy_footageletter USING ({OPEN}) WITH CHECK ({OPEN});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0003_uploads"),
        ("privacy", "0004_requests_of_citizens"),
    ]

    operations = [
        migrations.AddField(
            model_name="footagerequest",
            name="language",
            field=models.CharField(default="ko", max_length=8),
        ),
        migrations.CreateModel(
            name="FootageLetter",
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
                ("sent", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("tried", models.DateTimeField(null=True)),
                ("failure", models.TextField(blank=True)),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="privacy.footageanswer",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="city.city"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tried__isnull", False), ("tries__gt", 0)),
                        name="footage_letter_was_tried",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ROW_SECURITY),
    ]
