"""
Mark the roles that the groups of the identity provider gave, as the access log tells it.

Why      Only from now on is it written beside the role; whoever lost their groups before must not keep it for good.
Rows     Accounts whose role was last given by `system:identity_provider`.
Time     Under a second for a few thousand accounts.
Safe     Nobody is shut out by it: that happens at a sign-in, and says why.
Back     Nothing to undo: an administrator's word takes its place.
"""

from django.db import migrations

FROM_THE_LOG = """
update staff_user u set role_from_groups = true
from (
    select distinct on (what) what, "by" from audit_entry
    where did in ('added_person', 'changed_role') and what like 'user:%'
    order by what, id desc
) last
where last.what = 'user:' || u.id and last."by" = 'system:identity_provider' and not u.role_from_groups
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_wall_planned_quickly"),
        ("staff", "0004_role_from_groups"),
        ("audit", "0001_initial"),
    ]
    operations = [migrations.RunSQL(FROM_THE_LOG, migrations.RunSQL.noop)]
