"""
Who gives care in the demo world: hospitals, nursing facilities, laboratories, practices, doctors.

Hospitals, other places and specialists are the same in every block; each block of people has its own family doctors.
Provider numbers (NPI) carry a right check digit and begin with 2, a range that has not been given out: none is a real
provider's.
"""

from dataclasses import dataclass

import numpy as np

from carewright.demo.people import name_lists

HOSPITALS = (
    ("Mercy General Hospital", "60623", "Cook"),
    ("St. Anne Medical Center", "60651", "Cook"),
    ("Bayview Memorial Hospital", "53215", "Milwaukee"),
    ("Lakeshore University Hospital", "53226", "Milwaukee"),
    ("Calumet Community Hospital", "46320", "Lake"),
    ("Prairie Regional Hospital", "60901", "Kankakee"),
    ("North Shore Hospital", "60085", "Lake"),
    ("Root River Medical Center", "53403", "Racine"),
)
NURSING_FACILITIES = ("Bayview Skilled Nursing", "Elm Rehabilitation Center", "Cedar Grove Care Center")
OTHERS = (
    ("Great Lakes Clinical Laboratory", "laboratory"),
    ("Lakeside Home Health", "home health agency"),
    ("Evergreen Hospice", "hospice"),
    ("Crescent Dialysis Center", "dialysis center"),
    ("Bridgeway Recovery Program", "opioid treatment program"),
    ("Midwest Imaging Partners", "imaging center"),
    ("Summit Surgery Center", "ambulatory surgery center"),
    ("Tri-County Ambulance", "ambulance"),
    ("Harborline Medical Supply", "medical supply"),
    ("Oakwood Pharmacy", "pharmacy"),
    ("Corner Drug and Gift", "pharmacy"),
    ("Lakefront Pharmacy", "pharmacy"),
)
PRACTICES = (
    "Oakwood Clinic",
    "Harbor Family Medicine",
    "Cedar Street Health Center",
    "Northshore Primary Care",
    "Riverbend Family Practice",
    "Sixteenth Street Clinic",
    "Calumet Family Health",
    "Kankakee Valley Medicine",
)
SPECIALTIES = (
    "cardiology",
    "nephrology",
    "pulmonology",
    "endocrinology",
    "psychiatry",
    "oncology",
    "orthopedics",
    "neurology",
    "rheumatology",
    "gastroenterology",
    "urology",
    "ophthalmology",
    "infectious_disease",
    "addiction",
    "vascular",
    "obstetrics",
    "emergency",
    "hospitalist",
    "therapy",
    "physical_therapy",
)
OF_EACH_SPECIALTY = 4
DOCTORS_PER_BLOCK = 12
PEDIATRICIANS_PER_BLOCK = 4


def npi(number: int) -> str:
    """A provider number with its check digit (Luhn over the prefix 80840), from a number below 100 million."""
    digits = f"2{number:08d}"
    total = 24
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if at % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


@dataclass(frozen=True)
class Provider:
    """One professional or place: its number, its name in two parts (places have one), what it does and where."""

    npi: str
    name: str
    family: str
    kind: str
    practice: str
    zip_code: str = ""
    place: bool = False


@dataclass
class Directory:
    """Every provider one block knows, in a fixed order; bills point into it by number."""

    everyone: list[Provider]
    hospitals: np.ndarray
    nursing: np.ndarray
    other: dict[str, np.ndarray]
    practices: np.ndarray
    specialists: dict[str, np.ndarray]
    doctors: np.ndarray
    pediatricians: np.ndarray
    practice_of: np.ndarray

    @property
    def shared(self) -> list[Provider]:
        """Those every block knows."""
        return self.everyone[: len(self.everyone) - DOCTORS_PER_BLOCK - PEDIATRICIANS_PER_BLOCK]

    @property
    def own(self) -> list[Provider]:
        """This block's own family doctors and pediatricians."""
        return self.everyone[len(self.shared) :]


def directory(seed: int, block: int) -> Directory:
    """The providers of one block."""
    everyone: list[Provider] = []

    def keep(
        number: int, name: str, family: str, kind: str, practice: str = "", zip_code: str = "", place=False
    ) -> int:
        everyone.append(Provider(npi(number), name, family, kind, practice, zip_code, place))
        return len(everyone) - 1

    hospitals = [keep(100 + i, n, "", "hospital", "", z, True) for i, (n, z, _) in enumerate(HOSPITALS)]
    nursing = [
        keep(200 + i, n, "", "skilled nursing facility", "", "60609", True) for i, n in enumerate(NURSING_FACILITIES)
    ]
    other: dict[str, list[int]] = {}
    for i, (name, kind) in enumerate(OTHERS):
        other.setdefault(kind, []).append(keep(300 + i, name, "", kind, "", "60608", True))
    practices = [keep(400 + i, n, "", "primary care practice", "", "60608", True) for i, n in enumerate(PRACTICES)]
    rng = np.random.Generator(np.random.PCG64([seed, 7]))
    specialists: dict[str, list[int]] = {}
    for i, specialty in enumerate(SPECIALTIES):
        for j in range(OF_EACH_SPECIALTY):
            given, family = _name(rng)
            where = HOSPITALS[(i + j) % len(HOSPITALS)][0]
            group = f"{where.split(' Hospital')[0]} Physicians"
            specialists.setdefault(specialty, []).append(keep(1000 + i * 10 + j, given, family, specialty, group))
    rng = np.random.Generator(np.random.PCG64([seed, 8, block]))
    doctors: list[int] = []
    pediatricians: list[int] = []
    practice_of: list[int] = []
    for j in range(DOCTORS_PER_BLOCK + PEDIATRICIANS_PER_BLOCK):
        given, family = _name(rng)
        given, family = WRITTEN_BY_HAND.get((block, j), (given, family))
        kind = "family medicine" if j < DOCTORS_PER_BLOCK else "pediatrics"
        number = keep(100_000 + block * 50 + j, given, family, kind, PRACTICES[j % len(PRACTICES)])
        (doctors if j < DOCTORS_PER_BLOCK else pediatricians).append(number)
        practice_of.append(practices[j % len(PRACTICES)])
    return Directory(
        everyone=everyone,
        hospitals=np.array(hospitals),
        nursing=np.array(nursing),
        other={kind: np.array(numbers) for kind, numbers in other.items()},
        practices=np.array(practices),
        specialists={kind: np.array(numbers) for kind, numbers in specialists.items()},
        doctors=np.array(doctors),
        pediatricians=np.array(pediatricians),
        practice_of=np.array(practice_of),
    )


WRITTEN_BY_HAND = {(0, 0): ("Priya", "Shah"), (0, 1): ("Ellen", "Park")}
"""Doctors the people of the walkthroughs see: Dr. Shah of Oakwood Clinic, Dr. Park of Harbor Family Medicine."""


def _name(rng: np.random.Generator) -> tuple[str, str]:
    given_of, family_of, given, family = name_lists()
    people, sex = int(rng.integers(0, 5)), int(rng.integers(0, 2))
    start, length = given_of[people, sex]
    first = given[start + int(rng.integers(0, length))]
    start, length = family_of[people]
    return first, family[start + int(rng.integers(0, length))]
