"""A site lies in the city of its data set."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cameras", "0001_initial"), ("city", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE cameras_site ADD CONSTRAINT cameras_site_of_one_city"
            " FOREIGN KEY (data_set_id, city_id) REFERENCES city_dataset (id, city_id)",
            "ALTER TABLE cameras_site DROP CONSTRAINT cameras_site_of_one_city",
        )
    ]
