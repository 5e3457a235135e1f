"""Observations of data sets, and the rule that a row lies in the city of its data set."""

import django.db.models.deletion
import madang.ground.ids
from django.db import migrations, models


OF_ONE_CITY = """
ALTER TABLE sensing_{table} ADD CONSTRAINT sensing_{table}_of_one_city
    FOREIGN KEY (data_set_id, city_id) REFERENCES city_dataset (id, city_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0003_uploads"),
        ("sensing", "0002_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="Station",
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
                ("key", models.TextField()),
                ("kind", models.CharField(help_text="key of a kind of device", max_length=40)),
                ("name", models.TextField()),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("x", models.FloatField(null=True)),
                ("y", models.FloatField(null=True)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.city",
                    ),
                ),
                (
                    "data_set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.dataset",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        help_text="the import that first brought it",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.import",
                    ),
                ),
                (
                    "touched_by",
                    models.ForeignKey(
                        help_text="the import that last changed it",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.import",
                    ),
                ),
            ],
            options={
                "verbose_name": "measuring station",
                "verbose_name_plural": "measuring stations",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Observation",
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
                ("key", models.TextField()),
                ("begins", models.DateTimeField()),
                (
                    "span",
                    models.CharField(choices=[("hour", "hour"), ("month", "month")], max_length=8),
                ),
                (
                    "measured",
                    models.JSONField(
                        help_text="numbers by the channel's key, in the channel's unit"
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
                (
                    "data_set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.dataset",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        help_text="the import that first brought it",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.import",
                    ),
                ),
                (
                    "touched_by",
                    models.ForeignKey(
                        help_text="the import that last changed it",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="city.import",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="sensing.station",
                    ),
                ),
            ],
            options={
                "verbose_name": "observation",
                "verbose_name_plural": "observations",
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="station",
            constraint=models.UniqueConstraint(
                fields=("data_set", "key"), name="sensing_station_key"
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(fields=["station", "begins"], name="sensing_observation_of"),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.UniqueConstraint(
                fields=("data_set", "key"), name="sensing_observation_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.CheckConstraint(
                condition=models.Q(("measured", {}), _negated=True),
                name="sensing_observation_measured",
            ),
        ),
        *(
            migrations.RunSQL(
                OF_ONE_CITY.format(table=table),
                f"ALTER TABLE sensing_{table} DROP CONSTRAINT sensing_{table}_of_one_city",
            )
            for table in ("station", "observation")
        ),
    ]
