"""
What was sent goes behind the wall, and a count of texts to a number goes through it.

Why      Messages, receipts, requests not to be contacted and incoming texts are about patients.
Open     `channel_stop` and `channel_pager` are not about a patient: the first is a number that must get no text whoever
         has it, the second a colleague's. Rows about nobody (a text from an unknown number) are open to all staff.
Counts   At most one automated text a day and three a week go to a number, also when it is shared by somebody whom the
         sender may not see. `channel_texts_to` tells the moments of such texts and nothing else.
Locks    A moment's exclusive lock on each table, no scan.
Back     Drops the policies and the function.
"""

from django.db import migrations

from carewright.plumbing.row_security import append_only, protect

NOBODY = "patient_id IS NULL"

TEXTS_TO = """
CREATE FUNCTION channel_texts_to(number text, since timestamptz, besides bigint) RETURNS SETOF timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(m.sent_at, m.next_try_at, m.asked_at) FROM channel_message m
    WHERE m.kind = 'sms' AND m."to" = number AND m.is_automated AND m.user_id IS NULL
      AND m.state IN ('queued', 'sending', 'sent', 'delivered')
      AND coalesce(m.sent_at, m.next_try_at, m.asked_at) >= since
      AND m.id IS DISTINCT FROM besides
    ORDER BY 1
$$;
GRANT EXECUTE ON FUNCTION channel_texts_to(text, timestamptz, bigint) TO carewright_app;
"""


class Migration(migrations.Migration):
    dependencies = [("channel", "0001_initial"), ("access", "0003_row_security")]
    operations = [
        *protect("channel_message", or_else=NOBODY),
        *protect("channel_receipt", or_else=NOBODY),
        *protect("channel_donotcontact"),
        *protect("channel_donotcontacthistory"),
        *protect("channel_incomingtext", or_else=NOBODY),
        *append_only(
            "channel_receipt", "channel_donotcontacthistory", "channel_stophistory", "channel_pagerhistory"
        ),
        migrations.RunSQL(TEXTS_TO, "DROP FUNCTION channel_texts_to(text, timestamptz, bigint);"),
    ]
