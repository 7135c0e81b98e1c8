"""
Write down what was asked when patients go to another lead, and what became of each of them.

Why      A whole caseload is moved by a worker, patient by patient; the page shows how far it is and who could not be moved.
Rows     Two new tables, empty; the one that names patients stands behind the wall.
Back     Drops both.
"""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from carewright.plumbing.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0004_link_history_without_secret'),
        ('registry', '0007_where_a_field_is_from'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseloadMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('because', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='MovedEnrollment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('refused', models.TextField(blank=True, default='', help_text='Why it was not moved, as a sentence.')),
                ('tasks', models.PositiveIntegerField(default=0)),
                ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='enrollment.enrollment')),
                ('move', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='enrollment.caseloadmove')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.patient')),
            ],
        ),
        migrations.AddConstraint(
            model_name='caseloadmove',
            constraint=models.CheckConstraint(condition=models.Q(('because__regex', '\\S')), name='caseload_move_because_not_blank', violation_error_message='Because cannot be empty.'),
        ),
        migrations.AddConstraint(
            model_name='movedenrollment',
            constraint=models.UniqueConstraint(fields=('move', 'enrollment'), name='moved_enrollment_once_per_move'),
        ),
        migrations.AddConstraint(
            model_name='movedenrollment',
            constraint=models.CheckConstraint(condition=models.Q(('refused', ''), ('settled_at__isnull', False), _connector='OR'), name='moved_enrollment_refused_is_settled'),
        ),
        *protect("enrollment_movedenrollment"),
    ]
