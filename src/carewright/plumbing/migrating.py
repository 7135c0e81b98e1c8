"""
Quicker migrations: a new table, column, constraint, index or trigger needs no new picture of all the other tables.

While Django migrates it keeps a picture of every table, and after each step it draws the changed table and every table
that points at it anew. Nearly every table of the house points at the patient, so that drawing was four fifths of the
time an empty database took. A new table, a new column, a constraint, an index or a trigger changes nothing in the others: it
is written into the picture where it is. What the database is told stays the same, statement by statement.
"""

from typing import Any

from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, Field
from pgtrigger.migrations import AddTrigger, RemoveTrigger


def be_quick() -> None:
    """From now on, in this process, migrations draw anew only what a step changed."""
    ProjectState.add_model = _add_model  # type: ignore[method-assign]
    ProjectState.add_field = _add_field  # type: ignore[method-assign]
    ProjectState._append_option = _append_option  # type: ignore[attr-defined]
    ProjectState._remove_option = _remove_option  # type: ignore[attr-defined]
    AddTrigger.state_forwards = _add_trigger  # type: ignore[method-assign]
    RemoveTrigger.state_forwards = _remove_trigger  # type: ignore[method-assign]


def _add_model(self: ProjectState, model_state: ModelState) -> None:
    """Add a table to the picture: it points at others, and nothing can point at it yet."""
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:  # type: ignore[attr-defined]
        self.resolve_model_relations(key)  # type: ignore[attr-defined]
    if "apps" in self.__dict__:
        self.apps.render_multiple([model_state])


def _add_field(
    self: ProjectState, app_label: str, model_name: str, name: str, field: Field, preserve_default: bool
) -> None:
    """Add a column to the picture of one table; tables it points at hear of it as they do of a new table's columns."""
    if not preserve_default:
        field = field.clone()
        field.default = NOT_PROVIDED
    key = app_label, model_name
    self.models[key].fields[name] = field
    if self._relations is not None:  # type: ignore[attr-defined]
        self.resolve_model_field_relations(key, name, field)  # type: ignore[attr-defined]
    if "apps" in self.__dict__:
        self.apps.get_model(app_label, model_name).add_to_class(name, field.clone())


def _append_option(self: ProjectState, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    """Add an index or a constraint to the picture of one table."""
    _set_option(self, app_label, model_name, option_name, [*_option(self, app_label, model_name, option_name), obj])


def _remove_option(self: ProjectState, app_label: str, model_name: str, option_name: str, obj_name: str) -> None:
    """Take an index or a constraint out of the picture of one table."""
    left = [one for one in _option(self, app_label, model_name, option_name) if one.name != obj_name]
    _set_option(self, app_label, model_name, option_name, left)


def _option(state: ProjectState, app_label: str, model_name: str, option_name: str) -> list[Any]:
    return list(state.models[app_label, model_name].options[option_name])


def _set_option(state: ProjectState, app_label: str, model_name: str, option_name: str, value: list[Any]) -> None:
    state.models[app_label, model_name].options[option_name] = value
    if "apps" in state.__dict__:
        setattr(state.apps.get_model(app_label, model_name)._meta, option_name, list(value))


def _add_trigger(self: AddTrigger, app_label: str, state: ProjectState) -> None:
    """Add a trigger to the picture of one table; the drawn table does not carry its triggers."""
    options = state.models[app_label, self.model_name].options
    options["triggers"] = [*options.get("triggers", []), self.trigger]


def _remove_trigger(self: RemoveTrigger, app_label: str, state: ProjectState) -> None:
    """Take a trigger out of the picture of one table."""
    options = state.models[app_label, self.model_name].options
    options["triggers"] = [one for one in options.get("triggers", []) if one.name != self.name]
