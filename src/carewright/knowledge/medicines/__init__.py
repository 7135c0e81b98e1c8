"""
What a drug's number says, and which medicines are kept closer.

Read aloud: a pharmacy's bill names what it handed out by a number of eleven digits, the NDC. RxNorm says which product
that is: its ingredients, strength and form. Our copy has no single ingredients that begin with A (atorvastatin,
amlodipine, apixaban, …), and no number is ever complete: what nobody knows is shown as its number, never left out.

A medicine can tell a diagnosis. An HIV medicine, a medicine for opioid use or a contraceptive carries the same tag as
the diagnosis would, by its ingredients or by the form it is made in. Where a medicine is given for several things, it
counts as the most private of them. A number nobody knows may be any of them, and so does a pack of which not every
ingredient is known: both carry every tag a medicine can bring. `part2` is never among them, since that is known by who
gave the treatment.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows

PRODUCTS = "medicines/medicine_product.csv.gz"
SENSITIVE = "medicines/sensitive_medicine.csv"

NOTICE = (
    "This product uses publicly available data courtesy of the U.S. National Library of Medicine (NLM), National "
    "Institutes of Health, Department of Health and Human Services; NLM is not responsible for the product and does "
    "not endorse or recommend this or any other product."
)
"""What the National Library of Medicine asks whoever shows RxNorm to say."""

SOURCES = (
    Source(
        title="RxNorm Current Prescribable Content, National Library of Medicine",
        section="NDC, products, packs, ingredients, strengths, dose forms, brands",
        edition="2025-10-06",
        licence="public domain (SAB=RXNORM); no UMLS licence is needed for this subset",
        remark=f"Single ingredients that begin with A are missing from the copy we had. {NOTICE}",
    ),
    Source(
        title="Medicines that are kept closer",
        edition="2026-11",
        licence="ours",
        confirmed=False,
        remark="Written from general knowledge of what each is given for. A pharmacist and a privacy officer review it.",
    ),
)

NAMES_NOTHING = frozenset({
    "acetate", "action", "adult", "advanced", "alafenamide", "bicarbonate", "brand", "calcium", "carbonate",
    "chewable", "children", "chloride", "choice", "citrate", "clear", "comfort", "complex", "cream", "daily",
    "dioxide", "disoproxil", "drops", "extended", "extra", "fluoride", "formula", "forte", "fumarate",
    "gluconate", "granules", "human", "hydrobromide", "hydrochloride", "hydroxide", "inhaler",
    "injection", "iodide", "lactate", "liquid", "magnesium", "maleate", "maximum", "medicated", "mesylate",
    "nasal", "neutral", "nitrate", "ointment", "ophthalmic", "original", "oxide", "paste", "patch", "pediatric",
    "peroxide", "phosphate", "potassium", "powder", "quick", "reformulated", "release", "relief", "rinse",
    "sensitive", "shampoo", "simply", "sodium", "solution", "spray", "strength", "succinate", "sulfate",
    "suspension", "tartrate", "therapy", "topical", "triple", "ultra",
})  # fmt: skip
"""Words of ingredients and brands, such as salts and forms, that say nothing of which medicine it is."""


@dataclass(frozen=True)
class Product:
    """One product or pack of RxNorm. `is_whole` is False where not every ingredient of it is known."""

    rxcui: str
    name: str
    ingredients: tuple[str, ...]
    strengths: str
    dose_form: str
    brand: str
    is_whole: bool


@dataclass(frozen=True)
class Sensitive:
    """One line of the list: an ingredient, or the first words of a dose form, that brings `tag`, and why."""

    match: str
    name: str
    tag: str
    because: str


@cache
def sensitive() -> tuple[Sensitive, ...]:
    """The whole list of what is kept closer, in the order it is written."""
    return tuple(Sensitive(**row) for row in rows(SENSITIVE))


@cache
def every_tag() -> frozenset[str]:
    """The tags a medicine can bring; what an unknown number carries."""
    return frozenset(line.tag for line in sensitive())


@lru_cache(maxsize=20_000)
def product_of(ndc: str) -> Product | None:
    """
    What a number of eleven digits names; nothing where RxNorm, or our copy of it, does not know it.

    >>> product_of("00143971301").name
    'lisinopril 20 MG Oral Tablet'
    >>> product_of("00000111122") is None
    True
    """
    numbers = _numbers()
    at = numbers.find(f" {ndc} ") if len(ndc) == 11 and ndc.isascii() and ndc.isdigit() else -1
    return _products()[numbers[numbers.rfind("\n", 0, at) + 1 : at].partition(" ")[0]] if at >= 0 else None


def tags_of(ndc: str) -> frozenset[str]:
    """
    The sensitivity tags of what a number names; every tag a medicine can bring for a number nobody knows.

    >>> sorted(tags_of("00378876716")), sorted(tags_of("00143971301"))
    (['behavioral'], [])
    >>> sorted(tags_of("00000111122"))
    ['behavioral', 'hiv', 'reproductive']
    """
    product = product_of(ndc)
    return every_tag() if product is None or not product.is_whole else _tags(product)


@lru_cache(maxsize=20_000)
def tags_of_words(said: str) -> frozenset[str]:
    """
    The sensitivity tags of a medicine as somebody's list writes it, by the ingredients and brands among its words.

    Of words none of which names a medicine we know nothing can be told: every tag a medicine can bring.

    >>> sorted(tags_of_words("Lisinopril 20 mg tablet")), sorted(tags_of_words("BIKTARVY 50-200-25 MG"))
    ([], ['hiv'])
    >>> sorted(tags_of_words("as discussed"))
    ['behavioral', 'hiv', 'reproductive']
    """
    words = _bare(said)
    if not _known_words() & set(words.split()) and not any(name in words for name in _known_salts()):
        return every_tag()
    brought = {line.tag for line in sensitive() if line.match == "ingredient" and _bare(line.name) in words}
    return frozenset(brought.union(*(tags for brand, tags in _private_brands().items() if brand in words)))


def tags_as_listed(ndc: str, said: str) -> frozenset[str]:
    """The tags of one line of somebody's list: by its number where we know it, else by its words."""
    return tags_of(ndc) if ndc and product_of(ndc) else tags_of_words(said)


@cache
def _private_brands() -> dict[str, frozenset[str]]:
    """Brands of products that carry a tag, as bare words."""
    found: dict[str, frozenset[str]] = {}
    for product in _products().values():
        if product.brand and (tags := _tags(product)):
            brand = _bare(product.brand)
            found[brand] = found.get(brand, frozenset()) | tags
    return found


@cache
def _known_words() -> frozenset[str]:
    """Words that name a medicine: of ingredients and brands, and of the list of what is kept closer; no short ones."""
    named = [one for product in _products().values() for one in (*product.ingredients, product.brand)]
    named += [line.name for line in sensitive() if line.match == "ingredient"]
    words = {word for one in set(named) for word in _bare(one).split() if len(word) > 4 and word.isalpha()}
    return frozenset(words - NAMES_NOTHING)


@cache
def _known_salts() -> frozenset[str]:
    """Ingredients of several words of which none names a medicine alone, such as sodium chloride."""
    named = {_bare(one) for product in _products().values() for one in product.ingredients}
    return frozenset(name for name in named if len(name.split()) > 1 and set(name.split()) <= NAMES_NOTHING)


def _tags(product: Product) -> frozenset[str]:
    """By words, wherever in the name or among the ingredients they stand; a form by how it begins."""
    words = f" {_spaced('|'.join((product.name, *product.ingredients)))} "
    forms = product.dose_form.lower().split("|")
    return frozenset(
        line.tag
        for line in sensitive()
        if (line.match == "ingredient" and f" {line.name.lower()} " in words)
        or (line.match == "form" and any(f"{one} ".startswith(f"{line.name.lower()} ") for one in forms))
    )


def _bare(text: str) -> str:
    """
    A text in small letters, one space around each word and no signs at all: people join two medicines with a hyphen.

    >>> _bare("Emtricitabine-tenofovir, 200/300;")
    ' emtricitabine tenofovir 200 300 '
    """
    words = " ".join(re.findall(r"[^\W_]+", text.lower()))
    return f" {words} "


def _spaced(text: str) -> str:
    """A text in small letters whose words stand between spaces: signs other than hyphens become spaces."""
    return text.lower().translate(str.maketrans("|/()[],", "       "))


@cache
def _products() -> dict[str, Product]:
    return {
        row["rxcui"]: Product(
            row["rxcui"],
            row["name"],
            tuple(filter(None, row["ingredients"].split("|"))),
            row["strengths"],
            row["dose_form"],
            row["brand"],
            row["is_whole"] == "1",
        )
        for row in rows(PRODUCTS)
    }


@cache
def _numbers() -> str:
    """One line a product, its numbers after its own: a text is searched faster than a table of 220,000 rows is built."""
    return "\n".join(f"{row['rxcui']} {row['ndcs']} " for row in rows(PRODUCTS))
