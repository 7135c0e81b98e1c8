"""The house keeps its own rules."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
OURS = [ROOT / name for name in TRACKED if (ROOT / name).is_file()]
PYTHON = [path for path in OURS if path.suffix == ".py" and "migrations" not in path.parts]
TEXT = {".py", ".md", ".html", ".sql", ".toml", ".sh", ".css", ".js", ".yaml", ".txt", ""}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "managers", "signals", "base"}


def name(path):
    return str(path.relative_to(ROOT))


def test_a_floor_stands_only_on_the_floors_below_it():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_no_file_is_longer_than_500_lines(path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 500, "Split it into a folder of the same name."


def test_no_file_is_called_by_a_word_that_says_nothing():
    bad = [name(path) for path in PYTHON if path.stem in FORBIDDEN_NAMES or FORBIDDEN_NAMES & set(path.parent.parts)]
    assert not bad


def test_nothing_names_a_place_of_somebody_s_machine():
    place = re.compile(r"(/work/|/root/|/home/[a-z]+/|" + "/" + "farm/)")
    bad = [
        f"{name(path)}: {found.group()}"
        for path in OURS
        if path.suffix in TEXT and path != Path(__file__) and path.name != "LICENSE"
        for found in [place.search(path.read_text(errors="replace"))]
        if found
    ]
    assert not bad


def test_the_product_never_reads_what_lies_beside_it():
    bad = [
        name(path) for path in OURS if "src" in path.parts and path.suffix in TEXT and "../shared" in path.read_text()
    ]
    assert not bad


def test_no_loose_ends():
    loose = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b")
    bad = [name(path) for path in PYTHON if loose.search(path.read_text())]
    assert not bad


def test_the_lock_names_no_registry():
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_every_table_of_knowledge_says_where_it_is_from():
    import gzip

    folder = ROOT / "src" / "carewright" / "knowledge"
    for path in [*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            first = file.readline()
        for word in ("source:", "edition:", "licence:"):
            assert first.startswith("#") and word in first, f"{name(path)} does not say its {word[:-1]}"


def test_every_migration_is_written():
    # In a process of its own: other tests make models that are nobody's.
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "carewright.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_the_generated_pages_are_current():
    from carewright.cli.dev import pages

    stale = [
        path
        for path, text in pages.render().items()
        if not (ROOT / "docs" / path).exists() or (ROOT / "docs" / path).read_text(encoding="utf-8") != text
    ]
    assert not stale, "Run ./carewright dev docs."


def test_the_catalogue_for_translators_is_current():
    from carewright.cli.dev import catalogue

    assert catalogue.FILE.read_text(encoding="utf-8") == catalogue.written(), "Run ./carewright dev words."


def test_each_decision_names_what_holds_us_to_it():
    for record in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        text = record.read_text()
        for head in ("## Context", "## Decision", "## Consequences", "## How we are held to it"):
            assert head in text, f"{record.name} lacks {head!r}"
        held = text.split("## How we are held to it")[1]
        for path in re.findall(r"`((?:tests|src)/[\w/.]+\.\w+)", held):
            assert (ROOT / path).exists(), f"{record.name} names {path}, which does not exist"


def test_a_command_waits_for_no_library_it_does_not_need():
    """The libraries of the warehouse are half of what a start costs; only commands that use them load them."""
    asked = (
        "import django, sys; django.setup(); print([m for m in ('duckdb', 'pyarrow', 'sqlglot') if m in sys.modules])"
    )
    settings = os.environ | {"DJANGO_SETTINGS_MODULE": "carewright.settings", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", asked], env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
