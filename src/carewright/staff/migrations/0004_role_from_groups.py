"""
Say of each account whether its role came from the groups of the identity provider, and when those dropped it.

Why      A role that came from a group has to go with the group (see `web/identity_provider.py`).
Rows     Every account gets two columns; which roles came from groups is filled in by access/0006.
Time     Under a second.
Safe     Code of the release before reads and writes accounts as ever.
Back     The columns may go; nothing else knows them.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0003_licences_stand_with_staff'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='user',
            name='changed_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='user',
            name='removed_delete',
        ),
        migrations.AddField(
            model_name='user',
            name='dropped_at',
            field=models.DateTimeField(blank=True, help_text='When no group of theirs was a role any more; the account is closed since.', null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='role_from_groups',
            field=models.BooleanField(default=False, help_text="The identity provider's groups said the role; an administrator's word ends that."),
        ),
        migrations.AddField(
            model_name='userhistory',
            name='dropped_at',
            field=models.DateTimeField(blank=True, help_text='When no group of theirs was a role any more; the account is closed since.', null=True),
        ),
        migrations.AddField(
            model_name='userhistory',
            name='role_from_groups',
            field=models.BooleanField(default=False, help_text="The identity provider's groups said the role; an administrator's word ends that."),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."added_at" IS DISTINCT FROM (NEW."added_at") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."dropped_at" IS DISTINCT FROM (NEW."dropped_at") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."role_from_groups" IS DISTINCT FROM (NEW."role_from_groups"))', func='INSERT INTO "staff_userhistory" ("added_at", "credential", "dropped_at", "email", "first_name", "id", "is_active", "last_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "preferences", "role", "role_from_groups") VALUES (OLD."added_at", OLD."credential", OLD."dropped_at", OLD."email", OLD."first_name", OLD."id", OLD."is_active", OLD."last_name", NOW(), \'changed\', OLD."id", OLD."preferences", OLD."role", OLD."role_from_groups"); RETURN NULL;', hash='444b81783436eb7e205b2adee3a23ad2679d20a0', operation='UPDATE', pgid='pgtrigger_changed_update_e1d8c', table='staff_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_userhistory" ("added_at", "credential", "dropped_at", "email", "first_name", "id", "is_active", "last_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "preferences", "role", "role_from_groups") VALUES (OLD."added_at", OLD."credential", OLD."dropped_at", OLD."email", OLD."first_name", OLD."id", OLD."is_active", OLD."last_name", NOW(), \'removed\', OLD."id", OLD."preferences", OLD."role", OLD."role_from_groups"); RETURN NULL;', hash='3233be49e02a002fb85eee6b0b2263cd6d0d8255', operation='DELETE', pgid='pgtrigger_removed_delete_12cc1', table='staff_user', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('dropped_at__isnull', True), models.Q(('is_active', False), ('role_from_groups', True)), _connector='OR'), name='user_dropped_is_closed', violation_error_message='Whom the groups dropped has a closed account and a role that came from groups.'),
        ),
    ]
