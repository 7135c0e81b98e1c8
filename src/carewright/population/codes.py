"""Codes in words, for pages: what an ICD-10-CM code says, and what a language is called."""

from functools import cache

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from carewright.knowledge import medicines, table


@cache
def _icd10cm() -> dict[str, str]:
    """Every ICD-10-CM code without its dot, with its description; read once, when first asked."""
    return {row["code"]: row["description"] for row in table.rows("value_sets/icd10cm.csv.gz")}


def in_words(code: str) -> str:
    """
    What an ICD-10-CM code says, with or without its dot; nothing for a code we do not know.

    >>> in_words("I50.22")
    'Chronic systolic (congestive) heart failure'
    """
    return _icd10cm().get((code or "").replace(".", "").upper(), "")


def dotted(code: str) -> str:
    """
    An ICD-10-CM code as people write it, with its dot; any other code as it is.

    >>> dotted("I5022"), dotted("I10"), dotted("99213")
    ('I50.22', 'I10', '99213')
    """
    bare = (code or "").replace(".", "").upper()
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 and bare in _icd10cm() else code or ""


def medicine_name(ndc: str) -> str:
    """
    What RxNorm calls the product of a drug number; nothing for a number our table does not know.

    >>> medicine_name("00143971301"), medicine_name("00000000000")
    ('lisinopril 20 MG Oral Tablet', '')
    """
    product = medicines.product_of(ndc)
    return product.name if product else ""


@cache
def _names(table_name: str) -> dict[str, str]:
    return {row["code"]: row["name"] for row in table.rows(f"value_sets/{table_name}.csv")}


_TABLES = {
    "drg_code": ("ms_drg", 3),
    "revenue_center_code": ("revenue_center", 4),
    "bill_type_code": ("bill_type", 0),
    "admit_type_code": ("admit_type", 0),
    "admit_source_code": ("admit_source", 0),
    "discharge_disposition_code": ("discharge_status", 2),
    "place_of_service_code": ("place_of_service", 2),
}
"""Which table says what a column's codes mean, and how many digits its codes have (0: as sent)."""


def cell_in_words(column: str, code: object) -> str:
    """
    What the code in a column of a landed row says; nothing for a column without codes and for a code we do not know.

    >>> cell_in_words("admit_type_code", "1"), cell_in_words("discharge_disposition_code", "1")
    ('Emergency', 'Home')
    """
    said = str(code or "").strip()
    if column.startswith("diagnosis_code_") or column in ("source_code", "normalized_code"):
        return in_words(said)
    if column == "ndc_code":
        return medicine_name(said)
    if column not in _TABLES or not said:
        return ""
    name, digits = _TABLES[column]
    if column == "bill_type_code":
        said = said.lstrip("0")[:2]
    return _names(name).get(said.zfill(digits) if said.isdigit() else said, "")


def is_npi(text: str) -> bool:
    """
    Whether a text has the shape of a national provider identifier.

    >>> is_npi("1234567893"), is_npi("Mercy")
    (True, False)
    """
    return len(text) == 10 and text.isascii() and text.isdigit() and text[0] in "12"


def named(name: str, npi: str) -> str:
    """
    A provider or a place as one says it: the name, else the number with the word that no name was given.

    >>> str(named("Mercy General", "1234567893")), str(named("", "1234567893")), str(named("", ""))
    ('Mercy General', 'NPI 1234567893, name not given', 'place not given')
    """
    if name:
        return name
    return _("NPI %s, name not given") % npi if npi else _("place not given")


MORE_LANGUAGES = {
    "ht": gettext_noop("Haitian Creole"), "so": gettext_noop("Somali"), "tl": gettext_noop("Tagalog"),
    "zh": gettext_noop("Chinese"), "hmn": gettext_noop("Hmong"), "am": gettext_noop("Amharic"),
}  # fmt: skip
"""Languages that Django has no name for."""


def language_name(code: str) -> str:
    """
    A language in words, whether it was sent as a code or as a word.

    >>> language_name("es"), language_name("Tagalog"), language_name("")
    ('Spanish', 'Tagalog', '')
    """
    short = (code or "").split("-")[0].lower()
    return MORE_LANGUAGES.get(short) or LANG_INFO.get(short, {}).get("name", code)


LANGUAGES = frozenset(MORE_LANGUAGES.values()) | {each["name"] for each in LANG_INFO.values() if "name" in each}
"""The names of languages we can say in the reader's own."""


def language_said(code: str) -> str:
    """The same as a reader of the page says it; what was sent and is no language we know stays as it is."""
    name = language_name(code)
    return _(name) if name in LANGUAGES else name


def languages_of(typed: str) -> list[str]:
    """
    Languages as people write them, by name or by code, with commas or spaces between, as the codes they are kept by.

    >>> languages_of("Spanish, Haitian Creole"), languages_of("es vi"), languages_of("Mixteco")
    (['es', 'ht'], ['es', 'vi'], ['Mixteco'])
    """
    parts = typed.replace(";", ",").split(",") if "," in typed or ";" in typed else [typed]
    if len(parts) == 1 and _language_code(typed) is None:
        parts = typed.split()
    said = [part.strip() for part in parts if part.strip()]
    return list(dict.fromkeys(_language_code(part) or part for part in said))


def _language_code(said: str) -> str | None:
    names = {
        str(info["name"]).casefold(): code for code, info in LANG_INFO.items() if "name" in info and "-" not in code
    }
    names |= {name.casefold(): code for code, name in MORE_LANGUAGES.items()}
    word = said.strip().casefold()
    return word if word in set(names.values()) else names.get(word)
