"""What PostgreSQL itself holds to: one city for a row and what it points at, no ring in the tree of
organisations, and the word to every listener that somebody's rights are others now."""

from django.db import migrations

SAME_CITY = """
ALTER TABLE people_organisation ADD CONSTRAINT organisation_parent_same_city
    FOREIGN KEY (city_id, parent_id) REFERENCES people_organisation (city_id, id);
ALTER TABLE people_membership ADD CONSTRAINT membership_same_city
    FOREIGN KEY (city_id, organisation_id) REFERENCES people_organisation (city_id, id);
ALTER TABLE people_membership ADD CONSTRAINT membership_in_city UNIQUE (city_id, id);
ALTER TABLE people_grant ADD CONSTRAINT grant_same_city
    FOREIGN KEY (city_id, organisation_id) REFERENCES people_organisation (city_id, id);
ALTER TABLE people_camerascope ADD CONSTRAINT camera_scope_same_city
    FOREIGN KEY (city_id, membership_id) REFERENCES people_membership (city_id, id);
ALTER TABLE people_dutyshift ADD CONSTRAINT shift_same_city
    FOREIGN KEY (city_id, membership_id) REFERENCES people_membership (city_id, id);
ALTER TABLE people_invitation ADD CONSTRAINT invitation_same_city
    FOREIGN KEY (city_id, organisation_id) REFERENCES people_organisation (city_id, id);
"""

# What was given stays as it was given: a grant is only revoked, glass only reviewed, nothing deleted.
GIVEN_STAYS = """
CREATE FUNCTION people_given_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    free text[] := TG_ARGV;
BEGIN
    IF TG_OP = 'DELETE' OR (before - free) <> (after - free) THEN
        RAISE EXCEPTION 'a row of % is not changed after it was given', TG_TABLE_NAME
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON people_grant FOR EACH ROW
    EXECUTE FUNCTION people_given_stays('revoked', 'revoked_by_id');
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON people_breakglass FOR EACH ROW
    EXECUTE FUNCTION
    people_given_stays('reviewed', 'reviewed_by_id', 'finding', 'justified');
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON people_camerascope FOR EACH ROW
    EXECUTE FUNCTION people_given_stays('ends');
CREATE TRIGGER given_stays BEFORE UPDATE OR DELETE ON people_membership FOR EACH ROW
    EXECUTE FUNCTION people_given_stays('ends');
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
DECLARE
    held jsonb := to_jsonb(COALESCE(NEW, OLD));
    account text := held ->> 'account_id';
BEGIN
    IF TG_TABLE_NAME = 'people_account' THEN
        account := held ->> 'id';
    ELSIF TG_TABLE_NAME = 'mfa_authenticator' THEN
        account := held ->> 'user_id';
    ELSIF TG_TABLE_NAME = 'people_camerascope' THEN
        SELECT account_id::text INTO account FROM people_membership
        WHERE id = (held ->> 'membership_id')::uuid;
    END IF;
    IF account IS NOT NULL THEN
        PERFORM pg_notify('rights_changed', account);
    ELSE  -- a grant to a whole agency
        PERFORM pg_notify('rights_changed', member::text)
        FROM (SELECT DISTINCT account_id FROM people_membership
              WHERE organisation_id = (held ->> 'organisation_id')::uuid) AS members (member);
    END IF;
    RETURN NULL;
END $$;
"""
BELLS = "".join(
    f"CREATE TRIGGER rights_changed AFTER {acts} ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION people_rights_changed();\n"
    for table, acts in (
        ("people_membership", "INSERT OR UPDATE OR DELETE"),
        ("people_account", "UPDATE OF is_active, steward, demo"),
        ("mfa_authenticator", "INSERT OR DELETE"),
        ("people_camerascope", "INSERT OR UPDATE OR DELETE"),
        ("people_grant", "INSERT OR UPDATE OR DELETE"),
        ("people_breakglass", "INSERT OR UPDATE OR DELETE"),
    )
)

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
        for sql in (
            SAME_CITY,
            GIVEN_STAYS,
            NO_RING,
            DEMO_IN_SIMULATED,
            RIGHTS_CHANGED,
            BELLS,
            SHARED_CACHE,
        )
    ]
