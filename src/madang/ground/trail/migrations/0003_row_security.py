"""Personal parts are seen only by who says whose they open (madang.ground.trail.personal).

The owner of the table is not bound, so that backups and restores are whole.
"""

from django.db import migrations

ROW_SECURITY = """
ALTER TABLE trail_personal ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION trail_personal_is_open(of_entry uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT current_setting('madang.personal', true) = 'all' OR EXISTS (
        SELECT FROM trail_entry WHERE id = of_entry
        AND current_setting('madang.personal', true) IN
            (city::text, actor::text, CASE WHEN thing_kind = 'account' THEN thing_id END))
$$;
CREATE POLICY personal_written ON trail_personal FOR INSERT WITH CHECK (true);
CREATE POLICY personal_opened ON trail_personal FOR SELECT
    USING (trail_personal_is_open(entry_id));
CREATE POLICY personal_destroyed ON trail_personal FOR DELETE
    USING (trail_personal_is_open(entry_id));
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_append_only")]

    operations = [migrations.RunSQL(ROW_SECURITY)]
