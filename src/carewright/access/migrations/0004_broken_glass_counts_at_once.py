"""
A glass just broken opens its patient at once, even when the clocks of the web server and the database differ a little.

Why      The policy compared the glass's first moment, by the web server's clock, with the database's own; a database a
         few seconds behind answered 404 to somebody in an emergency. A glass is never broken ahead of time, so only
         its end needs comparing.
Locks    Replacing a view takes a moment.
"""

from django.db import migrations

BEGINS_TOO = "g.user_id = (SELECT carewright_actor_id()) AND g.starts_at <= now() AND g.ends_at > now()"
ENDS_ONLY = "g.user_id = (SELECT carewright_actor_id()) AND g.ends_at > now()"
VIEW = """
CREATE OR REPLACE VIEW access_sight AS
    SELECT h.patient_id FROM access_held_tie h WHERE h.patient_id IS NOT NULL
    UNION ALL
    SELECT p.id FROM registry_patient p JOIN access_held_tie h ON h.population = 'payer:' || p.payer
    UNION ALL
    SELECT m.patient_id FROM access_populationmember m JOIN access_held_tie h ON h.population = m.population
    UNION ALL
    SELECT g.patient_id FROM access_breakglass g WHERE {};
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0003_row_security")]
    operations = [migrations.RunSQL(VIEW.format(ENDS_ONLY), VIEW.format(BEGINS_TOO))]
