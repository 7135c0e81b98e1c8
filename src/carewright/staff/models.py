"""
The people who work here: who they are, their role, and the teams they belong to.

What a role may do is described in `carewright.staff.roles`; whom somebody may see is answered by ties.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import ends_after_it_starts, not_blank
from carewright.plumbing.history import keeps_history
from carewright.staff import roles


class UserManager(BaseUserManager):
    """Finds and makes people by their email, whichever way its letters are written."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Add somebody; without a password they can only come in by another door (an identity provider, a reset)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)  # type: ignore[attr-defined]
        user.save(using=self._db)
        return user  # type: ignore[return-value]

    def get_by_natural_key(self, email: str) -> "User":  # type: ignore[override]
        """The person with this email; capital letters make no difference."""
        return self.get(email=(email or "").strip().lower())  # type: ignore[return-value]


@keeps_history(besides=("preferences",), never=("password", "last_login"))
class User(AbstractBaseUser):
    """
    One member of staff. They sign in with their email.

    Patients and caregivers are not users; their way in is another one. An account is closed, never deleted, because
    the access log goes on naming it.
    """

    email = models.EmailField(unique=True, help_text="In small letters; it is the name one signs in with.")
    first_name = models.TextField()
    last_name = models.TextField()
    role = models.TextField(choices=[(role.code, role.name) for role in roles.ROLES])
    credential = models.TextField(blank=True, default="", help_text="What stands after the name: RN, LCSW, PharmD.")
    unlicensed_because = models.TextField(
        blank=True, default="", help_text="Why their work needs no licence, though others with their role need one."
    )
    is_active = models.BooleanField(default=True, help_text="A closed account cannot sign in.")
    role_from_groups = models.BooleanField(
        default=False, help_text="The identity provider's groups said the role; an administrator's word ends that."
    )
    dropped_at = models.DateTimeField(
        null=True, blank=True, help_text="When no group of theirs was a role any more; the account is closed since."
    )
    preferences = models.JSONField(default=dict, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name", "role"]

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.CheckConstraint(
                name="user_email_in_small_letters",
                condition=Q(email=Lower(F("email"))),
                violation_error_message=_("Write the email in small letters."),
            ),
            models.CheckConstraint(
                name="user_role_is_known",
                condition=Q(role__in=roles.CODES),
                violation_error_message=_("This role is not one of ours."),
            ),
            models.CheckConstraint(
                name="user_dropped_is_closed",
                condition=Q(dropped_at__isnull=True) | Q(is_active=False, role_from_groups=True),
                violation_error_message=_(
                    "Whom the groups dropped has a closed account and a role that came from groups."
                ),
            ),
            not_blank("user_first_name_not_blank", "first_name"),
            not_blank("user_last_name_not_blank", "last_name"),
        ]

    class Privacy:
        direct = {"email", "first_name", "last_name", "unlicensed_because"}
        secret = {"password"}
        plain = {
            *("id", "last_login", "role", "credential", "is_active", "role_from_groups", "dropped_at", "preferences"),
            "added_at",
        }

    def __str__(self):
        return self.name

    def clean(self):
        """Hold the email in the one form we compare."""
        self.email = (self.email or "").strip().lower()

    @property
    def name(self) -> str:
        """First and last name, as a colleague would say them."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def full_title(self) -> str:
        """The name with the credential: "Priya Nair, RN"."""
        return f"{self.name}, {self.credential}" if self.credential else self.name

    @property
    def initials(self) -> str:
        """Two letters for the round mark beside a name."""
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()

    @property
    def described_role(self) -> roles.Role:
        """The role with its description and what it may do."""
        return roles.BY_CODE[self.role]

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.first_name

    def may(self, permission: roles.Permission) -> bool:
        """Whether this person may do that today."""
        return roles.allows(self, permission)


@keeps_history()
class Team(models.Model):
    """People who look after the same patients together; what the team may see, each current member may see."""

    name = models.TextField(unique=True)
    description = models.TextField(blank=True, default="")
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["name"]
        constraints = [not_blank("team_name_not_blank", "name")]

    class Privacy:
        plain = {"id", "name", "description"}

    def __str__(self):
        return self.name


class MembershipQuerySet(models.QuerySet):
    """Memberships, asked by day."""

    def on(self, day):
        """Those in force on a day, its first and last day included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


@keeps_history()
class Membership(models.Model):
    """One person's time in one team, from a first day to an inclusive last day."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    leads = models.BooleanField(default=False, help_text="Whether this person leads the team.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_it_starts("membership_ends_after_it_starts"),
            models.UniqueConstraint(
                name="membership_open_once",
                fields=["team", "user"],
                condition=Q(ends_on__isnull=True),
                violation_error_message=_("This person already belongs to this team."),
            ),
        ]

    class Privacy:
        plain = {"id", "team", "user", "leads", "starts_on", "ends_on"}

    def __str__(self):
        return f"{self.user} in {self.team} from {self.starts_on:%Y-%m-%d}"


@keeps_history()
class Licence(models.Model):
    """What a member of staff is licensed as, in which state, until when; work that depends on it asks here."""

    user = models.ForeignKey(User, models.PROTECT, related_name="licences")
    kind = models.TextField(help_text="RN, LPN, LCSW, PharmD, …")
    state = models.TextField(help_text="Two letters, or COMPACT for a multistate licence.")
    number = models.TextField(blank=True, default="")
    expires_on = models.DateField(help_text="The last day, inclusive.")

    class Meta:
        ordering = ["user", "kind", "state"]
        constraints = [
            models.UniqueConstraint(
                name="licence_once",
                fields=["user", "kind", "state"],
                violation_error_message=_("This licence is on file already; change its last day instead."),
            ),
            models.CheckConstraint(
                name="licence_state_is_written_in_letters",
                condition=Q(state="COMPACT") | Q(state__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Write the state with two letters, or COMPACT."),
            ),
            not_blank("licence_kind_not_blank", "kind"),
        ]

    class Privacy:
        direct = {"number"}
        plain = {"id", "user", "kind", "state", "expires_on"}

    def __str__(self):
        return f"{self.kind} {self.state} of user {self.user_id}"


@keeps_history()
class Organization(models.Model):
    """The organization this installation belongs to: one row, written by the first-run wizard."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    name = models.TextField()
    time_zone = models.TextField(default="America/New_York")
    backup_folder = models.TextField(blank=True, default="", help_text="Where encrypted backups are written.")
    set_up_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="organization_only_one", condition=Q(only=True)),
            not_blank("organization_name_not_blank", "name"),
        ]

    class Privacy:
        plain = {"id", "only", "name", "time_zone", "backup_folder", "set_up_at"}

    def __str__(self):
        return self.name
