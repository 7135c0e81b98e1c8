"""Every write is a function named by its verb, with `by=`, and it is written down in the access log."""

import ast
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
WRITERS = {"change", "happened", "saw", "saw_list", "exported", "refused"}
# Modules that change things under another name than actions.py, because they stand on the access floor.
ALSO_ACTIONS = (
    "access/people.py", "access/ties.py", "access/break_glass.py", "tasks/alarms.py", "tasks/on_call.py",
    "tasks/arrivals.py", "enrollment/referring.py", "enrollment/triaging.py", "enrollment/reaching.py",
    "enrollment/consenting.py", "enrollment/enrolling.py", "enrollment/deaths.py", "enrollment/caseload.py",
    "registry/deaths.py",
)  # fmt: skip
# Functions in those modules that are questions, or that stand outside the rule, each with its reason.
EXCEPTIONS = {
    "carewright.enrollment.referring.link_of": "a question: the practice's link with a secret",
    "carewright.enrollment.referring.referral_of": "a question: the referral with a code",
    "carewright.enrollment.referring.too_many": "a question: whether an address used up its hour",
    "carewright.enrollment.referring.new_code": "makes a code and writes nothing",
    "carewright.enrollment.referring.fingerprint": "a question: what is kept of a secret",
    "carewright.enrollment.referring.digits": "a question: the digits of a number",
    "carewright.enrollment.referring.born_on": "a question: a birth date as typed",
    "carewright.enrollment.referring.surely": "a question: whom a number and a birth date name",
    "carewright.enrollment.referring.codes_only": "a question: which codes a form offered",
    "carewright.enrollment.reaching.next_step": "a question: what comes next",
    "carewright.enrollment.reaching.rule_of": "a question: the attempt rule on a day",
    "carewright.enrollment.reaching.attempts_of": "a question: what was tried",
    "carewright.enrollment.reaching.as_attempts": "a question: contacts as the rules see them",
    "carewright.enrollment.reaching.zone_of": "a question: the time zone of a patient",
    "carewright.enrollment.reaching.program_suggested": "a question: which program suggests somebody",
    "carewright.enrollment.reaching.allow_contact": "writes through the gate, which writes it down",
    "carewright.enrollment.consenting.covering": "a question: the consent that covers a disclosure",
    "carewright.enrollment.consenting.days_a_no_holds": "a question: a number of the program",
    "carewright.enrollment.enrolling.told_of_lead": "a question: the letter that tells a patient who leads",
    "carewright.enrollment.caseload.preview": "a question: what files would do",
    "carewright.population.actions.on_the_way": "a question: the numbers a site may set",
    "carewright.access.people.invited": "a question: whom an invitation is for",
    "carewright.access.ties.said": "a question: a population in words",
    "carewright.access.ties.payers": "a question: which payers there are",
    "carewright.access.break_glass.find_exactly": "a question; every failed try is noted by the page that asks it",
    "carewright.tasks.on_call.at": "a question: the shift that runs",
    "carewright.tasks.on_call.whom_to_tell": "a question: whom an alarm is told to",
    "carewright.tasks.on_call.gaps": "a question: hours nobody covers",
    "carewright.tasks.on_call.uncovered": "a question: what spans leave open",
    "carewright.tasks.on_call.gaps_ahead": "a question: the coming week",
    "carewright.tasks.on_call.gap_count": "a question: for the sidebar",
    "carewright.tasks.on_call.shifts_between": "a question: the roster of some days",
    "carewright.tasks.arrivals.owner_for": "a question: whose work it is",
    "carewright.tasks.arrivals.answer_by": "a question: by when a text is answered",
    "carewright.population.actions.threshold_of": "a question: the declared number with a key",
}


def modules() -> list[str]:
    files = [path for path in (SRC / "carewright").glob("*/actions.py") if path.parent.name != "audit"]
    files += [SRC / "carewright" / name for name in ALSO_ACTIONS]
    return sorted(str(path.relative_to(SRC).with_suffix("")).replace("/", ".") for path in files if path.exists())


@cache
def parsed(module: str) -> ast.Module | None:
    path = SRC / (module.replace(".", "/") + ".py")
    if not path.exists():
        path = SRC / module.replace(".", "/") / "__init__.py"
    return ast.parse(path.read_text()) if path.exists() else None


@cache
def functions(module: str) -> dict[str, ast.FunctionDef]:
    tree = parsed(module)
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} if tree else {}


@cache
def imported(module: str) -> dict[str, str]:
    """Names in a module that stand for something of ours: `audit` → `carewright.audit.actions`."""
    found = {}
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("carewright"):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def writes(module: str, function: str, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether a function reaches the log: itself, or through a function of ours that it calls."""
    if (module, function) in seen or function not in functions(module):
        return False
    seen |= {(module, function)}
    names = imported(module)
    for call in (node for node in ast.walk(functions(module)[function]) if isinstance(node, ast.Call)):
        called = call.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            target = names.get(called.value.id, "")
            if target == "carewright.audit.actions" and called.attr in WRITERS:
                return True
            if target and writes(target, called.attr, seen):
                return True
        elif isinstance(called, ast.Name):
            target = names.get(called.id)
            there, what = target.rsplit(".", 1) if target else (module, called.id)
            if writes(there, what, seen):
                return True
    return False


PUBLIC = [
    (module, name)
    for module in modules()
    for name in functions(module)
    if not name.startswith("_") and f"{module}.{name}" not in EXCEPTIONS
]


def test_there_are_actions():
    assert len(PUBLIC) > 20


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=lambda value: value.removeprefix("carewright."))
def test_an_action_names_who_acts_and_is_written_down(module, name):
    function = functions(module)[name]
    keywords = {argument.arg for argument in function.args.kwonlyargs}
    assert "by" in keywords, f"{module}.{name} takes keyword-only `by=`."
    assert writes(module, name), f"{module}.{name} is inside audit.change, or says audit.happened."


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_is_still_there(name):
    module, function = name.rsplit(".", 1)
    assert function in functions(module), f"{name} is gone; take it off the list."


def test_the_check_itself_tells_a_writer_from_a_silent_function():
    assert writes("carewright.registry.actions", "find_or_add")
    assert not writes("carewright.registry.names", "name_key")
