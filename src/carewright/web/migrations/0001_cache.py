"""
The table behind the cache: counts of wrong passwords, and nothing about patients.

Why      Lock-outs must hold in every process and survive a restart, so they are counted in the database.
Rows     None at first; Django throws old ones away by itself.
Worked   The sign-in page answers.
Back     Dropping the table forgets the counts, nothing else.
"""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            sql=[
                "create table if not exists carewright_cache ("
                "cache_key varchar(255) primary key, value text not null, expires timestamptz not null)",
                "create index if not exists carewright_cache_expires on carewright_cache (expires)",
            ],
            reverse_sql="drop table if exists carewright_cache",
        )
    ]
