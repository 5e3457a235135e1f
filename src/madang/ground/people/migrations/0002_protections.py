"""What PostgreSQL itself holds to: one city for a row and what it points at, no ring in the tree of
organisations, and the word to every listener that somebody's rights are others now."""

from django.db import migrations

SAME_CITY = """
ALTER TABLE people_organisation ADD CONSTRAINT organisation_parent_same_city
    FOREIGN KEY (city_id, parent_id) REFERENCES people_organisation (city_id, id);
ALTER TABLE people_membership ADD CONSTRAINT membership_same_city
    FOREIGN KEY (city_id, organisation_id) REFERENCES people_organisation (city_id, id);
"""

# The lock on the city's row makes two moves at once wait for each other: each alone may be without a
# ring while both together are not.
NO_RING = """
CREATE FUNCTION people_organisation_no_ring() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above uuid := NEW.parent_id;
BEGIN
    PERFORM 1 FROM city_city WHERE id = NEW.city_id FOR NO KEY UPDATE;
    WHILE above IS NOT NULL LOOP
        IF above = NEW.id THEN
            RAISE EXCEPTION 'an organisation cannot stand under itself'
                USING ERRCODE = 'check_violation';
        END IF;
        SELECT parent_id INTO above FROM people_organisation WHERE id = above;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER no_ring BEFORE INSERT OR UPDATE OF parent_id ON people_organisation
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION people_organisation_no_ring();
"""

DEMO_IN_SIMULATED = """
CREATE FUNCTION people_demo_in_simulated_city() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM people_account WHERE id = NEW.account_id AND demo)
       AND NOT EXISTS (SELECT FROM city_city WHERE id = NEW.city_id AND simulated) THEN
        RAISE EXCEPTION 'a demo account can only have roles in a simulated city'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER demo_in_simulated BEFORE INSERT OR UPDATE ON people_membership
    FOR EACH ROW EXECUTE FUNCTION people_demo_in_simulated_city();
"""

RIGHTS_CHANGED = """
CREATE FUNCTION people_rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', CASE TG_TABLE_NAME
        WHEN 'people_account' THEN (to_jsonb(COALESCE(NEW, OLD)) ->> 'id')
        WHEN 'mfa_authenticator' THEN (to_jsonb(COALESCE(NEW, OLD)) ->> 'user_id')
        ELSE (to_jsonb(COALESCE(NEW, OLD)) ->> 'account_id') END);
    RETURN NULL;
END $$;
CREATE TRIGGER rights_changed AFTER INSERT OR UPDATE OR DELETE ON people_membership
    FOR EACH ROW EXECUTE FUNCTION people_rights_changed();
CREATE TRIGGER rights_changed AFTER UPDATE OF is_active, steward, demo ON people_account
    FOR EACH ROW EXECUTE FUNCTION people_rights_changed();
CREATE TRIGGER rights_changed AFTER INSERT OR DELETE ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION people_rights_changed();
"""

# Django's own table for its database cache. It holds counters of attempts, nothing worth a crash's wait.
SHARED_CACHE = """
CREATE UNLOGGED TABLE people_shared_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX people_shared_cache_expires ON people_shared_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunSQL(sql)
        for sql in (SAME_CITY, NO_RING, DEMO_IN_SIMULATED, RIGHTS_CHANGED, SHARED_CACHE)
    ]
