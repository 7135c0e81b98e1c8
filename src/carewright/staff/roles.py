"""
What each member of staff may do, said as twelve described roles.

A role answers *what* someone may do. *Whom* they may see is a different question, answered by ties (see
`carewright.access.models.Tie`). There is no permission per user: who needs more gets another role, and the
database stores the role's code only.

Which facts a role sees follows rules/consent_privacy section 4 (roles x data): facts carry sensitivity tags, and a
role names the tags that stay closed to it. `part2` (42 CFR Part 2) is closed to every role, because no consent to
disclose exists yet; only break-glass in a medical emergency opens it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from carewright.kernel.errors import CannotDo


class Permission(StrEnum):
    """One thing somebody may do; the value is what is stored in logs, the sentence is in `SAID`."""

    SEE_CANDIDATES = "see_candidates"
    DECIDE_CANDIDATES = "decide_candidates"
    SEE_POPULATION = "see_population"
    SEE_CHART = "see_chart"
    SEE_IMPORTS = "see_imports"
    MANAGE_IMPORTS = "manage_imports"
    EXPORT = "export"
    SEE_ACCESS_LOG = "see_access_log"
    REVIEW_ACCESS = "review_access"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PROGRAMS = "manage_programs"
    BREAK_GLASS = "break_glass"
    WORK_TASKS = "work_tasks"
    TAKE_CONSENT = "take_consent"
    ASSESS = "assess"
    PLAN_CARE = "plan_care"
    SEE_TEAM = "see_team"
    MATCH_PEOPLE = "match_people"
    MANAGE_ON_CALL = "manage_on_call"

    @property
    def said(self) -> str:
        """The permission in words that fit after "may": "see the list of candidates"."""
        return str(SAID[self])


P = Permission
SAID: dict[Permission, str | Promise] = {
    P.SEE_CANDIDATES: _("see the list of candidates and why each person is on it"),
    P.DECIDE_CANDIDATES: _("decide on candidates and referrals: accept, set aside, exclude"),
    P.SEE_POPULATION: _("see the population overview and its counts"),
    P.SEE_CHART: _("find and open a patient"),
    P.SEE_IMPORTS: _("see which files arrived and what was set aside"),
    P.MANAGE_IMPORTS: _("bring files in and map their columns"),
    P.EXPORT: _("take a list out as a file, with a stated purpose"),
    P.SEE_ACCESS_LOG: _("see who looked at a patient's record"),
    P.REVIEW_ACCESS: _("review who looked at whom, across all patients, and every break-glass"),
    P.MANAGE_PEOPLE: _("add people, give roles and teams, and close accounts"),
    P.MANAGE_PROGRAMS: _("change a program's thresholds, from a date and with a reason"),
    P.BREAK_GLASS: _("open a patient without a tie in an emergency, for an hour, with a reason"),
    P.WORK_TASKS: _("work on tasks, calls and notes"),
    P.TAKE_CONSENT: _("ask a person for consent, and write down a withdrawal"),
    P.ASSESS: _("carry out an assessment"),
    P.PLAN_CARE: _("write the plan of care with the person"),
    P.SEE_TEAM: _("see a team's work, and hand work from one person to another"),
    P.MATCH_PEOPLE: _("decide whether two records are one person, and undo it"),
    P.MANAGE_ON_CALL: _("say who is on call, and who stands in"),
}

CARE_WORK = frozenset({P.WORK_TASKS, P.TAKE_CONSENT, P.ASSESS, P.PLAN_CARE})
"""What everyone who looks after patients from first call to plan may do."""

LEADING = frozenset({P.SEE_TEAM, P.MATCH_PEOPLE, P.MANAGE_ON_CALL})
"""What leading a team adds."""

ALWAYS_HIDDEN = frozenset({"part2"})
BEHAVIORAL, HIV, REPRODUCTIVE, SAFETY, MINOR = "behavioral", "hiv", "reproductive", "safety", "minor"
SENSITIVE = frozenset({BEHAVIORAL, HIV, REPRODUCTIVE, SAFETY, MINOR})


@dataclass(frozen=True)
class Role:
    """
    A kind of work, and what comes with it.

    `hidden_tags`: facts with any of these sensitivity tags never reach this role's pages, counts or files.
    `sees_clinical`: diagnoses, medicines, results, stays and their claim lines; without it only contact details and
    social facts are shown. `sees_direct`: names, addresses, phone numbers; without it people appear masked. `opens_for`:
    what for a record is opened at this work, as HIPAA divides it (treatment, payment, operations); the access log says it.
    """

    code: str
    name: str | Promise
    description: str | Promise
    may: frozenset[Permission]
    hidden_tags: frozenset[str] = ALWAYS_HIDDEN
    sees_clinical: bool = True
    sees_direct: bool = True
    opens_for: str = "treatment"

    def allows(self, permission: Permission) -> bool:
        """Whether someone with this role may do that."""
        return permission in self.may

    @property
    def sees_patients(self) -> bool:
        """Whether this role works with patients' records at all; an administrator, for one, does not."""
        return bool(self.may & {P.SEE_CHART, P.SEE_CANDIDATES, P.SEE_POPULATION, P.SEE_ACCESS_LOG})


ROLES: tuple[Role, ...] = (
    Role(
        code="care_manager",
        name=_("Care manager"),
        description=_(
            "You lead the care of your patients: you decide whom to call, try to reach them, ask for consent, "
            "assess what they need and write the plan with them; you see the facts behind each suggestion and who "
            "looked at your patients' records."
        ),
        may=frozenset(
            {P.SEE_CANDIDATES, P.DECIDE_CANDIDATES, P.SEE_POPULATION, P.SEE_CHART, P.EXPORT, P.SEE_ACCESS_LOG}
            | {P.BREAK_GLASS}
        )
        | CARE_WORK,
    ),
    Role(
        code="social_worker",
        name=_("Social worker"),
        description=_(
            "You help with what stands in the way of health: you decide whom to call, ask for consent, assess and "
            "plan like a care manager, and see social needs and concerns about safety at home among the facts."
        ),
        may=frozenset({P.SEE_CANDIDATES, P.DECIDE_CANDIDATES, P.SEE_POPULATION, P.SEE_CHART, P.BREAK_GLASS})
        | CARE_WORK,
    ),
    Role(
        code="community_health_worker",
        name=_("Community health worker"),
        description=_(
            "You visit, call and accompany people you were given, with a list of your own each day, and may ask "
            "them for consent; diagnoses, medicines and results stay closed to you, concerns about safety at home "
            "do not, because you go there."
        ),
        may=frozenset({P.SEE_CHART}) | {P.WORK_TASKS, P.TAKE_CONSENT},
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE - {SAFETY},
        sees_clinical=False,
    ),
    Role(
        code="behavioral_health_clinician",
        name=_("Behavioral health clinician"),
        description=_(
            "You treat mental health and substance use: you work with the people you were given from the first "
            "call to the plan, assess them and answer safety alarms, behavioral health facts included; records of "
            "a substance use program stay closed but in a medical emergency."
        ),
        may=frozenset({P.SEE_CANDIDATES, P.SEE_POPULATION, P.SEE_CHART, P.BREAK_GLASS}) | CARE_WORK,
    ),
    Role(
        code="pharmacist",
        name=_("Pharmacist"),
        description=_(
            "You look after medicines: you have tasks, calls and notes of your own and write in the plan; facts "
            "about safety at home stay closed to you, and verdicts and reasons rest on facts open to every role."
        ),
        may=frozenset({P.SEE_CANDIDATES, P.SEE_CHART, P.BREAK_GLASS}) | {P.WORK_TASKS, P.PLAN_CARE},
        hidden_tags=ALWAYS_HIDDEN | {SAFETY},
    ),
    Role(
        code="supervisor",
        name=_("Supervisor"),
        description=_(
            "You lead a team: you decide on referrals and candidates, accept who leads each patient, move work "
            "from one person to another, say who is on call, join two records of one person, set the programs' "
            "thresholds, and see who looked at a record."
        ),
        may=frozenset(
            {P.SEE_CANDIDATES, P.DECIDE_CANDIDATES, P.SEE_POPULATION, P.SEE_CHART, P.SEE_IMPORTS, P.EXPORT}
            | {P.SEE_ACCESS_LOG, P.MANAGE_PROGRAMS, P.BREAK_GLASS}
        )
        | CARE_WORK
        | LEADING,
    ),
    Role(
        code="medical_director",
        name=_("Medical director"),
        description=_(
            "You answer for the program's medicine: you decide on referrals and candidates in the populations you "
            "answer for, see the team's work and who is on call, join two records of one person, and set the "
            "programs' thresholds."
        ),
        may=frozenset(
            {P.SEE_CANDIDATES, P.DECIDE_CANDIDATES, P.SEE_POPULATION, P.SEE_CHART, P.SEE_IMPORTS, P.EXPORT}
            | {P.SEE_ACCESS_LOG, P.MANAGE_PROGRAMS, P.BREAK_GLASS}
        )
        | {P.WORK_TASKS}
        | LEADING,
    ),
    Role(
        code="analyst",
        name=_("Population health analyst"),
        description=_(
            "You study the population: you see counts and lists without names, addresses or phone numbers, take them out "
            "as files, bring files in, and see whether the data is complete."
        ),
        may=frozenset({P.SEE_CANDIDATES, P.SEE_POPULATION, P.SEE_IMPORTS, P.MANAGE_IMPORTS, P.EXPORT}),
        opens_for="operations",
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE,
        sees_direct=False,
    ),
    Role(
        code="quality",
        name=_("Quality and compliance"),
        description=_(
            "You guard quality and privacy: you see counts and lists without names, which files arrived, who looked at "
            "whose record, and you review every emergency access."
        ),
        may=frozenset({P.SEE_POPULATION, P.SEE_IMPORTS, P.EXPORT, P.SEE_ACCESS_LOG, P.REVIEW_ACCESS}),
        opens_for="operations",
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE,
        sees_direct=False,
    ),
    Role(
        code="billing",
        name=_("Billing"),
        description=_(
            "You bill for the program's work: you can be given a team and patients; candidates, diagnoses, medicines and "
            "results stay closed to you."
        ),
        may=frozenset({P.SEE_CHART}),
        opens_for="payment",
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE,
        sees_clinical=False,
    ),
    Role(
        code="referral_coordinator",
        name=_("Referral coordinator"),
        description=_(
            "You arrange visits and services: you write down referrals that come by phone, work on tasks, call "
            "and write letters for people you were given; candidates, diagnoses, medicines and results stay "
            "closed to you."
        ),
        may=frozenset({P.SEE_CHART}) | {P.WORK_TASKS},
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE,
        sees_clinical=False,
    ),
    Role(
        code="administrator",
        name=_("Administrator"),
        description=_(
            "You run the installation: people, roles, teams, imports and the place for backups; you see no patient and "
            "no candidate."
        ),
        may=frozenset({P.MANAGE_PEOPLE, P.SEE_IMPORTS, P.MANAGE_IMPORTS}),
        opens_for="operations",
        hidden_tags=ALWAYS_HIDDEN | SENSITIVE,
        sees_clinical=False,
        sees_direct=False,
    ),
)

BY_CODE: dict[str, Role] = {role.code: role for role in ROLES}
CODES: tuple[str, ...] = tuple(BY_CODE)


def role_of(user) -> Role | None:
    """The role somebody holds, or nothing for a stranger, a closed account or a code no longer known."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    return BY_CODE.get(user.role)


def allows(user, permission: Permission) -> bool:
    """Whether this person may do that today."""
    role = role_of(user)
    return role is not None and role.allows(permission)


def who_may(permission: Permission) -> tuple[Role, ...]:
    """The roles that may do something: what a refusal tells, so that one knows whom to ask."""
    return tuple(role for role in ROLES if role.allows(permission))


def all_known(codes: Iterable[str], *, said_in: str) -> None:
    """
    Refuse a setting that names a role nobody has: a slip of the pen there would quietly leave a door open.

    >>> all_known(["supervisor"], said_in="CAREWRIGHT_OIDC_ROLES")
    """
    if wrong := sorted(set(codes) - BY_CODE.keys()):
        raise CannotDo(f"{said_in} names {wrong[0]!r}, which is no role. There are: {', '.join(CODES)}.")


def second_factor_roles(said: str) -> frozenset[str]:
    """
    Which roles must use a second factor, as a setting says it: codes with commas between, `all`, or `none`.

    >>> sorted(second_factor_roles("administrator, quality")), sorted(second_factor_roles("all"))
    (['administrator', 'quality'], ['all'])
    """
    named = frozenset(code.strip() for code in said.split(",") if code.strip())
    all_known(named - {"all", "none"}, said_in="CAREWRIGHT_SECOND_FACTOR_ROLES")
    return named
