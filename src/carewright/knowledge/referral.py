"""
What the doors ask: why somebody needs help, how soon, and by when we answer.

Read aloud: whoever asks for help hears from us within two business days; who was said to need it today, on the same
day, or in the first hours of the next one. The codes here are what forms store; the words stand beside them in each
language.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from carewright.kernel.calendar import business_days_after, is_business_day

OPENS, CLOSES = time(9), time(17)


@dataclass(frozen=True)
class Choice:
    """One answer a form offers: its code, and its words in English and Spanish."""

    code: str
    english: str
    spanish: str

    def said_in(self, language: str) -> str:
        """The words in a language; English where we have no other."""
        return self.spanish if language == "es" else self.english


HELP = (
    Choice("health", "My health and medicines", "Mi salud y mis medicinas"),
    Choice("visits", "Getting to visits", "Llegar a mis citas"),
    Choice("food", "Food", "Comida"),
    Choice("home", "A safe home", "Un hogar seguro"),
    Choice("mood", "Feeling sad or worried", "Tristeza o preocupación"),
    Choice("caring", "Taking care of someone", "Cuidar a otra persona"),
)
"""What would help: asked of the person themselves."""

WHY_NOW = (
    Choice("left_hospital", "Just left hospital or ED", "Acaba de salir del hospital o de emergencias"),
    Choice("conditions", "Many conditions", "Muchas enfermedades"),
    Choice("medicines", "Many medicines", "Muchas medicinas"),
    Choice("daily_needs", "Food, home, or rides", "Comida, hogar o transporte"),
    Choice("mood_memory", "Mood or memory", "Ánimo o memoria"),
    Choice("missed_visits", "Missed visits", "Faltó a sus citas"),
    Choice("family", "Family needs help", "La familia necesita ayuda"),
)
"""Why now: asked of a provider or a colleague."""

HOW_SOON = (
    Choice("today", "Today", "Hoy"),
    Choice("two_days", "In 2 days", "En 2 días"),
    Choice("two_weeks", "In 2 weeks", "En 2 semanas"),
)
KNOWS = (
    Choice("wants_it", "Yes, and wants it", "Sí, y lo quiere"),
    Choice("not_sure", "Yes, not sure", "Sí, no está seguro"),
    Choice("not_yet", "Not yet", "Todavía no"),
)
FOR_WHOM = (Choice("me", "Me", "Para mí"), Choice("other", "Someone I take care of", "Para alguien que cuido"))
MESSAGE = (Choice("yes", "Yes", "Sí"), Choice("no", "No, it is not safe", "No, no es seguro"))
BEST_TIME = (
    Choice("morning", "Morning", "En la mañana"),
    Choice("afternoon", "Afternoon", "En la tarde"),
    Choice("evening", "Evening", "En la noche"),
)
INSIDE = (
    Choice("discharge_planner", "Discharge planner", ""),
    Choice("utilization", "Utilization management", ""),
    Choice("nurse_line", "Nurse line", ""),
    Choice("colleague", "Another colleague", ""),
)

ALL: dict[str, Choice] = {
    one.code: one for group in (HELP, WHY_NOW, HOW_SOON, KNOWS, FOR_WHOM, MESSAGE, BEST_TIME, INSIDE) for one in group
}


def answer_by(received: datetime, how_soon: str = "") -> datetime:
    """
    By when we answer somebody who wrote at this moment (local time): two business days, or today when it cannot wait.

    >>> answer_by(datetime(2026, 3, 6, 16, 50))                # a Friday
    datetime.datetime(2026, 3, 10, 17, 0)
    >>> answer_by(datetime(2026, 3, 6, 11), "today"), answer_by(datetime(2026, 3, 6, 16, 50), "today")
    (datetime.datetime(2026, 3, 6, 15, 0), datetime.datetime(2026, 3, 9, 10, 0))
    """
    if how_soon != "today":
        return received.combine(business_days_after(received.date(), 2), CLOSES, received.tzinfo)
    if is_business_day(received.date()):
        opens = received.combine(received.date(), OPENS, received.tzinfo)
        soon = max(received, opens) + timedelta(hours=4)
        if soon.time() <= CLOSES and soon.date() == received.date():
            return soon.replace(second=0, microsecond=0)
    return received.combine(business_days_after(received.date(), 1), time(10), received.tzinfo)
