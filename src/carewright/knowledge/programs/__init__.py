"""
The programs we know, one file each, in the order pages show them.

A site adds its own by declaring a `Program` and the SQL step that answers its lines; nothing else changes.
"""

from carewright.knowledge.program import EVERY_PROGRAM, Program, Threshold
from carewright.knowledge.programs.chronic_care import CHRONIC_CARE
from carewright.knowledge.programs.complex_care import COMPLEX_CARE
from carewright.knowledge.programs.every_program import RULES_FOR_ALL
from carewright.knowledge.programs.social_needs import SOCIAL_NEEDS
from carewright.knowledge.programs.transitional_care import TRANSITIONAL_CARE

PROGRAMS: tuple[Program, ...] = (COMPLEX_CARE, CHRONIC_CARE, TRANSITIONAL_CARE, SOCIAL_NEEDS)
ALL_RULES: tuple[Program, ...] = (RULES_FOR_ALL, *PROGRAMS)
BY_CODE: dict[str, Program] = {program.code: program for program in ALL_RULES}


def program_named(code: str) -> Program | None:
    """The program with this code, or None: a code may outlive the program it named."""
    return BY_CODE.get(code)


def name_of(code: str) -> str:
    """What people call the program; the code itself when it is no longer declared."""
    found = BY_CODE.get(code)
    return found.name if found else code


__all__ = ["ALL_RULES", "BY_CODE", "EVERY_PROGRAM", "PROGRAMS", "Program", "Threshold", "name_of", "program_named"]
