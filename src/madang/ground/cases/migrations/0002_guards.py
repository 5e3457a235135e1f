"""What the database itself holds of a case, whoever writes to it."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION cases_alarm_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a new alarm is open and of version 1' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'closed' AND
       (NEW.state <> 'open' OR NEW.version <> OLD.version + 1 OR
        (OLD.severity, OLD.incident_id, OLD.repeats, OLD.cleared) IS DISTINCT FROM
        (NEW.severity, NEW.incident_id, NEW.repeats, NEW.cleared)) THEN
        RAISE EXCEPTION 'alarm % is closed and does not change, but for being opened again', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'acknowledged' AND NEW.state = 'open' THEN
        RAISE EXCEPTION 'alarm % is acknowledged and stays so', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.id, OLD.city_id, OLD.kind, OLD.cause, OLD.happened, OLD.raised, OLD.simulated)
        IS DISTINCT FROM
       (NEW.id, NEW.city_id, NEW.kind, NEW.cause, NEW.happened, NEW.raised, NEW.simulated) THEN
        RAISE EXCEPTION 'what alarm % is about does not change', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.acknowledged IS NOT NULL AND OLD.state <> 'closed' AND
       (OLD.acknowledged, OLD.acknowledged_by, OLD.acknowledged_by_name) IS DISTINCT FROM
       (NEW.acknowledged, NEW.acknowledged_by, NEW.acknowledged_by_name) THEN
        RAISE EXCEPTION 'who acknowledged alarm % does not change', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.version NOT IN (OLD.version, OLD.version + 1) OR
       (NEW.version = OLD.version AND
        (OLD.state, OLD.severity, OLD.cleared, OLD.incident_id) IS DISTINCT FROM
        (NEW.state, NEW.severity, NEW.cleared, NEW.incident_id)) THEN
        RAISE EXCEPTION 'alarm % changes by one version at a time', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cases_incident_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a new incident is open and of version 1'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'closed' AND NEW.state <> 'open' THEN
        RAISE EXCEPTION 'incident % is closed and does not change, but for being opened again', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.id, OLD.city_id, OLD.year, OLD.number, OLD.opened) IS DISTINCT FROM
       (NEW.id, NEW.city_id, NEW.year, NEW.number, NEW.opened) THEN
        RAISE EXCEPTION 'the number of incident % does not change', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'incident % changes by one version at a time', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cases_alarm_guard BEFORE INSERT OR UPDATE ON cases_alarm
    FOR EACH ROW EXECUTE FUNCTION cases_alarm_guard();
CREATE TRIGGER cases_incident_guard BEFORE INSERT OR UPDATE ON cases_incident
    FOR EACH ROW EXECUTE FUNCTION cases_incident_guard();

-- Each version of a case has its entry, and an entry is of a version that the case has reached.
CREATE FUNCTION cases_version_has_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'cases_alarm' THEN
        PERFORM FROM cases_timelineentry WHERE alarm_id = NEW.id AND number = NEW.version;
    ELSE
        PERFORM FROM cases_timelineentry WHERE incident_id = NEW.id AND number = NEW.version;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'version % of case % has no entry in its timeline', NEW.version, NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cases_alarm_version_has_entry AFTER INSERT OR UPDATE ON cases_alarm
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_version_has_entry();
CREATE CONSTRAINT TRIGGER cases_incident_version_has_entry AFTER INSERT OR UPDATE ON cases_incident
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_version_has_entry();

CREATE FUNCTION cases_entry_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE reached integer;
BEGIN
    SELECT version INTO reached FROM cases_alarm WHERE id = NEW.alarm_id
        UNION ALL SELECT version FROM cases_incident WHERE id = NEW.incident_id;
    IF NEW.number > reached OR NEW.number < 1 THEN
        RAISE EXCEPTION 'entry % is of a version that its case has not reached', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cases_entry_of_version AFTER INSERT ON cases_timelineentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_entry_of_version();

-- A commit wakes whoever publishes the outbox.
CREATE FUNCTION cases_wake_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY cases_outbox;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_wake_outbox AFTER INSERT ON cases_outgoing
    FOR EACH STATEMENT EXECUTE FUNCTION cases_wake_outbox();

-- What belongs to a case belongs to its city.
ALTER TABLE cases_alarm ADD CONSTRAINT cases_alarm_city UNIQUE (id, city_id);
ALTER TABLE cases_incident ADD CONSTRAINT cases_incident_city UNIQUE (id, city_id);
ALTER TABLE cases_alarm ADD CONSTRAINT cases_alarm_incident_of_one_city
    FOREIGN KEY (incident_id, city_id) REFERENCES cases_incident (id, city_id);
ALTER TABLE cases_link
    ADD CONSTRAINT cases_link_alarm_of_one_city
        FOREIGN KEY (alarm_id, city_id) REFERENCES cases_alarm (id, city_id),
    ADD CONSTRAINT cases_link_incident_of_one_city
        FOREIGN KEY (incident_id, city_id) REFERENCES cases_incident (id, city_id);
ALTER TABLE cases_timelineentry
    ADD CONSTRAINT cases_entry_alarm_of_one_city
        FOREIGN KEY (alarm_id, city_id) REFERENCES cases_alarm (id, city_id),
    ADD CONSTRAINT cases_entry_incident_of_one_city
        FOREIGN KEY (incident_id, city_id) REFERENCES cases_incident (id, city_id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'madang_app') THEN
        REVOKE UPDATE, DELETE ON cases_timelineentry, cases_threshold, cases_link FROM madang_app;
        REVOKE DELETE ON cases_alarm, cases_incident, cases_incidentcounter FROM madang_app;
    END IF;
END $$;
"""

UNGUARD = """
ALTER TABLE cases_timelineentry
    DROP CONSTRAINT cases_entry_alarm_of_one_city,
    DROP CONSTRAINT cases_entry_incident_of_one_city;
ALTER TABLE cases_link
    DROP CONSTRAINT cases_link_alarm_of_one_city,
    DROP CONSTRAINT cases_link_incident_of_one_city;
ALTER TABLE cases_alarm DROP CONSTRAINT cases_alarm_incident_of_one_city;
ALTER TABLE cases_incident DROP CONSTRAINT cases_incident_city;
ALTER TABLE cases_alarm DROP CONSTRAINT cases_alarm_city;
DROP TRIGGER cases_wake_outbox ON cases_outgoing;
DROP FUNCTION cases_wake_outbox;
DROP TRIGGER cases_entry_of_version ON cases_timelineentry;
DROP FUNCTION cases_entry_of_version;
DROP TRIGGER cases_alarm_version_has_entry ON cases_alarm;
DROP TRIGGER cases_incident_version_has_entry ON cases_incident;
DROP FUNCTION cases_version_has_entry;
DROP TRIGGER cases_alarm_guard ON cases_alarm;
DROP TRIGGER cases_incident_guard ON cases_incident;
DROP FUNCTION cases_alarm_guard;
DROP FUNCTION cases_incident_guard;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
