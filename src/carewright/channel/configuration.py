"""How this installation sends: read once from the environment, and the same for every message."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sending:
    """
    The numbers and carriers of the gate.

    In a demo or a development home (`shows_only`) nothing leaves: what would be sent stands on a page. Texts go out
    from `text_from` up to `text_until` o'clock where the patient lives, at most `texts_a_day` and `texts_a_week` to a
    number (the health-care exemption of 47 CFR 64.1200: one a day, three a week, 160 characters).
    """

    shows_only: bool = False
    phone: str = ""
    hours: str = "Monday to Friday, 8 AM to 5 PM"
    hours_es: str = "lunes a viernes, 8 AM a 5 PM"
    text_from: int = 8
    text_until: int = 21
    texts_a_day: int = 1
    texts_a_week: int = 3
    longest_text: int = 160
    has_smtp: bool = False
    sms_url: str = ""
    sms_token: str = ""
    sms_from: str = ""
    sms_form: str = "json"
    sms_to_field: str = "to"
    sms_from_field: str = "from"
    sms_text_field: str = "text"
    sms_id_field: str = "id"
    fax_email_domain: str = ""
    gateway_secret: str = ""
    alarm_minutes: int = 60


def from_environment(environment: Mapping[str, str], *, shows_only: bool, has_smtp: bool) -> Sending:
    """The settings as the environment names them; what it leaves out is as above."""

    def told(name: str, otherwise: str = "") -> str:
        return environment.get(f"CAREWRIGHT_{name}", otherwise).strip()

    return Sending(
        shows_only=shows_only,
        phone=told("PHONE", "413-555-0100" if shows_only else ""),
        hours=told("HOURS", Sending.hours),
        hours_es=told("HOURS_ES", Sending.hours_es),
        text_from=int(told("TEXT_FROM", "8")),
        text_until=int(told("TEXT_UNTIL", "21")),
        has_smtp=has_smtp,
        sms_url=told("SMS_URL"),
        sms_token=told("SMS_TOKEN"),
        sms_from=told("SMS_FROM"),
        sms_form=told("SMS_FORM", "json"),
        sms_to_field=told("SMS_TO_FIELD", "to"),
        sms_from_field=told("SMS_FROM_FIELD", "from"),
        sms_text_field=told("SMS_TEXT_FIELD", "text"),
        sms_id_field=told("SMS_ID_FIELD", "id"),
        fax_email_domain=told("FAX_EMAIL_DOMAIN"),
        gateway_secret=told("GATEWAY_SECRET"),
        alarm_minutes=int(told("ALARM_MINUTES", "60")),
    )
