"""What Django's constraints cannot say: a row lies in its data set's city, a parent exists."""

from django.db import migrations

TABLES = ["district", "population", "place", "roadnode", "roadlink", "shape"]

OF_ONE_CITY = """
ALTER TABLE city_{table} ADD CONSTRAINT city_{table}_of_one_city
    FOREIGN KEY (data_set_id, city_id) REFERENCES city_dataset (id, city_id)
"""
PARENT = """
ALTER TABLE city_district ADD CONSTRAINT city_district_parent
    FOREIGN KEY (data_set_id, parent_key) REFERENCES city_district (data_set_id, key)
    DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    dependencies = [("city", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(
                OF_ONE_CITY.format(table=table),
                f"ALTER TABLE city_{table} DROP CONSTRAINT city_{table}_of_one_city",
            )
            for table in TABLES
        ),
        migrations.RunSQL(PARENT, "ALTER TABLE city_district DROP CONSTRAINT city_district_parent"),
    ]
