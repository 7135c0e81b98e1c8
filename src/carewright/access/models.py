"""
Whom somebody may see, and why: ties, named populations, and the glass that was broken in an emergency.

"Who could see this patient on March 3, and why" is one query over these rows.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import ends_after_it_starts, exactly_one, not_blank
from carewright.plumbing.history import keeps_history

EVERYONE = "everyone"
CANDIDATES = "candidates"
PAYER = "payer:"


class TieQuerySet(models.QuerySet):
    """Ties, asked by day and by person."""

    def on(self, day):
        """Those in force on a day, its first and last day included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def of(self, user, day):
        """Those of a person: their own, and those of the teams they belong to on that day."""
        teams = user.memberships.on(day).values("team")
        return self.filter(Q(user=user) | Q(team__in=teams))


@keeps_history()
class Tie(models.Model):
    """
    The reason why a person or a team may see a patient or a whole population, from when until when.

    A population is `everyone`, `candidates` (people some program suggests, as of the latest run) or `payer:<name>`
    (people whose latest coverage is with that payer). One row lets a team see a hundred thousand people.
    """

    class Because(models.TextChoices):
        CASELOAD = "caseload", _("Leads this person's care")
        TEAM = "team", _("Works in the team that looks after them")
        COVER = "cover", _("Stands in for a colleague")
        OVERSIGHT = "oversight", _("Answers for this population")
        TRIAGE = "triage", _("Decides who is called")
        OPERATIONS = "operations", _("Needs it for billing, quality or analysis")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="ties")
    team = models.ForeignKey("staff.Team", models.PROTECT, null=True, blank=True, related_name="ties")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, null=True, blank=True, related_name="ties")
    population = models.TextField(null=True, blank=True, db_collation="C")
    because = models.TextField(choices=Because)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")

    objects = TieQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("tie_of_a_user_or_a_team", "user", "team"),
            exactly_one("tie_to_a_patient_or_a_population", "patient", "population"),
            ends_after_it_starts("tie_ends_after_it_starts"),
            models.CheckConstraint(
                name="tie_population_is_known",
                condition=Q(population__isnull=True)
                | Q(population__in=[EVERYONE, CANDIDATES])
                | Q(population__regex=r"^payer:.*\S"),
                violation_error_message=_("A population is 'everyone', 'candidates' or 'payer:' and a payer's name."),
            ),
            models.CheckConstraint(
                name="tie_because_is_known",
                condition=Q(because__in=["caseload", "team", "cover", "oversight", "triage", "operations"]),
            ),
            models.UniqueConstraint(
                name="tie_open_once",
                fields=["user", "team", "patient", "population", "because"],
                condition=Q(ends_on__isnull=True),
                nulls_distinct=False,
                violation_error_message=_("This tie is there already."),
            ),
        ]

    class Privacy:
        clinical = {"because"}
        plain = {"id", "user", "team", "patient", "population", "starts_on", "ends_on"}

    def __str__(self):
        who = f"team {self.team_id}" if self.team_id else f"user {self.user_id}"
        whom = f"patient {self.patient_id}" if self.patient_id else self.population
        return f"{who} to {whom} from {self.starts_on:%Y-%m-%d}"


class PopulationMember(models.Model):
    """A patient who belongs to a named population, such as `candidates`, as of the latest run; replaced run by run."""

    population = models.TextField(db_collation="C")
    patient = models.ForeignKey("registry.Patient", models.CASCADE, related_name="populations")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="population_member_once", fields=["patient", "population"]),
            not_blank("population_member_population_not_blank", "population"),
        ]
        indexes = [models.Index(fields=["population"], name="population_member_population")]

    class Privacy:
        clinical = {"population"}
        plain = {"id", "patient"}

    def __str__(self):
        return f"patient {self.patient_id} in {self.population}"


class BreakGlassQuerySet(models.QuerySet):
    """Broken glass, asked by moment."""

    def open_at(self, at):
        """Those that still open their patient at that moment."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)


@keeps_history()
class BreakGlass(models.Model):
    """
    One time somebody opened a patient they have no tie to, because it could not wait.

    It opens one patient for one person, to read only, until `ends_at`; someone who guards privacy then reviews it.
    `part2_*` is the record that 42 CFR 2.51 asks for when Part 2 facts are disclosed in a medical emergency.
    """

    class Reason(models.TextChoices):
        MEDICAL_EMERGENCY = "medical_emergency", _("Medical emergency: a delay could harm this person")
        SAFETY = "safety", _("Immediate danger to this person or to others")
        UNEXPECTED_CONTACT = "unexpected_contact", _("This person is on the phone or at the door and needs help now")
        COVER = "cover", _("Covering for a colleague, and the tie is not set yet")

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", _("Justified")
        NOT_JUSTIFIED = "not_justified", _("Not justified")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="broken_glass")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="broken_glass")
    reason = models.TextField(choices=Reason)
    words = models.TextField(help_text="What happened, in the person's own words.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opens_part2 = models.BooleanField(default=False)
    part2_disclosed_to = models.TextField(blank=True, default="")
    part2_recipient_facility = models.TextField(blank=True, default="")
    part2_emergency = models.TextField(blank=True, default="", help_text="The nature of the emergency.")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reviewed_glass"
    )
    verdict = models.TextField(choices=Verdict, null=True, blank=True)
    review_words = models.TextField(blank=True, default="")

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                name="break_glass_ends_after_it_starts", condition=Q(ends_at__gt=models.F("starts_at"))
            ),
            not_blank("break_glass_words_not_blank", "words"),
            models.CheckConstraint(
                name="break_glass_part2_only_in_a_medical_emergency",
                condition=Q(opens_part2=False)
                | (
                    Q(reason="medical_emergency") & Q(part2_disclosed_to__regex=r"\S") & Q(part2_emergency__regex=r"\S")
                ),
                violation_error_message=(
                    _("Part 2 records open only in a medical emergency, with whom they are shown to and its nature.")
                ),
            ),
            models.CheckConstraint(
                name="break_glass_review_complete",
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, verdict__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, verdict__isnull=False),
            ),
            models.CheckConstraint(
                name="break_glass_not_reviewed_by_oneself",
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("user")),
                violation_error_message=_("Nobody reviews their own break-glass."),
            ),
        ]
        indexes = [models.Index(fields=["user", "patient", "ends_at"], name="break_glass_open")]

    class Privacy:
        clinical = {"reason", "words", "part2_disclosed_to", "part2_recipient_facility", "part2_emergency"} | {
            "opens_part2",
            "review_words",
        }
        plain = {"id", "user", "patient", "starts_at", "ends_at", "reviewed_at", "reviewed_by", "verdict"}

    def __str__(self):
        return f"user {self.user_id} on patient {self.patient_id} at {self.starts_at:%Y-%m-%d %H:%M}"
