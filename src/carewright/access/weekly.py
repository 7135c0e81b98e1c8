"""
What deserves a second look each week in the access log (rules/consent_privacy section 6).

A sign is a question, not an accusation; each rule says what it cannot know.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.access.queries import patients_by_id, start_of
from carewright.registry.models import Patient
from carewright.registry.names import name_key
from carewright.staff.models import User

CHARTS_IN_AN_HOUR = 50
REFUSALS_IN_AN_HOUR = 10
OPENS, CLOSES = 6, 20  # hours in the organization's time zone; before and after is "after hours"
SHOWN = 200


@dataclass(frozen=True)
class Sign:
    """One thing to look at: who, when it began, how often, and about which patient when it is about one."""

    by_id: int
    who: str
    role: str
    at: datetime
    count: int
    patient: Patient | None


@dataclass(frozen=True)
class Rule:
    """One rule of the review: what it looks for, what it cannot know, and what it found."""

    code: str
    name: str
    means: str
    signs: list[Sign]


def review(*, on: date, days: int = 7) -> list[Rule]:
    """What the rules find in the `days` days up to and including `on`; at most `SHOWN` signs each."""
    window = {
        "since": start_of(on - timedelta(days - 1)), "until": start_of(on + timedelta(1)),
        "zone": str(timezone.get_current_timezone()), "charts": CHARTS_IN_AN_HOUR, "refusals": REFUSALS_IN_AN_HOUR,
        "opens": OPENS, "closes": CLOSES,
    }  # fmt: skip
    with acting_as("system:access_review"):
        return [
            Rule(
                "no_tie", _("No tie to the patient"),
                _("Opened a patient without a tie on that day. Emergency access counts; so does a tie set afterwards."),
                _signs(NO_TIE, window),
            ),
            Rule(
                "many_charts", _("More than %(n)s patients in one hour") % {"n": CHARTS_IN_AN_HOUR},
                _("Patients opened one by one within one hour of the clock; being shown in a list does not count."),
                _signs(MANY_CHARTS, window),
            ),
            Rule(
                "same_surname", _("Same family name"),
                _("The reader and the patient share a family name. With common names this is mostly chance."),
                _same_surname(window),
            ),
            Rule(
                "after_hours", _("After hours"),
                _("Patients opened before %(opens)s:00 or from %(closes)s:00 on. Who works nights is here every week.")
                % {"opens": OPENS, "closes": CLOSES},
                _signs(AFTER_HOURS, window),
            ),
            Rule(
                "refusals", _("Refused again and again"),
                _("At least %(n)s refusals in one hour: somebody trying doors, or a role that does not fit the work.")
                % {"n": REFUSALS_IN_AN_HOUR},
                _signs(REFUSALS, window),
            ),
        ]  # fmt: skip


def _signs(sql: str, window: dict[str, object], limit: int = SHOWN) -> list[Sign]:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} limit {limit}", window)  # type: ignore[arg-type]
        rows = cursor.fetchall()
    known = patients_by_id(patient_id for *_rest, patient_id in rows if patient_id)
    return [
        Sign(by_id, who, role, at, count, known.get(patient_id)) for by_id, who, role, at, count, patient_id in rows
    ]


def _same_surname(window: dict[str, object]) -> list[Sign]:
    surnames = {user.pk: name_key(user.last_name) for user in User.objects.all()}
    opened = _signs(OPENED, window, limit=100_000)
    return [sign for sign in opened if sign.patient and surnames.get(sign.by_id) == name_key(sign.patient.family_name)][
        :SHOWN
    ]


# Opening a patient is one entry with one patient; `by_id` leaves out the house's own work.
SAW = "did = 'saw' and by_id is not null and at >= %(since)s and at < %(until)s"
OPENED = f"""
select by_id, by_name, by_role, min(at), count(*), patient_ids[1]
from audit_entry where {SAW} group by by_id, by_name, by_role, patient_ids[1] order by 4 desc
"""
NO_TIE = f"""
with opened as (
    select by_id, by_name, by_role, at, patient_ids[1] as patient_id, (at at time zone %(zone)s)::date as day
    from audit_entry where {SAW}
)
select o.by_id, o.by_name, o.by_role, min(o.at), count(*), o.patient_id
from opened o
where not exists (
    select 1 from access_tie t
    where t.starts_on <= o.day and (t.ends_on is null or t.ends_on >= o.day)
      and (t.user_id = o.by_id or exists (
            select 1 from staff_membership m
            where m.team_id = t.team_id and m.user_id = o.by_id
              and m.starts_on <= o.day and (m.ends_on is null or m.ends_on >= o.day)))
      and (t.patient_id = o.patient_id or t.population = 'everyone'
           or t.population = (select 'payer:' || p.payer from registry_patient p where p.id = o.patient_id)
           or exists (select 1 from access_populationmember pm
                      where pm.population = t.population and pm.patient_id = o.patient_id))
)
group by o.by_id, o.by_name, o.by_role, o.patient_id order by 4 desc
"""
MANY_CHARTS = f"""
select by_id, by_name, by_role, min(at), count(distinct patient_ids[1]), null::bigint
from audit_entry where {SAW}
group by by_id, by_name, by_role, date_trunc('hour', at)
having count(distinct patient_ids[1]) > %(charts)s order by 4 desc
"""
AFTER_HOURS = f"""
select by_id, by_name, by_role, min(at), count(distinct patient_ids[1]), null::bigint
from audit_entry
where {SAW} and (extract(hour from at at time zone %(zone)s) < %(opens)s
                 or extract(hour from at at time zone %(zone)s) >= %(closes)s)
group by by_id, by_name, by_role, (at at time zone %(zone)s)::date order by 4 desc
"""
REFUSALS = """
select by_id, by_name, by_role, min(at), count(*), null::bigint
from audit_entry
where outcome = 'refused' and by_id is not null and at >= %(since)s and at < %(until)s
group by by_id, by_name, by_role, date_trunc('hour', at) having count(*) >= %(refusals)s order by 4 desc
"""
