"""
Row-level security: the database shows the web's role only patients whom the acting person has a tie to.

Why      The guard is the one door to a patient, but a view that forgets it should still find a wall.
How      Requests run as the role `carewright_app`, which owns nothing. Its policies read two settings of the
         transaction: `carewright.actor` (who) and `carewright.today` (the day ties are compared with).
Role     Roles belong to the whole server, so another home may have made it already. Where the connecting user may
         not create roles, this migration stops and says what an administrator of the server must do once.
Grants   Everything that exists, and by default what comes later, may be read and written by the role; the access log
         and the row history may only be added to, and the seals only read.
Locks    Enabling row security takes a moment's exclusive lock on each table, no scan.
Back     Drops the policies and functions; the role stays, because other homes on the server may use it.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

ROLE = r"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carewright_app') THEN
        BEGIN
            CREATE ROLE carewright_app NOLOGIN NOBYPASSRLS;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another home made it at this very moment
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'The database user "%" may not create the role carewright_app.', session_user
                    USING ERRCODE = 'insufficient_privilege',
                          HINT = format('Ask the administrator of the database server to run, once: '
                              'CREATE ROLE carewright_app NOLOGIN; GRANT carewright_app TO %I; '
                              'then start Carewright again.', session_user);
        END;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
        AND NOT pg_has_role(session_user, 'carewright_app', 'MEMBER') THEN
        BEGIN
            EXECUTE format('GRANT carewright_app TO %I', session_user);
        EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN
            RAISE EXCEPTION 'The database user "%" may not act as the role carewright_app.', session_user
                USING ERRCODE = 'insufficient_privilege',
                      HINT = format('Ask the administrator of the database server to run, once: '
                          'GRANT carewright_app TO %I; then start Carewright again.', session_user);
        END;
    END IF;
    BEGIN
        SET LOCAL ROLE carewright_app;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        -- From PostgreSQL 16 on, whoever creates a role may administer it and yet not become it.
        EXECUTE format('GRANT carewright_app TO %I WITH SET TRUE', session_user);
    END;
END $$;
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO carewright_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO carewright_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO carewright_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO carewright_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO carewright_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_seal, audit_sealedentry, audit_waitingentry FROM carewright_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM carewright_app;
"""

NO_GRANTS = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM carewright_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM carewright_app;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM carewright_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM carewright_app;
"""

FUNCTIONS = r"""
CREATE FUNCTION carewright_actor_id() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(substring(current_setting('carewright.actor', true) FROM '^user:([0-9]+)$'), '')::bigint
$$;

CREATE FUNCTION carewright_today() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('carewright.today', true), '')::date, current_date)
$$;

-- The ties that the acting person holds today, their own and those of their teams.
CREATE VIEW access_held_tie AS
    SELECT t.patient_id, t.population FROM access_tie t
    WHERE t.user_id = (SELECT carewright_actor_id())
      AND t.starts_on <= (SELECT carewright_today())
      AND (t.ends_on IS NULL OR t.ends_on >= (SELECT carewright_today()))
    UNION ALL
    SELECT t.patient_id, t.population FROM access_tie t
    JOIN staff_membership m ON m.team_id = t.team_id
    WHERE m.user_id = (SELECT carewright_actor_id())
      AND m.starts_on <= (SELECT carewright_today())
      AND (m.ends_on IS NULL OR m.ends_on >= (SELECT carewright_today()))
      AND t.starts_on <= (SELECT carewright_today())
      AND (t.ends_on IS NULL OR t.ends_on >= (SELECT carewright_today()));

-- The patients that the acting person may see today, unless they see everyone.
CREATE VIEW access_sight AS
    SELECT h.patient_id FROM access_held_tie h WHERE h.patient_id IS NOT NULL
    UNION ALL
    SELECT p.id FROM registry_patient p JOIN access_held_tie h ON h.population = 'payer:' || p.payer
    UNION ALL
    SELECT m.patient_id FROM access_populationmember m JOIN access_held_tie h ON h.population = m.population
    UNION ALL
    SELECT g.patient_id FROM access_breakglass g
    WHERE g.user_id = (SELECT carewright_actor_id()) AND g.starts_at <= now() AND g.ends_at > now();

CREATE FUNCTION carewright_sees_everyone() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(current_setting('carewright.actor', true), '') LIKE 'system:%'
        OR EXISTS (SELECT 1 FROM access_held_tie WHERE population = 'everyone')
$$;
GRANT SELECT ON access_sight TO carewright_app;
REVOKE ALL ON access_held_tie FROM carewright_app;
"""

NO_FUNCTIONS = """
DROP FUNCTION carewright_sees_everyone();
DROP VIEW access_sight;
DROP VIEW access_held_tie;
DROP FUNCTION carewright_today();
DROP FUNCTION carewright_actor_id();
"""

HISTORIES = (
    "registry_patienthistory", "registry_identifierhistory", "registry_coveragehistory", "registry_addresshistory",
    "registry_contactpointhistory", "registry_relatedpersonhistory", "access_tiehistory", "access_breakglasshistory",
    "staff_userhistory", "staff_teamhistory", "staff_membershiphistory", "staff_organizationhistory",
)
OWN = "user_id = (SELECT carewright_actor_id())"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_history"),
        ("audit", "0002_append_only_and_sealing"),
        ("registry", "0002_history"),
        ("staff", "0002_history"),
    ]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        *append_only("audit_entry", *HISTORIES),
        *protect("registry_patient", "id"),
        *protect("registry_identifier"),
        *protect("registry_coverage"),
        *protect("registry_address"),
        *protect("registry_contactpoint"),
        *protect("registry_relatedperson"),
        *protect("registry_patienthistory", "pgh_obj_id"),
        *protect("registry_identifierhistory"),
        *protect("registry_coveragehistory"),
        *protect("registry_addresshistory"),
        *protect("registry_contactpointhistory"),
        *protect("registry_relatedpersonhistory"),
        *protect("access_populationmember"),
        *protect("access_tie", or_else=f"patient_id IS NULL OR {OWN}"),
        *protect("access_tiehistory", or_else=f"patient_id IS NULL OR {OWN}"),
        *protect("access_breakglass", or_else=OWN),
        *protect("access_breakglasshistory", or_else=OWN),
    ]
