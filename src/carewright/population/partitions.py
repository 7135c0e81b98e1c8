"""
The tables of runs, split by run in the database: a new run is filled beside the old one and joined in one step.

Readers never wait for a run to be loaded, a page that began with one run can end with it, and an old run goes away by
dropping its part of each table instead of deleting millions of rows.
"""

from collections.abc import Iterable

from django.db import migrations, models


class CreateModelOfRun(migrations.CreateModel):
    """Create a table whose rows belong to runs; each run gets a part of its own."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Create it as Django would, split by `run_id`."""
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = plain + " PARTITION BY LIST (run_id)"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain


def part_of(model: type[models.Model], run_pk: int) -> str:
    """The name of one run's part of a table."""
    return f"{model._meta.db_table}_r{int(run_pk)}"


def open_part(cursor, model: type[models.Model], run_pk: int) -> str:
    """Make the empty part of one run, not yet seen by anyone; answers its name."""
    table, part = model._meta.db_table, part_of(model, run_pk)
    cursor.execute(f'create table "{part}" (like "{table}" including defaults including constraints)')
    cursor.execute(f'alter table "{part}" add constraint "{part}_run" check (run_id = {int(run_pk)})')
    # The wall stands on the whole table; nobody but the owner reads a part by its own name.
    cursor.execute(f'alter table "{part}" enable row level security')
    return part


def join_part(cursor, model: type[models.Model], run_pk: int) -> None:
    """Join a filled part to its table: its primary key, indexes and foreign keys are built and checked now."""
    table, part = model._meta.db_table, part_of(model, run_pk)
    cursor.execute(f'alter table "{table}" attach partition "{part}" for values in ({int(run_pk)})')
    cursor.execute(f'alter table "{part}" drop constraint "{part}_run"')
    cursor.execute(f'analyze "{part}"')


def drop_parts(cursor, tables: Iterable[type[models.Model]], run_pk: int) -> None:
    """Let go of one run's rows in all tables."""
    for model in tables:
        cursor.execute("select to_regclass(%s)", [part_of(model, run_pk)])
        if cursor.fetchone()[0] is not None:
            cursor.execute(f'drop table "{part_of(model, run_pk)}"')
