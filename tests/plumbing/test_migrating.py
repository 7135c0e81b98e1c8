"""Quick migrations end with the same picture of every table as Django's own."""

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def described(state):
    return {
        f"{model._meta.label}": (
            sorted(field.name for field in model._meta.get_fields(include_hidden=True)),
            sorted(one.name for one in model._meta.constraints),
            sorted(one.name for one in model._meta.indexes),
        )
        for model in state.apps.get_models(include_auto_created=True)
    }


def test_drawing_only_what_changed_ends_with_the_same_picture():
    loader = MigrationLoader(None)
    step_by_step = ProjectState(real_apps=loader.unmigrated_apps)
    assert step_by_step.apps, "drawn from the first, so that each step draws what it changes"
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        loader.graph.nodes[key].mutate_state(step_by_step, preserve=False)
    assert described(step_by_step) == described(loader.project_state())
