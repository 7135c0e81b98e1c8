"""
The database tells, when a transaction is committed, whom it concerns: what My Day reads, and the end of a session.

What is told are numbers of rows (`user:12`, `team:3`, `alarm:77`) and of an ended session a mark that opens nothing.
"""

from django.db import migrations

TOLD = {
    "tasks_task": (("user", "owner_user_id"), ("team", "owner_team_id")),
    "tasks_alarm": (("alarm", "id"), ("user", "accepted_by_id")),
    "tasks_paging": (("user", "user_id"),),
    "tasks_oncallshift": (("user", "user_id"), ("user", "backup_user_id")),
    "access_tie": (("user", "user_id"), ("team", "team_id")),
    "enrollment_enrollment": (("user", "lead_id"),),
    "staff_membership": (("user", "user_id"),),
}
TELL = """
CREATE FUNCTION web_tell_staff_user() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('carewright_day', 'user:' || NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER web_tells AFTER UPDATE ON staff_user FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.is_active IS DISTINCT FROM NEW.is_active)
    EXECUTE FUNCTION web_tell_staff_user();
CREATE FUNCTION web_tell_django_session() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_notify(
        'carewright_day', 'session:' || left(encode(sha256(convert_to(OLD.session_key, 'UTF8')), 'hex'), 16)
    );
    RETURN NULL;
END $$;
CREATE TRIGGER web_tells AFTER DELETE ON django_session FOR EACH ROW EXECUTE FUNCTION web_tell_django_session();
"""
TELL_NOT = """
DROP TRIGGER web_tells ON django_session;
DROP FUNCTION web_tell_django_session();
DROP TRIGGER web_tells ON staff_user;
DROP FUNCTION web_tell_staff_user();
"""


def tells(table: str, columns: tuple[tuple[str, str], ...]) -> migrations.RunSQL:
    """Tell of each row that comes, goes or changes; of a changed one whom it concerned and whom it concerns."""

    def of(row: str) -> str:
        return " ".join(
            f"IF {row}.{column} IS NOT NULL THEN PERFORM pg_notify('carewright_day', '{kind}:' || {row}.{column}); END IF;"
            for kind, column in columns
        )

    return migrations.RunSQL(
        f"""
CREATE FUNCTION web_tell_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN {of("OLD")} END IF;
    IF TG_OP <> 'DELETE' THEN {of("NEW")} END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER web_tells AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION web_tell_{table}();
""",
        f"DROP TRIGGER web_tells ON {table}; DROP FUNCTION web_tell_{table}();",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0002_on_file"),
        ("access", "0001_initial"),
        ("enrollment", "0001_initial"),
        ("sessions", "0001_initial"),
        ("staff", "0001_initial"),
        ("tasks", "0001_initial"),
    ]
    operations = [migrations.RunSQL(TELL, TELL_NOT), *(tells(table, columns) for table, columns in TOLD.items())]
