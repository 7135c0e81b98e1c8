"""
Keep how somebody knows that a person of unknown age is an adult, and who said so.

Rows     Assessments asked before say nothing of it: of somebody without a birth date, what was made for adults rests until
         somebody does.
Time     Under a second.
Back     Drops the columns.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0003_received'),
        ('registry', '0007_where_a_field_is_from'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='assessment',
            name='changed_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='assessment',
            name='removed_delete',
        ),
        migrations.AddField(
            model_name='assessment',
            name='adult_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='adult_because',
            field=models.TextField(blank=True, default='', help_text='How we know that this is an adult, where the birth date is unknown.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='adult_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='adult_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='adult_because',
            field=models.TextField(blank=True, default='', help_text='How we know that this is an adult, where the birth date is unknown.'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='adult_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "assessment_assessmenthistory" ("adult_at", "adult_because", "adult_by_id", "answered_by", "eligible_on", "evidence", "external_id", "finished_at", "finished_by_id", "follows_id", "id", "interpreter", "kind", "language", "mode", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reason", "received_at", "received_seq", "source", "started_at", "started_by_id", "stopped_at", "stopped_because", "stopped_by_id", "tags", "verdict", "verdict_because", "version") VALUES (OLD."adult_at", OLD."adult_because", OLD."adult_by_id", OLD."answered_by", OLD."eligible_on", OLD."evidence", OLD."external_id", OLD."finished_at", OLD."finished_by_id", OLD."follows_id", OLD."id", OLD."interpreter", OLD."kind", OLD."language", OLD."mode", OLD."patient_id", NOW(), \'changed\', OLD."id", OLD."program", OLD."public_id", OLD."reason", OLD."received_at", OLD."received_seq", OLD."source", OLD."started_at", OLD."started_by_id", OLD."stopped_at", OLD."stopped_because", OLD."stopped_by_id", OLD."tags", OLD."verdict", OLD."verdict_because", OLD."version"); RETURN NULL;', hash='058773e936bc6ba279043dd4ca3e10dd8d603ee8', operation='UPDATE', pgid='pgtrigger_changed_update_612e8', table='assessment_assessment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "assessment_assessmenthistory" ("adult_at", "adult_because", "adult_by_id", "answered_by", "eligible_on", "evidence", "external_id", "finished_at", "finished_by_id", "follows_id", "id", "interpreter", "kind", "language", "mode", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reason", "received_at", "received_seq", "source", "started_at", "started_by_id", "stopped_at", "stopped_because", "stopped_by_id", "tags", "verdict", "verdict_because", "version") VALUES (OLD."adult_at", OLD."adult_because", OLD."adult_by_id", OLD."answered_by", OLD."eligible_on", OLD."evidence", OLD."external_id", OLD."finished_at", OLD."finished_by_id", OLD."follows_id", OLD."id", OLD."interpreter", OLD."kind", OLD."language", OLD."mode", OLD."patient_id", NOW(), \'removed\', OLD."id", OLD."program", OLD."public_id", OLD."reason", OLD."received_at", OLD."received_seq", OLD."source", OLD."started_at", OLD."started_by_id", OLD."stopped_at", OLD."stopped_because", OLD."stopped_by_id", OLD."tags", OLD."verdict", OLD."verdict_because", OLD."version"); RETURN NULL;', hash='90e76aa8b3719c6eb1bd4f81a1219fc59c4eada5', operation='DELETE', pgid='pgtrigger_removed_delete_57432', table='assessment_assessment', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('adult_at__isnull', True), ('adult_because', ''), ('adult_by__isnull', True)), models.Q(('adult_at__isnull', False), ('adult_because__regex', '\\S'), ('adult_by__isnull', False)), _connector='OR'), name='assessment_adult_says_who_and_how'),
        ),
    ]
