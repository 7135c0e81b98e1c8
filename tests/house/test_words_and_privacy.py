"""Every table is a word of the glossary, and every column says how private it is."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from pghistory.models import Event

GLOSSARY = Path(__file__).resolve().parents[2] / "GLOSSARY.md"
CLASSES = {"direct", "clinical", "plain", "secret"}
OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("carewright.") and model._meta.managed and not model._meta.proxy
]
KEPT = [model for model in OURS if not issubclass(model, Event)]
HISTORIES = [model for model in OURS if issubclass(model, Event)]


def spoken(model) -> str:
    """`ContactPoint` as one says it: "Contact point"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).capitalize()


def said(model) -> dict[str, set[str]]:
    # A composite key ("pk") is other columns said together, so it needs no class of its own.
    return {name: set(getattr(model.Privacy, name)) - {"pk"} for name in CLASSES if hasattr(model.Privacy, name)}


def columns(model) -> set[str]:
    return {field.name for field in model._meta.fields} - {"pk"}


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
def test_every_table_is_a_word_in_the_glossary(model):
    words = set(re.findall(r"^\*\*(.+?)\.\*\*", GLOSSARY.read_text(), re.MULTILINE))
    assert spoken(model) in words, f"Say what a {spoken(model)!r} is in GLOSSARY.md before storing one."


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
def test_every_column_says_how_private_it_is(model):
    classes = said(model)
    assert set().union(*classes.values()) == columns(model)
    assert sum(map(len, classes.values())) == len(columns(model)), "A column has one privacy class, not two."


@pytest.mark.parametrize("model", HISTORIES, ids=lambda model: model._meta.label)
def test_a_history_is_as_private_as_what_it_keeps(model):
    kept = model.pgh_tracked_model
    classes = said(kept)
    own = {field.name for field in model._meta.fields if not field.name.startswith("pgh_")}
    assert own <= set().union(*classes.values())
    assert not own & classes.get("secret", set()), "A secret has no history."


@pytest.mark.parametrize("model", HISTORIES, ids=lambda model: model._meta.label)
@pytest.mark.django_db
def test_a_history_may_only_be_added_to(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_trigger where tgrelid = %s::regclass and tgname like 'pgtrigger_append_only%%'",
            [model._meta.db_table],
        )
        assert cursor.fetchone()[0] == 1


def test_what_is_private_never_names_a_thing():
    """`str()` of a model reaches logs and tracebacks, so no patient's does more than count."""
    from tests.factories.registry import PatientFactory

    patient = PatientFactory.build(given_name="Ruth", family_name="Abernathy")
    assert "Ruth" not in str(patient) + repr(patient) and "Abernathy" not in str(patient) + repr(patient)
