"""The tables of the chart; see `reported` for what they share."""

from carewright.chart.models.care import Document, Encounter, MedicationListing, Procedure
from carewright.chart.models.findings import Allergy, Condition, Immunization, Observation
from carewright.chart.models.intentions import (
    Appointment,
    OutsideCarePlan,
    OutsideGoal,
    OutsideTeamMember,
    ServiceOrder,
)
from carewright.chart.models.reported import Reported

__all__ = [
    "Allergy",
    "Appointment",
    "Condition",
    "Document",
    "Encounter",
    "Immunization",
    "MedicationListing",
    "Observation",
    "OutsideCarePlan",
    "OutsideGoal",
    "OutsideTeamMember",
    "Procedure",
    "Reported",
    "ServiceOrder",
]
