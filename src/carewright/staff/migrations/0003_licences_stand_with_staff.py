"""
Take over the licences of the people who work here from enrollment, with their history: closing a safety alarm asks for
them too, and that stands below enrollment.

Rows     Both tables were renamed by enrollment's 0006; here they get their model and their triggers.
Time     Under a second.
Back     The triggers go; enrollment's 0006 names the tables back.
"""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0002_history'),
        ('enrollment', '0006_licences_stand_with_staff'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Licence',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.TextField(help_text='RN, LPN, LCSW, PharmD, …')),
                        ('state', models.TextField(help_text='Two letters, or COMPACT for a multistate licence.')),
                        ('number', models.TextField(blank=True, default='')),
                        ('expires_on', models.DateField(help_text='The last day, inclusive.')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['user', 'kind', 'state'],
                    },
                ),
                migrations.CreateModel(
                    name='LicenceHistory',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_by', models.TextField(db_default=django.db.models.functions.comparison.Coalesce(django.db.models.functions.comparison.NullIf(models.Func(models.Value('carewright.actor'), models.Value(True), function='current_setting', output_field=models.TextField()), models.Value('')), django.db.models.functions.text.Concat(models.Value('database:'), models.Func(function='session_user', output_field=models.TextField(), template='%(function)s::text'))))),
                        ('id', models.BigIntegerField()),
                        ('kind', models.TextField(help_text='RN, LPN, LCSW, PharmD, …')),
                        ('state', models.TextField(help_text='Two letters, or COMPACT for a multistate licence.')),
                        ('number', models.TextField(blank=True, default='')),
                        ('expires_on', models.DateField(help_text='The last day, inclusive.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='+', to='staff.licence')),
                        ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddConstraint(
                    model_name='licence',
                    constraint=models.UniqueConstraint(fields=('user', 'kind', 'state'), name='licence_once', violation_error_message='This licence is on file already; change its last day instead.'),
                ),
                migrations.AddConstraint(
                    model_name='licence',
                    constraint=models.CheckConstraint(condition=models.Q(('state', 'COMPACT'), ('state__regex', '^[A-Z]{2}$'), _connector='OR'), name='licence_state_is_written_in_letters', violation_error_message='Write the state with two letters, or COMPACT.'),
                ),
                migrations.AddConstraint(
                    model_name='licence',
                    constraint=models.CheckConstraint(condition=models.Q(('kind__regex', '\\S')), name='licence_kind_not_blank', violation_error_message='Kind cannot be empty.'),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='licence',
            trigger=pgtrigger.compiler.Trigger(name='changed_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "staff_licencehistory" ("expires_on", "id", "kind", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "user_id") VALUES (OLD."expires_on", OLD."id", OLD."kind", OLD."number", NOW(), \'changed\', OLD."id", OLD."state", OLD."user_id"); RETURN NULL;', hash='b74ade815cac449e399334f38a773668b88f8deb', operation='UPDATE', pgid='pgtrigger_changed_update_2d307', table='staff_licence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='licence',
            trigger=pgtrigger.compiler.Trigger(name='removed_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "staff_licencehistory" ("expires_on", "id", "kind", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "user_id") VALUES (OLD."expires_on", OLD."id", OLD."kind", OLD."number", NOW(), \'removed\', OLD."id", OLD."state", OLD."user_id"); RETURN NULL;', hash='d17c25dd9c13947e08f977204b736715d96098d0', operation='DELETE', pgid='pgtrigger_removed_delete_ee9e7', table='staff_licence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='licencehistory',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9b144f60f964dca3f6624bc269b0e4db69c73231', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_04eb6', table='staff_licencehistory', when='BEFORE')),
        ),
    ]
