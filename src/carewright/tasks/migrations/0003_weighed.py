"""
Let somebody disagree with the place of a task.

Why    The order of a day is a promise, and whoever does the work may see it otherwise: the consequence they give, who
       they are and why are kept beside what it was.
Rows   None changes.
Locks  A moment's exclusive lock on two tables, no scan; the constraint is checked against empty columns.
Back   Drops the columns.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_receipts_follow_a_join"),
        ("staff", "0002_history"),
        ("tasks", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="changed_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="removed_delete",
        ),
        migrations.AddField(
            model_name="task",
            name="weighed_because",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="weighed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="weighed_from",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="The consequence before somebody disagreed; `priority` is the one since.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="taskhistory",
            name="weighed_because",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="taskhistory",
            name="weighed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="taskhistory",
            name="weighed_from",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="The consequence before somebody disagreed; `priority` is the one since.",
                null=True,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "tasks_taskhistory" ("about_kind", "about_public_id", "clock", "closed_at", "closed_because", "closed_by_id", "closed_words", "due_at", "escalated_at", "escalated_because", "id", "kind", "opened_at", "opened_by_id", "owner_team_id", "owner_user_id", "patient_id", "paused_because", "paused_from", "paused_until", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "public_id", "snoozed_because", "snoozed_until", "title", "weighed_because", "weighed_by_id", "weighed_from", "why", "window_starts_at") VALUES (OLD."about_kind", OLD."about_public_id", OLD."clock", OLD."closed_at", OLD."closed_because", OLD."closed_by_id", OLD."closed_words", OLD."due_at", OLD."escalated_at", OLD."escalated_because", OLD."id", OLD."kind", OLD."opened_at", OLD."opened_by_id", OLD."owner_team_id", OLD."owner_user_id", OLD."patient_id", OLD."paused_because", OLD."paused_from", OLD."paused_until", NOW(), \'changed\', OLD."id", OLD."priority", OLD."public_id", OLD."snoozed_because", OLD."snoozed_until", OLD."title", OLD."weighed_because", OLD."weighed_by_id", OLD."weighed_from", OLD."why", OLD."window_starts_at"); RETURN NULL;',
                    hash="603f78a2fe2af8994ad669afdda165ad02f504c6",
                    operation="UPDATE",
                    pgid="pgtrigger_changed_update_6cb1c",
                    table="tasks_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="removed_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tasks_taskhistory" ("about_kind", "about_public_id", "clock", "closed_at", "closed_because", "closed_by_id", "closed_words", "due_at", "escalated_at", "escalated_because", "id", "kind", "opened_at", "opened_by_id", "owner_team_id", "owner_user_id", "patient_id", "paused_because", "paused_from", "paused_until", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "public_id", "snoozed_because", "snoozed_until", "title", "weighed_because", "weighed_by_id", "weighed_from", "why", "window_starts_at") VALUES (OLD."about_kind", OLD."about_public_id", OLD."clock", OLD."closed_at", OLD."closed_because", OLD."closed_by_id", OLD."closed_words", OLD."due_at", OLD."escalated_at", OLD."escalated_because", OLD."id", OLD."kind", OLD."opened_at", OLD."opened_by_id", OLD."owner_team_id", OLD."owner_user_id", OLD."patient_id", OLD."paused_because", OLD."paused_from", OLD."paused_until", NOW(), \'removed\', OLD."id", OLD."priority", OLD."public_id", OLD."snoozed_because", OLD."snoozed_until", OLD."title", OLD."weighed_because", OLD."weighed_by_id", OLD."weighed_from", OLD."why", OLD."window_starts_at"); RETURN NULL;',
                    hash="8f10d362e46747085498b934e29e20849a34376e",
                    operation="DELETE",
                    pgid="pgtrigger_removed_delete_e86b4",
                    table="tasks_task",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("weighed_because__isnull", False),
                        ("weighed_by__isnull", False),
                        ("weighed_from__isnull", False),
                    ),
                    models.Q(
                        ("weighed_because__isnull", True), ("weighed_by__isnull", True), ("weighed_from__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="task_weighing_has_a_reason",
                violation_error_message="Give all of these or none: weighed_from, weighed_by, weighed_because.",
            ),
        ),
    ]
