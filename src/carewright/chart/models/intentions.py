"""
What others intend: appointments, orders, and the teams, plans and goals of other organizations.

They stay beside our own and are never mixed with them: a goal here is what another organization wrote down.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from carewright.chart.models.reported import Reported, patient, said


class Appointment(Reported):
    """A visit that was arranged elsewhere: booked, kept, missed or cancelled."""

    patient = patient("appointments")
    name = said(help_text="What kind of appointment.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    specialty = said()
    reason = said()
    cancelled_because = said()
    with_whom = said()
    place = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "-starts_at"], name="appointment_of_patient")]

    class Privacy:
        direct = {"external_id"}
        clinical = {
            "status", "name", "starts_at", "ends_at", "specialty", "reason", "cancelled_because", "with_whom", "place",
        }  # fmt: skip
        plain = Reported.PLAIN


class ServiceOrder(Reported):
    """Something another provider has asked for: a test, a referral, home health, a do-not-resuscitate order."""

    patient = patient("service_orders")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    category = said()
    intent = said()
    priority = said()
    ordered_on = models.DateField(null=True, blank=True)
    wanted_on = models.DateField(null=True, blank=True)
    requested_by = said()
    performed_by = said()
    reason = said()
    note = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "-ordered_on"], name="serviceorder_of_patient")]

    class Privacy:
        direct = {"external_id", "note"}
        clinical = {
            "status", "name", "code_system", "code", "category", "intent", "priority", "ordered_on", "wanted_on",
            "requested_by", "performed_by", "reason",
        }  # fmt: skip
        plain = Reported.PLAIN


class OutsideTeamMember(Reported):
    """Somebody another organization lists on its care team for this patient."""

    patient = patient("outside_team")
    name = said()
    member_kind = said(help_text="Practitioner, Organization, RelatedPerson, …")
    role = said()
    team = said()
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    phone = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient"], name="outsideteammember_of_patient")]

    class Privacy:
        direct = {"external_id", "name", "phone"}
        clinical = {"status", "member_kind", "role", "team", "starts_on", "ends_on"}
        plain = Reported.PLAIN


class OutsideCarePlan(Reported):
    """A care plan another organization keeps for this patient."""

    patient = patient("outside_care_plans")
    title = models.TextField()
    category = said()
    intent = said()
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    activities = ArrayField(models.TextField(), default=list, blank=True)
    addresses = said(help_text="The conditions it is about.")
    words = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "-starts_on"], name="outsidecareplan_of_patient")]

    class Privacy:
        direct = {"external_id", "words"}
        clinical = {"status", "title", "category", "intent", "starts_on", "ends_on", "activities", "addresses"}
        plain = Reported.PLAIN


class OutsideGoal(Reported):
    """A goal another organization has written down with or for this patient; `status` is its lifecycle status."""

    patient = patient("outside_goals")
    words = models.TextField()
    achievement = said()
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    target = said()
    category = said()
    addresses = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient"], name="outsidegoal_of_patient")]

    class Privacy:
        direct = {"external_id", "words"}
        clinical = {"status", "achievement", "starts_on", "due_on", "target", "category", "addresses"}
        plain = Reported.PLAIN
