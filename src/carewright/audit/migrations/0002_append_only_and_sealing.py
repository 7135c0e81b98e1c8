"""
The access log may only be added to, and each entry waits for its seal from the moment it is written.

Why      A log that its own program can change proves nothing. The triggers refuse UPDATE, DELETE and TRUNCATE for
         everybody; the chain of digests shows what someone did who switched the triggers off.
Sealing  `audit_seal_waiting(at)` chains every committed entry that no seal covers, in the order of their ids, reading
         them from `audit_waitingentry`. An entry committed late, with a lower id than one already sealed, is in that
         table like any other, so it is chained by the next seal and never passed over.
Text     What is digested is `audit_entry_text`: the columns as JSON, the time as microseconds. The text must never
         change for an entry already sealed; a later form gets a function of its own.
Tests    A test database (its name begins with `test_`) may be emptied between tests, unless the setting
         `carewright.hold` says 'on': that is how the tests try this very refusal.
Back     Dropping the functions loses no entry; the chain would have to be built anew.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%'
        AND coalesce(current_setting('carewright.hold', true), '') <> 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The access log may only be added to: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Write a new entry that corrects the earlier one.';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealedentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

CREATE FUNCTION audit_wait_for_seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_waitingentry (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER wait_for_seal AFTER INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_wait_for_seal();

CREATE FUNCTION audit_entry_text(e audit_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.by, e.by_id, e.by_name, e.by_role, e.did, e.what,
        to_jsonb(e.patient_ids), e.page, e.purpose, e.why, e.outcome, e.address, e.before, e.after
    )::text
$$;

CREATE FUNCTION audit_chained(previous text, entry text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(previous || chr(10) || entry, 'UTF8')), 'hex')
$$;

CREATE FUNCTION audit_seal_waiting(sealed_at timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    waiting record;
    place bigint;
    chain text;
    first_place bigint;
    seal bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_seal_waiting'));
    SELECT s.last_position, s.digest INTO place, chain FROM audit_seal s ORDER BY s.last_position DESC LIMIT 1;
    place := coalesce(place, 0);
    chain := coalesce(chain, '');
    first_place := place;
    seal := nextval(pg_get_serial_sequence('audit_seal', 'id'));
    FOR waiting IN
        WITH taken AS (DELETE FROM audit_waitingentry RETURNING entry_id)
        SELECT e.id, audit_entry_text(e) AS said FROM taken JOIN audit_entry e ON e.id = taken.entry_id ORDER BY e.id
    LOOP
        place := place + 1;
        chain := audit_chained(chain, waiting.said);
        INSERT INTO audit_sealedentry (position, entry_id, seal_id, digest) VALUES (place, waiting.id, seal, chain);
    END LOOP;
    IF place = first_place THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_seal (id, at, entries, last_position, digest) OVERRIDING SYSTEM VALUE
        VALUES (seal, sealed_at, place - first_place, place, chain);
    RETURN seal;
END $$;

-- Walk the whole chain; return the first place where it does not hold, and why, or nothing.
CREATE FUNCTION audit_first_break(OUT place bigint, OUT entry bigint, OUT why text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
    chain text := '';
    expected bigint := 0;
    seal record;
BEGIN
    FOR link IN
        SELECT l.position, l.entry_id, l.seal_id, l.digest, e.id AS found,
               CASE WHEN e.id IS NULL THEN NULL ELSE audit_entry_text(e) END AS said
        FROM audit_sealedentry l LEFT JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.position
    LOOP
        expected := expected + 1;
        place := link.position;
        entry := link.entry_id;
        IF link.position <> expected THEN
            place := expected;
            entry := NULL;
            why := 'a place in the chain is missing';
            RETURN;
        END IF;
        IF link.found IS NULL THEN
            why := 'the entry is gone';
            RETURN;
        END IF;
        chain := audit_chained(chain, link.said);
        IF chain <> link.digest THEN
            why := 'the entry is not what was sealed';
            RETURN;
        END IF;
    END LOOP;
    FOR seal IN
        SELECT s.id, s.digest, s.last_position, s.entries, l.digest AS linked, l.entry_id,
               s.last_position - coalesce(lag(s.last_position) OVER (ORDER BY s.last_position), 0) AS covers
        FROM audit_seal s LEFT JOIN audit_sealedentry l ON l.position = s.last_position ORDER BY s.last_position
    LOOP
        place := seal.last_position;
        entry := seal.entry_id;
        IF seal.linked IS DISTINCT FROM seal.digest OR seal.covers <> seal.entries THEN
            why := 'the seal does not fit the entries it covers';
            RETURN;
        END IF;
        expected := expected - seal.entries;
    END LOOP;
    IF expected <> 0 THEN
        SELECT l.position, l.entry_id INTO place, entry FROM audit_sealedentry l
            WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.id = l.seal_id) ORDER BY l.position LIMIT 1;
        why := 'the seal over this entry is gone';
        RETURN;
    END IF;
    place := NULL;
    entry := NULL;
END $$;
"""

BACK = """
DROP TRIGGER wait_for_seal ON audit_entry;
DROP TRIGGER append_only ON audit_entry;
DROP TRIGGER append_only ON audit_sealedentry;
DROP TRIGGER append_only ON audit_seal;
DROP FUNCTION audit_first_break();
DROP FUNCTION audit_seal_waiting(timestamptz);
DROP FUNCTION audit_chained(text, text);
DROP FUNCTION audit_entry_text(audit_entry);
DROP FUNCTION audit_wait_for_seal();
DROP FUNCTION audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
