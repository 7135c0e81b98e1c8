"""How the table of medicines is made from the folder of medicines beside the project; `reshape.main` writes it too."""

import re

import duckdb

from tests.knowledge.reshape import ROOT, Rows, said, table

FOLDER = "meds/tables"
MEDS = ROOT.parent / "shared" / FOLDER
LONGEST = 200
"""Letters of a product's name; a vaccine against twenty strains names each of them with its strength."""

COMPONENT = re.compile(r"\d+ (?:\([^()]*\) )?\(((?:[^()]|\([^()]*\))*)\)")
"""One product inside a pack: `21 (ethinyl estradiol 0.02 MG / norethindrone 1 MG Oral Tablet)`."""


@table(
    "medicines/medicine_product.csv.gz",
    said(
        "RxNorm Current Prescribable Content (National Library of Medicine; this product uses publicly available data "
        "courtesy of NLM, which is not responsible for it and does not endorse it); single ingredients that begin with A "
        "are missing from the copy it was made from",
        "2025-10-06",
        "public domain (SAB=RXNORM)",
    ),
    "rxcui,kind,name,ingredients,strengths,dose_form,brand,is_whole,ndcs",
)
def medicine_product() -> Rows:
    con = duckdb.connect()
    for name in ("ndc_rxcui", "rxnorm_products", "rxnorm_concepts"):
        con.execute(
            f"create view {name} as select * from read_parquet('{MEDS / f'{name}.parquet'}') where source like 'rxnorm%'"
        )
    numbers = dict(
        con.execute(
            "select rxcui, string_agg(distinct ndc11, ' ' order by ndc11) from ndc_rxcui group by rxcui"
        ).fetchall()
    )
    columns = "rxcui, tty, name, ingredients, strengths, dose_form, brand"
    products = con.execute(f"select {columns} from rxnorm_products").fetchall()
    by_name = {name: (ingredients, form) for _, _, name, ingredients, _, form, _ in products}
    made = [
        (
            rxcui,
            tty,
            _short(name, strengths, form, brand),
            ingredients,
            strengths,
            form,
            brand or "",
            "1",
            numbers[rxcui],
        )
        for rxcui, tty, name, ingredients, strengths, form, brand in products
        if rxcui in numbers
    ]
    packs = con.execute("select rxcui, tty, name from rxnorm_concepts where tty in ('GPCK', 'BPCK')").fetchall()
    for rxcui, tty, name in packs:
        if rxcui in numbers:
            ingredients, form, whole = _inside(name, by_name)
            brand = name.partition("} Pack [")[2].rstrip("]")
            made.append(
                (rxcui, tty, _pack(name, ingredients, brand), ingredients, "", form, brand, whole, numbers[rxcui])
            )
    return sorted(made, key=lambda row: int(row[0]))


def _short(name: str, strengths: str, form: str, brand: str | None) -> str:
    """A name of a readable length: of very many ingredients only the first with its strength."""
    if len(name) <= LONGEST:
        return name
    first, *more = name.split(" / ")
    return f"{first} and {len(more)} more ingredients, {form}" + (f" [{brand}]" if brand else "")


def _inside(name: str, by_name: dict[str, tuple[str, str]]) -> tuple[str, str, str]:
    """The ingredients and forms of the products inside a pack, and whether each of these products is known."""
    parts = COMPONENT.findall(name.partition("} Pack")[0])
    known = [by_name.get(part) for part in parts]
    ingredients = dict.fromkeys(one for found in known if found for one in found[0].split("|"))
    forms = dict.fromkeys(found[1] for found in known if found)
    return "|".join(ingredients), "|".join(forms), "1" if parts and all(known) else "0"


def _pack(name: str, ingredients: str, brand: str) -> str:
    """A pack as one says it: what is inside, then that it is a pack."""
    inside = name.removeprefix("{").partition(" } Pack")[0]
    if len(inside) > LONGEST:
        inside = " / ".join(ingredients.split("|")[:4]) or inside[:LONGEST]
    return f"{inside}, pack" + (f" [{brand}]" if brand else "")
