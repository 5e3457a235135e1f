"""The word of whose ledger is open is read once a statement, and compared as the index has it."""

from django.db import migrations

OPEN = "city_id = (SELECT nullif(current_setting('madang.ledger', true), '')::uuid)"
ROW_SECURITY = f"""
DROP POLICY ledger_of_one_city ON privacy_footagerequest;
CREATE POLICY ledger_of_one_city ON privacy_footagerequest USING ({OPEN}) WITH CHECK ({OPEN});
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_row_security")]

    operations = [migrations.RunSQL(ROW_SECURITY)]
