"""The word of who opened personal parts is read once a statement, not once a row.

A sub-select without a column of the row is an initial plan, and a policy that names it, unlike a function
called for each row, leaves the planner free to use its indexes.
"""

from django.db import migrations

OPEN = """
    (SELECT current_setting('madang.personal', true)) = 'all' OR EXISTS (
        SELECT FROM trail_entry WHERE trail_entry.id = trail_personal.entry_id
        AND (SELECT current_setting('madang.personal', true)) IN
            (city::text, actor::text, CASE WHEN thing_kind = 'account' THEN thing_id END))
"""
ROW_SECURITY = f"""
DROP POLICY personal_opened ON trail_personal;
DROP POLICY personal_destroyed ON trail_personal;
DROP FUNCTION trail_personal_is_open(uuid);
CREATE POLICY personal_opened ON trail_personal FOR SELECT USING ({OPEN});
CREATE POLICY personal_destroyed ON trail_personal FOR DELETE USING ({OPEN});
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_row_security")]

    operations = [migrations.RunSQL(ROW_SECURITY)]
