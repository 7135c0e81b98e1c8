"""
The wall costs little to plan: what the acting person holds is asked by functions that the planner does not open.

Why      Each policy opened a view of views into some fifty parts, and PostgreSQL planned all of them for every table of
         every question: 0.9 ms where the question itself took 0.02 ms. A page asks some sixty questions.
How      What somebody holds today (populations, payers, patients) is asked once per statement by a function in
         plpgsql, which the planner takes as it is. The condition is the same, so who sees whom does not change.
Locks    Replacing a view and a function takes a moment.
"""

from django.db import migrations

HELD = r"""
CREATE FUNCTION carewright_held_populations() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT h.population FROM access_held_tie h WHERE h.patient_id IS NULL);
END $$;
CREATE FUNCTION carewright_held_payers() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT substring(h.population FROM 7) FROM access_held_tie h WHERE h.population LIKE 'payer:%');
END $$;
CREATE FUNCTION carewright_held_patients() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.patient_id FROM access_held_tie h WHERE h.patient_id IS NOT NULL
        UNION
        SELECT g.patient_id FROM access_breakglass g
        WHERE g.user_id = carewright_actor_id() AND g.ends_at > now()
    );
END $$;
"""
NOT_HELD = """
DROP FUNCTION carewright_held_populations();
DROP FUNCTION carewright_held_payers();
DROP FUNCTION carewright_held_patients();
"""
EVERYONE = r"""
CREATE OR REPLACE FUNCTION carewright_sees_everyone() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce(current_setting('carewright.actor', true), '') LIKE 'system:%'
        OR EXISTS (SELECT 1 FROM access_held_tie WHERE population = 'everyone');
END $$;
"""
EVERYONE_BEFORE = r"""
CREATE OR REPLACE FUNCTION carewright_sees_everyone() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(current_setting('carewright.actor', true), '') LIKE 'system:%'
        OR EXISTS (SELECT 1 FROM access_held_tie WHERE population = 'everyone')
$$;
"""
SIGHT = """
CREATE OR REPLACE VIEW access_sight AS
    SELECT p.id AS patient_id FROM registry_patient p
    WHERE p.id = ANY ((SELECT carewright_held_patients())::bigint[])
    UNION ALL
    SELECT p.id FROM registry_patient p
    WHERE (SELECT carewright_held_payers())::text[] <> '{}' AND p.payer = ANY ((SELECT carewright_held_payers())::text[])
    UNION ALL
    SELECT m.patient_id FROM access_populationmember m
    WHERE m.population = ANY ((SELECT carewright_held_populations())::text[]);
"""
SIGHT_BEFORE = """
CREATE OR REPLACE VIEW access_sight AS
    SELECT h.patient_id FROM access_held_tie h WHERE h.patient_id IS NOT NULL
    UNION ALL
    SELECT p.id FROM registry_patient p JOIN access_held_tie h ON h.population = 'payer:' || p.payer
    UNION ALL
    SELECT m.patient_id FROM access_populationmember m JOIN access_held_tie h ON h.population = m.population
    UNION ALL
    SELECT g.patient_id FROM access_breakglass g
    WHERE g.user_id = (SELECT carewright_actor_id()) AND g.ends_at > now();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0004_broken_glass_counts_at_once")]
    operations = [
        migrations.RunSQL(HELD, NOT_HELD),
        migrations.RunSQL(EVERYONE, EVERYONE_BEFORE),
        migrations.RunSQL(SIGHT, SIGHT_BEFORE),
    ]
