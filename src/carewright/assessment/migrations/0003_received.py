"""
Answers that another system sent keep where they came from; taken back by their sender, they count for nothing.

Adds columns with constant defaults and replaces two constraints: no row is rewritten.
"""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0002_row_security'),
        ('registry', '0006_receipts_follow_a_join'),
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
        migrations.RemoveConstraint(
            model_name='assessment',
            name='assessment_one_open_of_a_kind',
        ),
        migrations.RemoveConstraint(
            model_name='assessment',
            name='assessment_finished_or_stopped',
        ),
        migrations.AddField(
            model_name='assessment',
            name='answered_by',
            field=models.TextField(blank=True, default='', help_text='Who answered, as the sender says.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='evidence',
            field=models.TextField(blank=True, default='', help_text='The delivery and line it was read from.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='external_id',
            field=models.TextField(blank=True, db_collation='C', default='', help_text='Its number at the source.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='received_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='received_seq',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='source',
            field=models.TextField(blank=True, default='', help_text='The feed it came from; empty when we asked it.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Sensitivity tags of the whole.', size=None),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='answered_by',
            field=models.TextField(blank=True, default='', help_text='Who answered, as the sender says.'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='evidence',
            field=models.TextField(blank=True, default='', help_text='The delivery and line it was read from.'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='external_id',
            field=models.TextField(blank=True, db_collation='C', default='', help_text='Its number at the source.'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='received_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='received_seq',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='source',
            field=models.TextField(blank=True, default='', help_text='The feed it came from; empty when we asked it.'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Sensitivity tags of the whole.', size=None),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "assessment_assessmenthistory" ("answered_by", "eligible_on", "evidence", "external_id", "finished_at", "finished_by_id", "follows_id", "id", "interpreter", "kind", "language", "mode", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reason", "received_at", "received_seq", "source", "started_at", "started_by_id", "stopped_at", "stopped_because", "stopped_by_id", "tags", "verdict", "verdict_because", "version") VALUES (OLD."answered_by", OLD."eligible_on", OLD."evidence", OLD."external_id", OLD."finished_at", OLD."finished_by_id", OLD."follows_id", OLD."id", OLD."interpreter", OLD."kind", OLD."language", OLD."mode", OLD."patient_id", NOW(), \'changed\', OLD."id", OLD."program", OLD."public_id", OLD."reason", OLD."received_at", OLD."received_seq", OLD."source", OLD."started_at", OLD."started_by_id", OLD."stopped_at", OLD."stopped_because", OLD."stopped_by_id", OLD."tags", OLD."verdict", OLD."verdict_because", OLD."version"); RETURN NULL;', hash='d5199de87684a4eca77079e7300ef50663e57316', operation='UPDATE', pgid='pgtrigger_changed_update_612e8', table='assessment_assessment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "assessment_assessmenthistory" ("answered_by", "eligible_on", "evidence", "external_id", "finished_at", "finished_by_id", "follows_id", "id", "interpreter", "kind", "language", "mode", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reason", "received_at", "received_seq", "source", "started_at", "started_by_id", "stopped_at", "stopped_because", "stopped_by_id", "tags", "verdict", "verdict_because", "version") VALUES (OLD."answered_by", OLD."eligible_on", OLD."evidence", OLD."external_id", OLD."finished_at", OLD."finished_by_id", OLD."follows_id", OLD."id", OLD."interpreter", OLD."kind", OLD."language", OLD."mode", OLD."patient_id", NOW(), \'removed\', OLD."id", OLD."program", OLD."public_id", OLD."reason", OLD."received_at", OLD."received_seq", OLD."source", OLD."started_at", OLD."started_by_id", OLD."stopped_at", OLD."stopped_because", OLD."stopped_by_id", OLD."tags", OLD."verdict", OLD."verdict_because", OLD."version"); RETURN NULL;', hash='cd2d81054b2b78bf76b11c3833e7bf313f88dd46', operation='DELETE', pgid='pgtrigger_removed_delete_57432', table='assessment_assessment', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True), ('stopped_at__isnull', True), models.Q(('reason', 'received'), _negated=True)), fields=('patient', 'kind'), name='assessment_one_open_of_a_kind', violation_error_message='This assessment is open already; go on with it.'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('stopped_at__isnull', True), ('reason', 'received'), _connector='OR'), name='assessment_finished_or_stopped'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('external_id', ''), _negated=True), ('stopped_at__isnull', True)), fields=('source', 'external_id'), name='assessment_received_once'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('reason', 'received'), models.Q(('external_id', ''), ('received_at__isnull', True), ('source', '')), _connector='OR'), name='assessment_only_received_has_a_sender'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('tags__contained_by', ['behavioral', 'hiv', 'minor', 'part2', 'reproductive', 'safety'])), name='assessment_tags_are_known'),
        ),
    ]
