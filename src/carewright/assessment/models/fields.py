"""What the tables of assessments share."""

from django.conf import settings
from django.db import models


def who(**options) -> models.ForeignKey:
    """A member of staff who did something; never lost."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **options)


def patient_field(name: str) -> models.ForeignKey:
    """Whose it is."""
    return models.ForeignKey("registry.Patient", models.PROTECT, related_name=name)
