"""The trail is append-only by right of the database, whoever connects but the owner, and a trigger
stops the owner's own slips. Every entry is queued for the sequencer by the database itself."""

from django.db import migrations

# Whatever the application's role is called here: everybody who is not the owner.
APPEND_ONLY = """
DO $$
DECLARE held record;
BEGIN
    FOR held IN
        SELECT table_name, grantee FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND grantee <> current_user
          AND table_name IN ('trail_entry', 'trail_place', 'trail_node', 'trail_signedhead',
                             'trail_signingkey', 'trail_personal')
        GROUP BY table_name, grantee
    LOOP
        EXECUTE format('REVOKE UPDATE, TRUNCATE ON %I FROM %I', held.table_name, held.grantee);
        IF held.table_name <> 'trail_personal' THEN
            EXECUTE format('REVOKE DELETE ON %I FROM %I', held.table_name, held.grantee);
        END IF;
    END LOOP;
END $$;
"""

NO_SLIPS = """
CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
""" + "".join(
    f"CREATE TRIGGER append_only BEFORE {acts} ON {table} FOR EACH STATEMENT"
    " EXECUTE FUNCTION trail_is_append_only();\n"
    for table, acts in (
        ("trail_entry", "UPDATE OR DELETE OR TRUNCATE"),
        ("trail_place", "UPDATE OR DELETE OR TRUNCATE"),
        ("trail_node", "UPDATE OR DELETE OR TRUNCATE"),
        ("trail_signedhead", "UPDATE OR DELETE OR TRUNCATE"),
        ("trail_signingkey", "UPDATE OR DELETE OR TRUNCATE"),
        ("trail_personal", "UPDATE OR TRUNCATE"),
    )
)

QUEUE = """
CREATE FUNCTION trail_queue_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail_pending (entry) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER queue_entry AFTER INSERT ON trail_entry
    FOR EACH ROW EXECUTE FUNCTION trail_queue_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]

    operations = [migrations.RunSQL(sql) for sql in (APPEND_ONLY, NO_SLIPS, QUEUE)]
