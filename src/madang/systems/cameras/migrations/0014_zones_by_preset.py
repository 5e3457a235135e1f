"""Zones of a camera that turns lie where its head stood when they were drawn, and where heads stood while
their cameras were recorded is kept."""

import django.db.models.deletion
from django.db import migrations, models

import madang.ground.ids

GUARD = """
ALTER TABLE cameras_stand ADD CONSTRAINT cameras_stand_of_one_city
    FOREIGN KEY (camera_id, city_id) REFERENCES cameras_camera (id, city_id);
"""
UNGUARD = "ALTER TABLE cameras_stand DROP CONSTRAINT cameras_stand_of_one_city;"


def place() -> models.FloatField:  # type: ignore[type-arg]
    return models.FloatField(editable=False, null=True)


class Migration(migrations.Migration):
    dependencies = [("cameras", "0012_giving_stays"), ("city", "0003_uploads")]

    operations = [
        # A number that was never asked for; the name is what the camera itself says.
        migrations.RemoveField("maskzone", "preset"),
        migrations.AddField(
            "maskzone",
            "preset",
            models.CharField(blank=True, default="", max_length=100, verbose_name="Preset"),
            preserve_default=False,
        ),
        migrations.AddField("maskzone", "pan", place()),
        migrations.AddField("maskzone", "tilt", place()),
        migrations.AddField("maskzone", "zoom", place()),
        migrations.AddConstraint(
            "maskzone",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pan", None), ("tilt", None), ("zoom", None)),
                    models.Q(
                        ("pan__range", (-1, 1)), ("tilt__range", (-1, 1)), ("zoom__range", (0, 1))
                    ),
                    _connector="OR",
                ),
                name="mask_place_whole",
            ),
        ),
        migrations.CreateModel(
            name="Stand",
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
                ("begins", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("pan", models.FloatField()),
                ("tilt", models.FloatField()),
                ("zoom", models.FloatField()),
                (
                    "camera",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands",
                        to="cameras.camera",
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
                "indexes": [models.Index(fields=["camera", "begins"], name="stands_of_camera")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gte", models.F("begins"))),
                        name="stand_ends_after",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
