"""
Keep the signature that somebody drew on the screen with their consent.

Rows     Consents given before have none; their digests do not change.
Time     Under a second.
Back     Drops the column.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0006_licences_stand_with_staff'),
        ('registry', '0007_where_a_field_is_from'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='consent',
            name='changed_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='consent',
            name='removed_delete',
        ),
        migrations.AddField(
            model_name='consent',
            name='drawn',
            field=models.TextField(blank=True, default='', help_text='The signature as it was drawn: a PNG in base64.'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='drawn',
            field=models.TextField(blank=True, default='', help_text='The signature as it was drawn: a PNG in base64.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "enrollment_consenthistory" ("answer", "at", "authority", "because", "by_id", "drawn", "elements", "final_until", "given_by", "how", "id", "interpreter", "language", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reopened_at", "reopened_because", "signed_name", "source", "version", "withdrawn_at", "withdrawn_by", "withdrawn_how", "withdrawn_words") VALUES (OLD."answer", OLD."at", OLD."authority", OLD."because", OLD."by_id", OLD."drawn", OLD."elements", OLD."final_until", OLD."given_by", OLD."how", OLD."id", OLD."interpreter", OLD."language", OLD."patient_id", NOW(), \'changed\', OLD."id", OLD."program", OLD."public_id", OLD."reopened_at", OLD."reopened_because", OLD."signed_name", OLD."source", OLD."version", OLD."withdrawn_at", OLD."withdrawn_by", OLD."withdrawn_how", OLD."withdrawn_words"); RETURN NULL;', hash='1505a278fdaf1d4ec81c537ad6d2510a6058df77', operation='UPDATE', pgid='pgtrigger_changed_update_07cf7', table='enrollment_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "enrollment_consenthistory" ("answer", "at", "authority", "because", "by_id", "drawn", "elements", "final_until", "given_by", "how", "id", "interpreter", "language", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "public_id", "reopened_at", "reopened_because", "signed_name", "source", "version", "withdrawn_at", "withdrawn_by", "withdrawn_how", "withdrawn_words") VALUES (OLD."answer", OLD."at", OLD."authority", OLD."because", OLD."by_id", OLD."drawn", OLD."elements", OLD."final_until", OLD."given_by", OLD."how", OLD."id", OLD."interpreter", OLD."language", OLD."patient_id", NOW(), \'removed\', OLD."id", OLD."program", OLD."public_id", OLD."reopened_at", OLD."reopened_because", OLD."signed_name", OLD."source", OLD."version", OLD."withdrawn_at", OLD."withdrawn_by", OLD."withdrawn_how", OLD."withdrawn_words"); RETURN NULL;', hash='a176466d3da7c74827f7efdce2c8e2257ef5ea8b', operation='DELETE', pgid='pgtrigger_removed_delete_6c448', table='enrollment_consent', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('drawn', ''), models.Q(('answer', 'agreed'), ('how', 'e_signed')), _connector='OR'), name='consent_drawn_on_the_screen_only'),
        ),
    ]
