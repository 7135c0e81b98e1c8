"""Which clock hangs where a patient lives, and how a phone number is written the one way we compare it."""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import zipcodes

from carewright.kernel import states
from carewright.registry.models import Address, Patient, PatientPreference
from carewright.staff import clock

STATE_ZONES = {
    "AL": "America/Chicago", "AK": "America/Anchorage", "AZ": "America/Phoenix", "AR": "America/Chicago",
    "CA": "America/Los_Angeles", "CO": "America/Denver", "CT": "America/New_York", "DE": "America/New_York",
    "DC": "America/New_York", "FL": "America/New_York", "GA": "America/New_York", "HI": "Pacific/Honolulu",
    "ID": "America/Boise", "IL": "America/Chicago", "IN": "America/Indiana/Indianapolis", "IA": "America/Chicago",
    "KS": "America/Chicago", "KY": "America/New_York", "LA": "America/Chicago", "ME": "America/New_York",
    "MD": "America/New_York", "MA": "America/New_York", "MI": "America/Detroit", "MN": "America/Chicago",
    "MS": "America/Chicago", "MO": "America/Chicago", "MT": "America/Denver", "NE": "America/Chicago",
    "NV": "America/Los_Angeles", "NH": "America/New_York", "NJ": "America/New_York", "NM": "America/Denver",
    "NY": "America/New_York", "NC": "America/New_York", "ND": "America/Chicago", "OH": "America/New_York",
    "OK": "America/Chicago", "OR": "America/Los_Angeles", "PA": "America/New_York", "RI": "America/New_York",
    "SC": "America/New_York", "SD": "America/Chicago", "TN": "America/Chicago", "TX": "America/Chicago",
    "UT": "America/Denver", "VT": "America/New_York", "VA": "America/New_York", "WA": "America/Los_Angeles",
    "WV": "America/New_York", "WI": "America/Chicago", "WY": "America/Denver", "PR": "America/Puerto_Rico",
    "VI": "America/St_Thomas", "GU": "Pacific/Guam", "AS": "Pacific/Pago_Pago", "MP": "Pacific/Saipan",
}  # fmt: skip
"""The zone most people of a state live in; used only when the ZIP code is missing or unknown."""


def zone_of(patient: Patient) -> ZoneInfo:
    """
    The time zone where a patient lives.

    As they told us; else of the ZIP code of their home (then of their mail); else of the state; else the
    organization's. An area code says nothing: people keep their number when they move.
    """
    return ZoneInfo(_on_file(patient) or clock.time_zone())


def is_known(patient: Patient) -> bool:
    """Whether anything on file says in which time zone they live; otherwise `zone_of` answers with our own."""
    return bool(_on_file(patient))


def _on_file(patient: Patient) -> str:
    """The name of the zone they told us or live in; empty when nothing says it."""
    told = PatientPreference.objects.filter(patient=patient).values_list("time_zone", flat=True).first()
    if told and told in available_timezones():
        return told
    addresses = sorted(Address.objects.filter(patient=patient), key=lambda one: one.use != Address.Use.HOME)
    by_zip = (zone_of_zip(address.zip_code) for address in addresses)
    by_state = (STATE_ZONES.get(states.code_of(address.state)) for address in addresses)
    return next((name for name in (*by_zip, *by_state) if name), "")


@lru_cache(maxsize=4096)
def zone_of_zip(zip_code: str) -> str:
    """
    The time zone of a ZIP code, or nothing when it is not one.

    >>> zone_of_zip("02139"), zone_of_zip("86515-1234"), zone_of_zip("0213"), zone_of_zip("00000")
    ('America/New_York', 'America/Denver', '', '')
    """
    five = zip_code.strip()[:5]
    if not re.fullmatch(r"\d{5}", five):
        return ""
    names = {row.get("timezone") for row in zipcodes.matching(five)} - {None, ""}
    return names.pop() if len(names) == 1 and names <= available_timezones() else ""


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """A moment as a clock in that zone shows it."""
    return at.astimezone(zone)


def number_of(text: str) -> str:
    """
    A phone number the one way we compare it, or nothing when it is none.

    >>> number_of("(413) 555-0123"), number_of("1-413-555-0123 ext 4"), number_of("+52 55 1234 5678"), number_of("12")
    ('+14135550123', '+14135550123', '+525512345678', '')
    """
    whole = re.split(r"(?:ext\.?|x|#)\s*\d+\s*$", text.strip(), maxsplit=1, flags=re.IGNORECASE)[0]
    digits = re.sub(r"\D", "", whole)
    if whole.strip().startswith("+") and len(digits) >= 8:
        return f"+{digits}"
    if len(digits) == 11 and digits.startswith("1"):
        return f"+{digits}"
    return f"+1{digits}" if len(digits) == 10 else ""
