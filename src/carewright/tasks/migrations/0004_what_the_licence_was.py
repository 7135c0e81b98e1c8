"""
Keep with a closed alarm what was on file of the closer's licence that day: it may have run out, and safety goes first.

Rows     Alarms closed before say nothing of it.
Time     Under a second.
Back     Drops the column.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0003_weighed'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='alarm',
            name='closed_alarm_stays_closed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='alarm',
            name='changed_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='alarm',
            name='removed_delete',
        ),
        migrations.AddField(
            model_name='alarm',
            name='licence',
            field=models.TextField(blank=True, default='', help_text="What was on file of the closer's licence that day, in words."),
        ),
        migrations.AddField(
            model_name='alarmhistory',
            name='licence',
            field=models.TextField(blank=True, default='', help_text="What was on file of the closer's licence that day, in words."),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='closed_alarm_stays_closed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closed_at" IS NOT NULL AND (NEW."closed_at" IS NULL OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."disposition" IS DISTINCT FROM (NEW."disposition") OR OLD."disposition_words" IS DISTINCT FROM (NEW."disposition_words") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."licence" IS DISTINCT FROM (NEW."licence") OR OLD."closed_by_id" IS DISTINCT FROM (NEW."closed_by_id")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='622aaf21adbfcc14ee2c4e30e488df488efef0b2', operation='UPDATE', pgid='pgtrigger_closed_alarm_stays_closed_afa11', table='tasks_alarm', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_alarmhistory" ("accepted_at", "accepted_by_id", "because", "closed_at", "closed_by_id", "code", "credential", "disposition", "disposition_words", "id", "licence", "name", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id", "raised_at", "raised_by_id", "severity", "source_kind", "source_public_id") VALUES (OLD."accepted_at", OLD."accepted_by_id", OLD."because", OLD."closed_at", OLD."closed_by_id", OLD."code", OLD."credential", OLD."disposition", OLD."disposition_words", OLD."id", OLD."licence", OLD."name", OLD."patient_id", NOW(), \'changed\', OLD."id", OLD."public_id", OLD."raised_at", OLD."raised_by_id", OLD."severity", OLD."source_kind", OLD."source_public_id"); RETURN NULL;', hash='1426051d15a977253fbb252af282065e74954e37', operation='UPDATE', pgid='pgtrigger_changed_update_28e34', table='tasks_alarm', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_alarmhistory" ("accepted_at", "accepted_by_id", "because", "closed_at", "closed_by_id", "code", "credential", "disposition", "disposition_words", "id", "licence", "name", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id", "raised_at", "raised_by_id", "severity", "source_kind", "source_public_id") VALUES (OLD."accepted_at", OLD."accepted_by_id", OLD."because", OLD."closed_at", OLD."closed_by_id", OLD."code", OLD."credential", OLD."disposition", OLD."disposition_words", OLD."id", OLD."licence", OLD."name", OLD."patient_id", NOW(), \'removed\', OLD."id", OLD."public_id", OLD."raised_at", OLD."raised_by_id", OLD."severity", OLD."source_kind", OLD."source_public_id"); RETURN NULL;', hash='3de07c7990526bdb33b362617820c8086a5c8832', operation='DELETE', pgid='pgtrigger_removed_delete_1eadd', table='tasks_alarm', when='AFTER')),
        ),
    ]
