"""
Everything that changes who works here: accounts, roles, teams and the organization. Nothing else may.

It stands on the access floor and not in `staff`, because each change is written into the access log, and `staff` and
`audit` do not know each other. Nobody is ever deleted: an account is closed, because the log goes on naming it.
"""

from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.staff import roles
from carewright.staff.models import Membership, Organization, Team, User
from carewright.staff.roles import Permission

GROUPS_SAY = "The groups of the identity provider say so."
GROUPS_DROPPED = "At their sign-in no group of theirs at the identity provider was a role here any more."


def add_person(
    *, email: str, first_name: str, last_name: str, role: str, credential: str = "", from_groups: bool = False,
    by: User | str,
) -> User:  # fmt: skip
    """Add somebody. They have no password yet: give them the link of `invitation`, or let their organization vouch."""
    person = User(
        email=email.strip().lower(), first_name=first_name.strip(), last_name=last_name.strip(), role=role,
        credential=credential.strip(), role_from_groups=from_groups,
    )  # fmt: skip
    person.set_unusable_password()
    if User.objects.filter(email=person.email).exists():
        raise CannotDo(
            _("Somebody with this email works here already. Open their account instead, or check the email.")
        )
    with audit.change(person, by=by, did="added_person"):
        pass
    return person


def describe(*, person: User, first_name: str, last_name: str, credential: str, by: User) -> User:
    """Mend a name or what stands behind it."""
    with audit.change(person, by=by, did="described_person"):
        person.first_name, person.last_name, person.credential = (
            first_name.strip(),
            last_name.strip(),
            credential.strip(),
        )
    return person


def change_role(*, person: User, role: str, by: User | str, why: str = "") -> User:
    """Give somebody another role; what they may do and see changes with their next click."""
    if role not in roles.BY_CODE:
        raise CannotDo(_("There is no role %(role)s.") % {"role": repr(role)})
    if not roles.BY_CODE[role].allows(Permission.MANAGE_PEOPLE):
        _refuse_to_lose_the_last_administrator(person)
    with audit.change(person, by=by, did="changed_role", why=why):
        _forget_why_unlicensed(person, role)
        person.role, person.role_from_groups, person.dropped_at = role, False, None
    return person


def _forget_why_unlicensed(person: User, role: str) -> None:
    """That somebody's work needs no licence was said of the role they had; of another one it is asked anew."""
    if role != person.role:
        person.unlicensed_because = ""


def follow_groups(*, person: User, role: str, by: str) -> User:
    """
    The groups of the identity provider say somebody's role. Whom they had dropped comes in again.

    Raises `NotNow` rather than leave nobody who may let others in.
    """
    if not roles.BY_CODE[role].allows(Permission.MANAGE_PEOPLE):
        _refuse_to_lose_the_last_administrator(person)
    is_back = person.dropped_at is not None
    if (person.role, person.role_from_groups, is_back) == (role, True, False):
        return person
    with audit.change(person, by=by, did="opened_account" if is_back else "changed_role", why=GROUPS_SAY):
        _forget_why_unlicensed(person, role)
        person.role, person.role_from_groups, person.dropped_at = role, True, None
        person.is_active = person.is_active or is_back
    return person


def drop(*, person: User, by: str, at: datetime) -> User:
    """
    No group of theirs is a role any more: the account closes, and their sessions end at once.

    A group that is a role opens it again at their next sign-in, and so does an administrator. Raises `NotNow` rather
    than leave nobody who may let others in.
    """
    if person.dropped_at is not None or not person.is_active:
        return person
    _refuse_to_lose_the_last_administrator(person)
    with audit.change(person, by=by, did="closed_account", why=GROUPS_DROPPED):
        person.is_active, person.dropped_at, person.role_from_groups = False, at, True
    return person


def close_account(*, person: User, by: User, why: str = "") -> User:
    """Let somebody in no more. Their sessions end at once; what they wrote stays theirs."""
    if isinstance(by, User) and by.pk == person.pk:
        raise CannotDo(_("Nobody closes their own account. Ask another administrator."))
    if not person.is_active:
        raise NotNow(_("The account of %(person)s is closed already.") % {"person": person.name})
    _refuse_to_lose_the_last_administrator(person)
    with audit.change(person, by=by, did="closed_account", why=why):
        person.is_active = False
    return person


def open_account(*, person: User, by: User, why: str = "") -> User:
    """Let somebody in again whose account was closed."""
    if person.is_active:
        raise NotNow(_("The account of %(person)s is open.") % {"person": person.name})
    with audit.change(person, by=by, did="opened_account", why=why):
        if person.dropped_at is not None:  # from now on it is the administrator's word, not the groups'
            person.role_from_groups, person.dropped_at = False, None
        person.is_active = True
    return person


def reset_second_factor(*, person: User, by: User) -> int:
    """Take away a lost phone's codes, so that the person can set up another; the number of things taken away."""
    with transaction.atomic():
        taken, _kinds = Authenticator.objects.filter(user=person).delete()
        audit.happened("reset_second_factor", audit.name_of(person), by=by)
    return taken


def signed_out(*, person: User, sessions: int, by: User) -> None:
    """Write down that somebody was signed out everywhere."""
    audit.happened("signed_out", audit.name_of(person), by=by, after={"sessions": sessions})


def invitation(*, person: User, by: User) -> str:
    """
    The last part of a link with which somebody chooses their password: works once, for three days.

    A newer password or a newer sign-in makes it void. Making one is written down; the link itself is not.
    """
    if not person.is_active:
        raise NotNow(_("The account of %(person)s is closed. Open it first.") % {"person": person.name})
    audit.happened("invited", audit.name_of(person), by=by)
    return f"{urlsafe_base64_encode(force_bytes(person.pk))}-{default_token_generator.make_token(person)}"


def invited(code: str) -> User | None:
    """Whom an invitation is for; nobody when it was used, is too old or was never given."""
    who, _dash, token = code.partition("-")
    try:
        person = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(who))), is_active=True).first()
    except (ValueError, UnicodeDecodeError):
        return None
    return person if person and default_token_generator.check_token(person, token) else None


def choose_password(*, person: User, password: str, by: User) -> User:
    """Keep a password somebody chose; it was checked before."""
    with audit.change(person, by=by, did="chose_password"):
        person.set_password(password)
    return person


def add_team(*, name: str, description: str = "", by: User | str) -> Team:
    """Begin a team; whom it may see is said by ties."""
    team = Team(name=name.strip(), description=description.strip())
    try:
        with audit.change(team, by=by, did="added_team"):
            pass
    except ValidationError as error:
        raise CannotDo(_("There is a team of this name already.")) from error
    return team


def describe_team(*, team: Team, name: str, description: str, by: User) -> Team:
    """Another name or description for a team."""
    with audit.change(team, by=by, did="described_team"):
        team.name, team.description = name.strip(), description.strip()
    return team


def join_team(*, person: User, team: Team, on: date, leads: bool = False, by: User | str) -> Membership:
    """From that day on, somebody belongs to a team and may see whom it may see."""
    if Membership.objects.filter(user=person, team=team, ends_on__isnull=True).exists():
        raise NotNow(_("%(person)s belongs to %(team)s already.") % {"person": person.name, "team": team.name})
    membership = Membership(user=person, team=team, starts_on=on, leads=leads)
    with audit.change(membership, by=by, did="joined_team"):
        pass
    return membership


def leave_team(*, membership: Membership, on: date, by: User) -> Membership:
    """Somebody's last day in a team; what the team may see, they may see until its end."""
    if membership.ends_on is not None and membership.ends_on <= on:
        raise NotNow(
            _("%(person)s left %(team)s already.") % {"person": membership.user.name, "team": membership.team.name}
        )
    with audit.change(membership, by=by, did="left_team"):
        membership.ends_on = max(on, membership.starts_on)
    return membership


def set_up(
    *, organization: str, time_zone: str, backup_folder: str, email: str, first_name: str, last_name: str,
    password: str, by: str = "system:first_run",
) -> User:  # fmt: skip
    """The first run of a real home: its organization and its first administrator, together or not at all."""
    with transaction.atomic():
        if User.objects.exists():
            raise NotNow(_("This installation is set up already. Sign in, or ask an administrator."))
        place = Organization(name=organization.strip(), time_zone=time_zone, backup_folder=backup_folder.strip())
        with audit.change(place, by=by, did="set_up_organization"):
            pass
        person = add_person(email=email, first_name=first_name, last_name=last_name, role="administrator", by=by)
        return choose_password(person=person, password=password, by=person)


def change_organization(
    *, organization: Organization, name: str, time_zone: str, backup_folder: str, by: User
) -> Organization:
    """Another name, time zone or backup place."""
    with audit.change(organization, by=by, did="changed_organization"):
        organization.name, organization.time_zone = name.strip(), time_zone
        organization.backup_folder = backup_folder.strip()
    return organization


def _refuse_to_lose_the_last_administrator(person: User) -> None:
    """Somebody must be left who may manage people; otherwise nobody could let anyone in again."""
    managing = [role.code for role in roles.who_may(Permission.MANAGE_PEOPLE)]
    if person.role not in managing or not person.is_active:
        return
    if not User.objects.filter(role__in=managing, is_active=True).exclude(pk=person.pk).exists():
        raise NotNow(
            _("%(person)s is the last administrator. Give somebody else that role first.") % {"person": person.name}
        )
