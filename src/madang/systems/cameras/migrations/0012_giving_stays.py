"""What was checked, decided, packed and collected stays as it was: the ledger is evidence, not a draft."""

from django.db import migrations

GUARD = """
CREATE FUNCTION cameras_giving_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked CONSTANT text[] := ARRAY['id', 'city_id', 'number', 'deed', 'basis', 'clause', 'request',
        'receiver', 'document', 'purpose', 'items', 'limits', 'prepared', 'prepared_by_id'];
    decided CONSTANT text[] := ARRAY['decided', 'decided_by_id', 'reason'];
    kept text[] := '{}';
    name text;
BEGIN
    IF OLD.state <> 'draft' THEN kept := kept || asked; END IF;
    IF OLD.decided IS NOT NULL THEN kept := kept || decided; END IF;
    IF OLD.sha256 <> '' THEN kept := kept || ARRAY['bytes', 'sha256']; END IF;
    IF OLD.collected IS NOT NULL THEN kept := kept || ARRAY['collected']; END IF;
    IF OLD.destroyed IS NOT NULL THEN kept := kept || ARRAY['destroyed']; END IF;
    IF OLD.reported IS NOT NULL THEN
        kept := kept || ARRAY['reported', 'reported_how', 'reported_by_id'];
    END IF;
    FOREACH name IN ARRAY kept LOOP
        IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION 'cameras_giving: % of % stays as it was', name, OLD.number
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    IF NEW.collections < OLD.collections OR (OLD.state <> 'draft' AND NEW.state = 'draft') THEN
        RAISE EXCEPTION 'cameras_giving: % does not go back', OLD.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER giving_stays BEFORE UPDATE ON cameras_giving FOR EACH ROW
    EXECUTE FUNCTION cameras_giving_stays();

CREATE FUNCTION cameras_span_of_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cameras_giving
        WHERE id = (CASE TG_OP WHEN 'DELETE' THEN OLD.giving_id ELSE NEW.giving_id END)
        AND state = 'draft';
    IF NOT FOUND OR (TG_OP = 'UPDATE' AND NEW.giving_id <> OLD.giving_id) THEN
        RAISE EXCEPTION 'cameras_givingspan: what is asked for changes in a draft alone'
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER span_of_draft BEFORE INSERT OR UPDATE OR DELETE ON cameras_givingspan
    FOR EACH ROW EXECUTE FUNCTION cameras_span_of_draft();
"""
UNGUARD = """
DROP TRIGGER span_of_draft ON cameras_givingspan;
DROP FUNCTION cameras_span_of_draft();
DROP TRIGGER giving_stays ON cameras_giving;
DROP FUNCTION cameras_giving_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("cameras", "0011_export")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
