"""The record: what devices said, in tables cut by day, and the few acts on them that define tables.

The application may not define tables. What it needs of that (days made ahead, old days thinned out and
dropped) are functions of the owner that take no name and no condition from outside: which tables, and
when, stands here and in sensing_retention. Rows name devices by number and carry no foreign key, whose
check would cost more than the row; a row's city is its device's.
"""

from django.db import migrations

TABLES = """
CREATE TABLE sensing_position (
    device integer NOT NULL,
    time timestamptz NOT NULL,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    x real NOT NULL,
    y real NOT NULL,
    speed real,
    heading real,
    accuracy real,
    PRIMARY KEY (device, time)
) PARTITION BY RANGE (time);
COMMENT ON TABLE sensing_position IS
    'x, y: metres in the city''s CRS, to 6 cm; speed m/s; heading degrees from north; accuracy m (68 %)';

CREATE TABLE sensing_reading (
    device integer NOT NULL,
    channel integer NOT NULL,
    time timestamptz NOT NULL,
    value double precision NOT NULL CHECK (value > '-Infinity' AND value < 'Infinity'),
    PRIMARY KEY (device, channel, time)
) PARTITION BY RANGE (time);

CREATE TABLE sensing_count (
    device integer NOT NULL,
    channel integer NOT NULL,
    time timestamptz NOT NULL,
    seconds real NOT NULL CHECK (seconds > 0 AND seconds <= 86400),
    count integer NOT NULL CHECK (count >= 0),
    PRIMARY KEY (device, channel, time)
) PARTITION BY RANGE (time);

CREATE TABLE sensing_state (
    device integer NOT NULL,
    name text NOT NULL,
    time timestamptz NOT NULL,
    value text NOT NULL,
    about text NOT NULL,
    PRIMARY KEY (device, name, time)
) PARTITION BY RANGE (time);

CREATE TABLE sensing_batch (
    id uuid NOT NULL,
    made timestamptz NOT NULL,
    kind text NOT NULL,
    city text NOT NULL,
    facts integer NOT NULL CHECK (facts >= 0),
    recorded timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, made)
) PARTITION BY RANGE (made);
COMMENT ON TABLE sensing_batch IS
    'batches of the log that are in the record; written in the transaction of their facts';

CREATE TABLE sensing_account (
    city text NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    facts bigint NOT NULL,
    added bigint NOT NULL,
    dropped bigint NOT NULL,
    PRIMARY KEY (city, kind, day)
);
COMMENT ON TABLE sensing_account IS
    'by day of writing: facts = added + facts that were there already + dropped (older than the record)';

CREATE TABLE sensing_hourly (
    device integer NOT NULL,
    channel integer NOT NULL,
    hour timestamptz NOT NULL,
    value double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    readings integer NOT NULL CHECK (readings > 0),
    PRIMARY KEY (device, channel, hour),
    CHECK (low <= value AND value <= high)
);
COMMENT ON TABLE sensing_hourly IS
    'readings summed up by the hour they were made in; kept when the readings themselves are gone';

CREATE TABLE sensing_track (LIKE sensing_position INCLUDING ALL);
COMMENT ON TABLE sensing_track IS 'held pieces of tracks, of days that the record has dropped';
"""
NO_TABLES = """
DROP TABLE sensing_position, sensing_reading, sensing_count, sensing_state, sensing_batch,
    sensing_account, sensing_hourly, sensing_track;
"""

DAYS = """
CREATE FUNCTION sensing_may_keep_days() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT has_table_privilege(session_user, 'sensing_position', 'INSERT') THEN
        RAISE EXCEPTION 'only who writes the record may keep its days'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('sensing days'));
END $$;

CREATE FUNCTION sensing_day_name(parent text, day date) RETURNS text IMMUTABLE LANGUAGE sql AS
    $$ SELECT parent || '_' || to_char(day, 'YYYYMMDD') $$;

CREATE FUNCTION sensing_attach_day(parent text, day date, name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name,
        day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
END $$;

-- The days from first to last that are missing, in every table of the record; how many were made.
CREATE FUNCTION sensing_make_days(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    parent text;
    day date;
    name text;
    made integer := 0;
BEGIN
    IF last - first > 1000 OR last > current_date + 60 THEN
        RAISE EXCEPTION 'days from % to % are more than the record ever needs', first, last;
    END IF;
    PERFORM sensing_may_keep_days();
    FOREACH parent IN ARRAY ARRAY['sensing_position', 'sensing_reading', 'sensing_count',
                                  'sensing_state', 'sensing_batch'] LOOP
        day := first;
        WHILE day <= last LOOP
            name := sensing_day_name(parent, day);
            IF to_regclass(name) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
                PERFORM sensing_attach_day(parent, day, name);
                made := made + 1;
            END IF;
            day := day + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

-- The days a table of the record has, with their size.
CREATE FUNCTION sensing_days(parent text) RETURNS TABLE (name text, day date, bytes bigint)
STABLE LANGUAGE sql AS $$
    SELECT c.relname::text, to_date(right(c.relname, 8), 'YYYYMMDD'), pg_total_relation_size(c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(parent)
$$;

-- Readings of a day summed up by hour; a day summed up again comes out the same.
CREATE FUNCTION sensing_sum_up(day date) RETURNS bigint
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    summed bigint;
BEGIN
    INSERT INTO sensing_hourly (device, channel, hour, value, low, high, readings)
    SELECT r.device, r.channel, date_trunc('hour', r.time),
           least(greatest(avg(r.value), min(r.value)), max(r.value)),
           min(r.value), max(r.value), count(*)
    FROM sensing_reading r
    WHERE r.time >= day::timestamptz AND r.time < (day + 1)::timestamptz
    GROUP BY 1, 2, 3
    ON CONFLICT (device, channel, hour) DO UPDATE
    SET value = excluded.value, low = excluded.low, high = excluded.high, readings = excluded.readings;
    GET DIAGNOSTICS summed = ROW_COUNT;
    RETURN summed;
END $$;

CREATE FUNCTION sensing_held(number integer, moment timestamptz) RETURNS boolean
STABLE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM sensing_trackhold h JOIN sensing_device d ON d.id = h.device_id
        WHERE d.number = sensing_held.number AND moment BETWEEN h.begins AND h.ends)
$$;

-- Drops the days of one kind that its rule no longer keeps; today and yesterday always stay.
CREATE FUNCTION sensing_drop_days(which text) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    parent text := CASE which
        WHEN 'positions' THEN 'sensing_position' WHEN 'readings' THEN 'sensing_reading'
        WHEN 'counts' THEN 'sensing_count' WHEN 'states' THEN 'sensing_state'
        WHEN 'batches' THEN 'sensing_batch' END;
    rule sensing_retention;
    old record;
    total bigint;
BEGIN
    PERFORM sensing_may_keep_days();
    SELECT * INTO rule FROM sensing_retention WHERE kind = which;
    IF parent IS NULL OR NOT FOUND THEN
        RAISE EXCEPTION 'there is no rule for what is kept of %', which;
    END IF;
    SELECT coalesce(sum(bytes), 0) INTO total FROM sensing_days(parent);
    FOR old IN SELECT * FROM sensing_days(parent) WHERE day < current_date - 1 ORDER BY day LOOP
        EXIT WHEN old.day >= current_date - rule.days AND total <= rule.gigabytes * 1e9;
        IF which = 'readings' THEN
            PERFORM sensing_sum_up(old.day);
        ELSIF which = 'positions' THEN
            EXECUTE format('INSERT INTO sensing_track SELECT p.* FROM %I p
                            WHERE sensing_held(p.device, p.time) ON CONFLICT DO NOTHING', old.name);
        END IF;
        EXECUTE format('DROP TABLE %I', old.name);
        total := total - old.bytes;
        RETURN NEXT old.name;
    END LOOP;
END $$;

-- Thins a day of positions to one fact of a device in so many seconds, and what is held; rows left.
-- Late facts of that day wait until it is done.
CREATE FUNCTION sensing_thin_day(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    rule sensing_retention;
    name text := sensing_day_name('sensing_position', day);
    draft text := name || '_thin';
    mark text;
    left_over bigint;
BEGIN
    PERFORM sensing_may_keep_days();
    SELECT * INTO rule FROM sensing_retention WHERE kind = 'positions';
    IF rule.thin_seconds IS NULL OR day >= current_date - coalesce(rule.thin_after_days, 1) THEN
        RAISE EXCEPTION 'positions of % may not be thinned out yet', day;
    END IF;
    mark := 'thinned to ' || rule.thin_seconds || ' s';
    IF to_regclass(name) IS NULL OR obj_description(to_regclass(name)) = mark THEN
        RETURN 0;
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', name);
    EXECUTE format('CREATE TABLE %I (LIKE sensing_position INCLUDING ALL)', draft);
    EXECUTE format('
        INSERT INTO %I SELECT device, time, lon, lat, x, y, speed, heading, accuracy FROM (
            SELECT p.*, floor(extract(epoch FROM time) / %s) AS slot,
                   lag(floor(extract(epoch FROM time) / %s)) OVER (PARTITION BY device ORDER BY time)
                   AS slot_before
            FROM %I p) q
        WHERE slot IS DISTINCT FROM slot_before OR sensing_held(device, time)',
        draft, rule.thin_seconds, rule.thin_seconds, name);
    GET DIAGNOSTICS left_over = ROW_COUNT;
    EXECUTE format('ALTER TABLE sensing_position DETACH PARTITION %I', name);
    EXECUTE format('DROP TABLE %I', name);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', draft, name);
    PERFORM sensing_attach_day('sensing_position', day, name);
    EXECUTE format('COMMENT ON TABLE %I IS %L', name, mark);
    RETURN left_over;
END $$;
"""
NO_DAYS = """
DROP FUNCTION sensing_thin_day, sensing_drop_days, sensing_held, sensing_sum_up, sensing_days,
    sensing_make_days, sensing_attach_day, sensing_day_name, sensing_may_keep_days;
"""

RULES = """
INSERT INTO sensing_retention (kind, days, gigabytes, thin_after_days, thin_seconds) VALUES
    ('positions', 30, 40, 2, 10),
    ('readings', 90, 10, NULL, NULL),
    ('counts', 400, 10, NULL, NULL),
    ('states', 730, 5, NULL, NULL),
    ('batches', 20, 5, NULL, NULL);
"""

SAME_CITY = """
ALTER TABLE sensing_device ADD CONSTRAINT sensing_device_kind_of_one_city
    FOREIGN KEY (kind_id, city_id) REFERENCES sensing_devicekind (id, city_id);
ALTER TABLE sensing_device ADD CONSTRAINT sensing_device_gateway_of_one_city
    FOREIGN KEY (gateway_id, city_id) REFERENCES sensing_device (id, city_id);
ALTER TABLE sensing_trackhold ADD CONSTRAINT sensing_trackhold_of_one_city
    FOREIGN KEY (device_id, city_id) REFERENCES sensing_device (id, city_id) ON DELETE CASCADE;
"""
NO_SAME_CITY = """
ALTER TABLE sensing_device DROP CONSTRAINT sensing_device_kind_of_one_city;
ALTER TABLE sensing_device DROP CONSTRAINT sensing_device_gateway_of_one_city;
ALTER TABLE sensing_trackhold DROP CONSTRAINT sensing_trackhold_of_one_city;
"""

# Gates listen; what they are told is which device to look at again, or nothing for all of them.
CHANGED = """
CREATE FUNCTION sensing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sensing_changed', CASE WHEN TG_TABLE_NAME = 'sensing_device'
        THEN to_jsonb(COALESCE(NEW, OLD)) ->> 'id' ELSE '' END);
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON sensing_device
    FOR EACH ROW EXECUTE FUNCTION sensing_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON sensing_devicekind
    FOR EACH STATEMENT EXECUTE FUNCTION sensing_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON sensing_kindlimits
    FOR EACH STATEMENT EXECUTE FUNCTION sensing_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON sensing_channel
    FOR EACH STATEMENT EXECUTE FUNCTION sensing_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON sensing_channellimits
    FOR EACH STATEMENT EXECUTE FUNCTION sensing_changed();
"""
NO_CHANGED = "DROP FUNCTION sensing_changed() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("sensing", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLES, NO_TABLES),
        migrations.RunSQL(DAYS, NO_DAYS),
        migrations.RunSQL(RULES, "DELETE FROM sensing_retention"),
        migrations.RunSQL(SAME_CITY, NO_SAME_CITY),
        migrations.RunSQL(CHANGED, NO_CHANGED),
    ]
