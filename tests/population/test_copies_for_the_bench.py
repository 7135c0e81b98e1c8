"""The web bench's many people: copies with everything of a record, none mistaken for another."""

from django.db.models import Count

from carewright.cli.bench import copies
from carewright.population.models import Candidate, Criterion, Score
from carewright.registry.models import Identifier, Patient, PatientHistory


def per_patient(model) -> list[int]:
    return sorted(model.objects.values("patient").annotate(many=Count("*")).values_list("many", flat=True))


def test_a_copy_has_all_of_the_record_and_an_identity_of_its_own(run):
    people, history = Patient.objects.count(), PatientHistory.objects.count()
    before = {model: per_patient(model) for model in (Identifier, Score, Candidate, Criterion)}
    assert copies.multiply(3 * people) == 2
    assert Patient.objects.count() == 3 * people == Patient.objects.values("public_id").distinct().count()
    for model, rows in before.items():
        assert per_patient(model) == sorted(3 * rows), model
    assert Score.objects.values("rank").distinct().count() == Score.objects.count()
    assert PatientHistory.objects.count() == history, "a copy has no past"
    made = Patient.objects.create(given_name="New", family_name="Person")
    assert made.pk > max(Score.objects.values_list("patient", flat=True)), "the next person gets a number of their own"


def test_enough_people_are_not_copied(run):
    assert copies.multiply(Patient.objects.count()) == 0
