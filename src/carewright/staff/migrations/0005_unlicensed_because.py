"""
Keep why somebody's work needs no licence, though others with their role need one.

Rows     Nobody has a reason yet: whoever has no licence on file stays on the list until somebody gives one.
Time     Under a second.
Back     Drops the column.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0004_role_from_groups'),
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
            name='unlicensed_because',
            field=models.TextField(blank=True, default='', help_text='Why their work needs no licence, though others with their role need one.'),
        ),
        migrations.AddField(
            model_name='userhistory',
            name='unlicensed_because',
            field=models.TextField(blank=True, default='', help_text='Why their work needs no licence, though others with their role need one.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."added_at" IS DISTINCT FROM (NEW."added_at") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."dropped_at" IS DISTINCT FROM (NEW."dropped_at") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."role_from_groups" IS DISTINCT FROM (NEW."role_from_groups") OR OLD."unlicensed_because" IS DISTINCT FROM (NEW."unlicensed_because"))', func='INSERT INTO "staff_userhistory" ("added_at", "credential", "dropped_at", "email", "first_name", "id", "is_active", "last_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "preferences", "role", "role_from_groups", "unlicensed_because") VALUES (OLD."added_at", OLD."credential", OLD."dropped_at", OLD."email", OLD."first_name", OLD."id", OLD."is_active", OLD."last_name", NOW(), \'changed\', OLD."id", OLD."preferences", OLD."role", OLD."role_from_groups", OLD."unlicensed_because"); RETURN NULL;', hash='a95bc15128b5343ebcd0902dc1ec391cec5c8d37', operation='UPDATE', pgid='pgtrigger_changed_update_e1d8c', table='staff_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_userhistory" ("added_at", "credential", "dropped_at", "email", "first_name", "id", "is_active", "last_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "preferences", "role", "role_from_groups", "unlicensed_because") VALUES (OLD."added_at", OLD."credential", OLD."dropped_at", OLD."email", OLD."first_name", OLD."id", OLD."is_active", OLD."last_name", NOW(), \'removed\', OLD."id", OLD."preferences", OLD."role", OLD."role_from_groups", OLD."unlicensed_because"); RETURN NULL;', hash='b27d4013a4c97cc05bfc4c9ecd32fdb9999c846a', operation='DELETE', pgid='pgtrigger_removed_delete_12cc1', table='staff_user', when='AFTER')),
        ),
    ]
