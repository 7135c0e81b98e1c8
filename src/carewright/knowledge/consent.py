"""
What a person is told before they say yes to a program, and to whom we may tell what afterwards.

Read aloud: nobody joins by a tick. Each element is said in plain words and ticked when it was said; which elements a
program needs depends on whether somebody is billed for it. A no is an answer: it holds for months, and only the person,
or something new that happened to them, opens the question again. To be in a program and to let us share are different
questions, and each protected kind of fact (substance use treatment, mental health, HIV, reproductive health, safety)
is asked about by itself.
"""

from dataclasses import dataclass
from hashlib import sha256

from carewright.knowledge.program import Threshold
from carewright.knowledge.source import Source

VERSION = "2026-11"
"""The version of the words below; it changes whenever a word does, and is kept with every consent."""

DECLINE_KEY = "decline_holds_days"


@dataclass(frozen=True)
class Element:
    """One thing to say: a short name for the tick, and the words to read aloud in each language."""

    code: str
    name: str
    say: str
    digame: str

    def said_in(self, language: str) -> str:
        """The words to read aloud; English where we have no other."""
        return self.digame if language.startswith("es") else self.say


WHAT_IT_IS = Element(
    "what_it_is",
    "What the program is",
    "A nurse or social worker helps you with your visits, medicines and daily needs. We make a plan with you, "
    "and we call you.",
    "Una enfermera o trabajadora social le ayuda con sus citas, sus medicinas y sus necesidades diarias. Hacemos un "
    "plan con usted y le llamamos.",
)
FREE_CHOICE = Element(
    "free_choice",
    "It is a free choice",
    "You may say no. Your other care stays the same.",
    "Usted puede decir que no. Su otra atención sigue igual.",
)
COST = Element(
    "cost_sharing",
    "What it may cost",
    "Your plan pays for this service. You may owe a part of it, as with a doctor visit. Ask us how much before you say yes.",
    "Su plan paga este servicio. Tal vez usted deba pagar una parte, como en una visita al médico. Pregúntenos cuánto "
    "antes de decir que sí.",
)
ONE_PRACTITIONER = Element(
    "one_practitioner",
    "Only one practitioner a month",
    "Only one office can give and bill this service in a month. If another office gives it to you now, tell us.",
    "Solo un consultorio puede dar y cobrar este servicio cada mes. Si otro consultorio se lo da ahora, díganos.",
)
STOP_ANY_TIME = Element(
    "stop_any_time",
    "You can stop at any time",
    "You can stop any day. Tell anyone on our team, and it stops that day.",
    "Usted puede dejarlo cualquier día. Dígaselo a cualquier persona del equipo y se termina ese día.",
)
DATA_SHARING = Element(
    "data_sharing",
    "Who sees your information",
    "The people who care for you share what they need for your care. We ask you before we share anything else.",
    "Las personas que le atienden comparten lo que necesitan para su atención. Le preguntamos antes de compartir "
    "cualquier otra cosa.",
)
HOW_TO_REACH_US = Element(
    "how_to_reach_us",
    "How to reach us",
    "This is our number and our hours. In danger, call 911. If you think of hurting yourself, call or text 988.",
    "Este es nuestro número y nuestro horario. En peligro, llame al 911. Si piensa en hacerse daño, llame o envíe un "
    "texto al 988.",
)

COMMON = (WHAT_IT_IS, FREE_CHOICE, STOP_ANY_TIME, DATA_SHARING, HOW_TO_REACH_US)
BILLED = (WHAT_IT_IS, FREE_CHOICE, COST, ONE_PRACTITIONER, STOP_ANY_TIME, DATA_SHARING, HOW_TO_REACH_US)

BY_PROGRAM: dict[str, tuple[Element, ...]] = {
    "complex_care": COMMON,
    "chronic_care": BILLED,
    "transitional_care": COMMON,
    "social_needs": COMMON,
}
"""What each program needs said. A program that is not named here needs everything."""

ELEMENTS: dict[str, Element] = {element.code: element for element in BILLED}

SOURCE = Source(
    title="CMS chronic care management services; 45 CFR 164.508; 42 CFR 2.31",
    section="Consent: availability and cost sharing, one practitioner a month, the right to stop",
    edition="CY2026",
    confirmed=False,
    remark="Words by us, at grade 6. The Spanish words await a qualified translator; a site's own version replaces them.",
)

DECLINE = Threshold(DECLINE_KEY, "90", "A no is final for this many days", "days", least=1, most=730)


def elements_for(program: str) -> tuple[Element, ...]:
    """What has to be said for this program, in the order it is said."""
    return BY_PROGRAM.get(program, BILLED)


def missing(program: str, said: set[str] | frozenset[str]) -> tuple[Element, ...]:
    """
    What was not said yet.

    >>> [one.code for one in missing("complex_care", {"what_it_is", "free_choice", "stop_any_time", "data_sharing"})]
    ['how_to_reach_us']
    """
    return tuple(element for element in elements_for(program) if element.code not in said)


@dataclass(frozen=True)
class Recipient:
    """A kind of people we may be allowed to tell."""

    code: str
    name: str
    examples: str


RECIPIENTS = (
    Recipient("treating", "People who treat them", "Doctors, hospitals, home health, pharmacies"),
    Recipient("plan", "Their health plan", "Payer, case management of the plan"),
    Recipient("community", "Community organizations", "Food, housing, rides"),
    Recipient("family", "Family and helpers", "A daughter, a neighbor, a caregiver"),
    Recipient("school_or_work", "School or work", "Employer, school, landlord"),
    Recipient("exchange", "Health information exchange", "A network that others look into"),
)

CATEGORIES: dict[str, str] = {
    "general": "Ordinary health and contact information",
    "behavioral": "Mental health, and substance use treated elsewhere",
    "hiv": "HIV",
    "part2": "Substance use treatment protected by 42 CFR Part 2",
    "reproductive": "Sexual and reproductive health",
    "safety": "Violence or abuse between people",
}
"""What may be shared: ordinary facts, and each protected kind by itself. Codes are the sensitivity tags."""

PART2_NOTICE = (
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records. The patient's consent, or an explanation "
    "of its scope, goes with them."
)
"""What accompanies every disclosure of Part 2 records (2.32, short form, followed by the copy of the consent)."""


def digest() -> str:
    """The SHA-256 of every word above, in both languages: what a version of the words is known by."""
    said = "\n".join(f"{one.code}\t{one.name}\t{one.say}\t{one.digame}" for one in ELEMENTS.values())
    return sha256(said.encode()).hexdigest()


DIGESTS: dict[str, str] = {"2026-11": "507d815dfe357c11884a53d82012b0c304ec2f34fe9405baffc50c8b3d98a048"}
"""The digest of each version that was ever said to anybody; a consent names its version, its paper this digest."""
