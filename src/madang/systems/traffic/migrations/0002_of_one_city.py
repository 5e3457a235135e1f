"""What a data set brings lies in the city of the data set."""

from django.db import migrations

TABLES = ("streetnetwork", "crossing", "signalphase", "turnrule")


class Migration(migrations.Migration):
    dependencies = [("traffic", "0001_initial"), ("city", "0002_guards")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE traffic_{table} ADD CONSTRAINT traffic_{table}_of_one_city"
            " FOREIGN KEY (data_set_id, city_id) REFERENCES city_dataset (id, city_id)",
            f"ALTER TABLE traffic_{table} DROP CONSTRAINT traffic_{table}_of_one_city",
        )
        for table in TABLES
    ]
