"""
What the registry learned to hold goes behind the wall, and the words of names keep themselves in step.

Why      Preferences, authorities, possible matches and joins are about patients, so the database shows the web's role
         only those of patients whom the acting person may see (see access/migrations/0003_row_security.py). A possible
         match shows two people, so it takes sight of both. A join is seen by whoever sees the record that was kept.
Words    `registry_nameword` holds each word of each name, written by triggers: bulk loads and plain SQL keep it too.
         The triggers run as the owner, so that a word is never missing because of who renamed somebody.
Time     Filling the words of 1,000,000 people takes about ten seconds; the indexes are there already.
Locks    A moment's exclusive lock on each table.
Back     Drops the policies, the triggers and the functions.
"""

from django.db import migrations

from carewright.plumbing.row_security import APP_ROLE, POLICY, append_only, protect, sight

ABOUT_ONE = ("authority", "fieldsource", "nameword", "join")
HISTORIES = (
    "patientpreferencehistory", "fieldsourcehistory", "authorityhistory", "possiblematchhistory", "joinhistory",
)  # fmt: skip

WORDS = r"""
CREATE FUNCTION registry_words_of_new_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO registry_nameword (patient_id, word, is_preferred)
    SELECT DISTINCT a.id, w.word, false FROM added a
    CROSS JOIN LATERAL string_to_table(a.sort_name, ' ') AS w (word) WHERE w.word <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER words_of_new_names AFTER INSERT ON registry_patient
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION registry_words_of_new_names();

CREATE FUNCTION registry_words_of_a_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM registry_nameword WHERE patient_id = NEW.id AND NOT is_preferred;
    INSERT INTO registry_nameword (patient_id, word, is_preferred)
    SELECT DISTINCT NEW.id, w.word, false FROM string_to_table(NEW.sort_name, ' ') AS w (word) WHERE w.word <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER words_of_a_name AFTER UPDATE OF sort_name ON registry_patient
    FOR EACH ROW WHEN (OLD.sort_name IS DISTINCT FROM NEW.sort_name) EXECUTE FUNCTION registry_words_of_a_name();

CREATE FUNCTION registry_words_of_a_preferred_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM registry_nameword WHERE patient_id = OLD.patient_id AND is_preferred;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO registry_nameword (patient_id, word, is_preferred)
        SELECT DISTINCT NEW.patient_id, w.word, true
        FROM string_to_table(NEW.preferred_key, ' ') AS w (word) WHERE w.word <> ''
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER words_of_a_preferred_name AFTER INSERT OR UPDATE OR DELETE ON registry_patientpreference
    FOR EACH ROW EXECUTE FUNCTION registry_words_of_a_preferred_name();

INSERT INTO registry_nameword (patient_id, word, is_preferred)
SELECT DISTINCT p.id, w.word, false FROM registry_patient p
CROSS JOIN LATERAL string_to_table(p.sort_name, ' ') AS w (word) WHERE w.word <> '';
"""

NO_WORDS = """
DROP TRIGGER words_of_new_names ON registry_patient;
DROP TRIGGER words_of_a_name ON registry_patient;
DROP TRIGGER words_of_a_preferred_name ON registry_patientpreference;
DROP FUNCTION registry_words_of_new_names();
DROP FUNCTION registry_words_of_a_name();
DROP FUNCTION registry_words_of_a_preferred_name();
"""


def protect_by(table, condition):
    """A table behind the wall by a condition of its own."""
    return migrations.RunSQL(
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
        f'CREATE POLICY {POLICY} ON "{table}" FOR ALL TO {APP_ROLE} USING ({condition}) WITH CHECK ({condition});',
        f'DROP POLICY {POLICY} ON "{table}"; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;',
    )


def both(table):
    """Sight of both records of a pair."""
    return f'({sight(f"{table}.patient_id")}) AND ({sight(f"{table}.other_id")})'


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_people"), ("access", "0004_broken_glass_counts_at_once")]
    operations = [
        *[operation for name in ABOUT_ONE for operation in protect(f"registry_{name}")],
        *protect("registry_patientpreference"),
        *[operation for name in HISTORIES if "match" not in name for operation in protect(f"registry_{name}")],
        protect_by("registry_possiblematch", both("registry_possiblematch")),
        protect_by("registry_possiblematchhistory", both("registry_possiblematchhistory")),
        protect_by(
            "registry_joinedrows", "EXISTS (SELECT 1 FROM registry_join j WHERE j.id = registry_joinedrows.join_id)"
        ),
        *append_only(*(f"registry_{name}" for name in HISTORIES)),
        migrations.RunSQL(WORDS, NO_WORDS),
    ]
