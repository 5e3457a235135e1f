"""Who asked for footage is seen only in the ledger of a city that was opened (privacy.ledger)."""

from django.db import migrations

ROW_SECURITY = """
ALTER TABLE privacy_footagerequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_of_one_city ON privacy_footagerequest
    USING (city_id::text = current_setting('madang.ledger', true))
    WITH CHECK (city_id::text = current_setting('madang.ledger', true));
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.RunSQL(ROW_SECURITY)]
