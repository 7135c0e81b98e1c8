"""
A broken glass opens its patient where that patient is being opened, and nowhere else.

Why      For an hour the wall let in everybody a person had broken the glass for, whatever was asked. Lists that lean on
         the wall alone (a team's board, a day, the alarms, the numbers beside the sidebar) held that patient too, and
         a broken glass is a look at one person, not work.
How      Besides the glass the wall now wants the patient's number in a third setting of the transaction,
         `carewright.glass`, which the guard sets when it opens that patient (`access.actor.look_through`). Whatever
         does not set it sees nobody through a glass.
Cost     None: the glass is looked for only while that setting names somebody; everybody else asks one table less.
Safe     Until the servers are started anew, emergency access answers 404; nothing opens that was closed.
Locks    Replacing a function takes a moment.
"""

from django.db import migrations

HELD_PATIENTS = r"""
CREATE OR REPLACE FUNCTION carewright_held_patients() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    looked_at text := current_setting('carewright.glass', true);
    held bigint[] := ARRAY(SELECT DISTINCT h.patient_id FROM access_held_tie h WHERE h.patient_id IS NOT NULL);
BEGIN
    IF looked_at <> '' THEN
        held := held || ARRAY(
            SELECT g.patient_id FROM access_breakglass g
            WHERE g.user_id = carewright_actor_id() AND g.ends_at > now()
              AND g.patient_id = ANY (string_to_array(looked_at, ',')::bigint[])
        );
    END IF;
    RETURN held;
END $$;
"""
HELD_PATIENTS_BEFORE = r"""
CREATE OR REPLACE FUNCTION carewright_held_patients() RETURNS bigint[]
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


class Migration(migrations.Migration):
    dependencies = [("access", "0006_roles_that_came_from_groups")]
    operations = [migrations.RunSQL(HELD_PATIENTS, HELD_PATIENTS_BEFORE)]
