"""Bookmarks of recordings, and locks that requests for footage make by themselves."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import madang.ground.ids

GUARD = """
ALTER TABLE cameras_bookmark ADD CONSTRAINT cameras_bookmark_of_one_city
    FOREIGN KEY (camera_id, city_id) REFERENCES cameras_camera (id, city_id);
"""
UNGUARD = "ALTER TABLE cameras_bookmark DROP CONSTRAINT cameras_bookmark_of_one_city;"


class Migration(migrations.Migration):
    dependencies = [
        ("cameras", "0009_steering"),
        ("city", "0003_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="footagelock",
            name="request",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="footagelock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released", None)),
                fields=("camera", "request"),
                name="footage_lock_once_a_request",
            ),
        ),
        migrations.CreateModel(
            name="Bookmark",
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
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=100)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("made", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "camera",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookmarks",
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
                "indexes": [
                    models.Index(fields=["camera", "account", "at"], name="bookmark_of_camera")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="bookmark_named"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
