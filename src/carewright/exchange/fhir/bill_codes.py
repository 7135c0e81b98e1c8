"""
Where the codes and amounts of a bill stand, in the three dialects we meet: CARIN Blue Button, CMS Blue Button v2 and v3.

CMS names every amount by the variable it comes from (`…/variables/line_nch_pmt_amt`, since 2025
`CLM_LINE_CVRD_PD_AMT`). The variable says more than the category beside it: v2 files the Medicare payment of a hospital
line under "submitted". So the variable is asked first, the category only when no CMS variable is named.
Source: CMS Blue Button 2.0 data dictionary and BFD mappings (public domain); CARIN Blue Button 2.1 value sets.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from carewright.exchange.fhir import codes
from carewright.exchange.fhir.values import day, money, number

Resource = dict[str, Any]
Info = defaultdict[str, dict[str, Any]]

CMS_TYPES = (
    dict.fromkeys(("10", "20", "30", "40", "50", "60", "61", "62", "63", "64"), "institutional")
    | dict.fromkeys(("71", "72", "81", "82"), "professional")
    | dict.fromkeys(("01", "02", "03", "04"), "pharmacy")
)
"""NCH claim type → kind of claim."""
CLAIM_TYPES = frozenset({"institutional", "professional", "pharmacy", "oral", "vision"})

PAID = ("line_nch_pmt_amt", "rev_cntr_pmt_amt_amt", "CLM_LINE_CVRD_PD_AMT", "cvrd_d_plan_pd_amt", "line_prvdr_pmt_amt")
ALLOWED = ("line_alowd_chrg_amt", "CLM_LINE_ALOWD_CHRG_AMT")
CHARGED = (
    "line_sbmtd_chrg_amt", "rev_cntr_tot_chrg_amt", "CLM_LINE_SBMT_CHRG_AMT", "tot_rx_cst_amt", "TOT_RX_CST_AMT",
)  # fmt: skip
COINSURANCE = ("line_coinsrnc_amt", "rev_cntr_coinsrnc_wge_adjstd_c", "CLM_LINE_MDCR_COINSRNC_AMT")
DEDUCTIBLE = (
    "line_bene_ptb_ddctbl_amt", "rev_cntr_cash_ddctbl_amt", "rev_cntr_blood_ddctbl_amt", "CLM_LINE_MDCR_DDCTBL_AMT",
)  # fmt: skip
COPAYMENT = ("ptnt_pay_amt",)


class Sums(NamedTuple):
    """What a line cost, in dollars; nothing where nobody said."""

    paid: float | None = None
    allowed: float | None = None
    charge: float | None = None
    coinsurance: float | None = None
    copayment: float | None = None
    deductible: float | None = None


def amounts(adjudication: list[dict[str, Any]] | None) -> Sums:
    """The amounts of one line: by CMS variable, else by CARIN or HL7 category."""
    if not adjudication:
        return Sums()
    by_variable: dict[str, float] = {}
    by_category: dict[str, float] = {}
    for each in adjudication:
        said = each.get("amount")
        if not said:
            continue
        amount = said.get("value")
        if type(amount) is not float or said.get("currency", "USD") != "USD":
            amount = money(said, "adjudication.amount")
            if amount is None:
                continue
        named, category = _named(each.get("category"))
        if named:
            by_variable[named] = amount
        if category:
            by_category[category] = by_category.get(category, 0.0) + amount
    if not by_variable:
        received = [by_category[name] for name in ("paidtoprovider", "paidtopatient") if name in by_category]
        return Sums(
            paid=by_category.get("benefit", sum(received) if received else None),
            allowed=by_category.get("eligible"),
            charge=by_category.get("submitted"),
            coinsurance=by_category.get("coinsurance"),
            copayment=by_category.get("copay"),
            deductible=by_category.get("deductible"),
        )
    paid = _first(by_variable, PAID)
    if paid is None:
        known = [by_variable[n] for n in ("CLM_LINE_PRVDR_PMT_AMT", "CLM_LINE_BENE_PD_AMT", "rev_cntr_prvdr_pmt_amt",
                                          "rev_cntr_bene_pmt_amt") if n in by_variable]  # fmt: skip
        paid = sum(known) if known else None
    owed = [by_variable[name] for name in DEDUCTIBLE if name in by_variable]
    return Sums(
        paid=paid,
        allowed=_first(by_variable, ALLOWED),
        charge=_first(by_variable, CHARGED),
        coinsurance=_first(by_variable, COINSURANCE),
        copayment=_first(by_variable, COPAYMENT),
        deductible=sum(owed) if owed else None,
    )


_names: dict[tuple[Any, ...], tuple[str | None, str | None]] = {}


def _named(category: dict[str, Any] | None) -> tuple[str | None, str | None]:
    """The CMS variable and the CARIN or HL7 category an amount is filed under; looked up, as there are few of them."""
    codings = (category or {}).get("coding") or ()
    key = tuple([(coding.get("system"), coding.get("code")) for coding in codings])
    known = _names.get(key)
    if known is not None:
        return known
    variable = filed = None
    for system, code in key:
        if "bluebutton.cms.gov" in (system or ""):
            variable = (code or "").rpartition("/")[2]
        elif filed is None:
            filed = code
    if len(_names) > 5_000:
        _names.clear()
    _names[key] = variable, filed
    return variable, filed


def _first(found: dict[str, float], names: tuple[str, ...]) -> float | None:
    return next((found[name] for name in names if name in found), None)


def total(r: Resource, category: str) -> float | None:
    """A claim's own total of one category; Synthea's Claim has one total without category."""
    said = r.get("total")
    if isinstance(said, dict):
        return money(said, "total")
    return next(
        (money(each.get("amount"), "total") for each in said or () if codes.code(each.get("category")) == category),
        None,
    )


def claim_type(r: Resource) -> str | None:
    """
    institutional, professional, pharmacy, oral or vision: by CMS's own number, else by HL7's coding.

    CMS's number comes first: Blue Button v2 calls claims for equipment (82) institutional, which they are not.
    """
    by_hl7 = by_cms = None
    for coding in (r.get("type") or {}).get("coding") or ():
        code, system = coding.get("code") or "", coding.get("system") or ""
        if code in CLAIM_TYPES and system.endswith(("claim-type", "ex-claimtype")):
            by_hl7 = code
        elif system.endswith(("nch_clm_type_cd", "CLM-TYPE-CD")):
            by_cms = CMS_TYPES.get(code.zfill(2))
        elif code == "PDE":
            by_cms = "pharmacy"
    return by_cms or by_hl7


def is_synthea(r: Resource) -> bool:
    """Whether this is written as Synthea writes: a claim number of Blue Button, and no coding of Blue Button's type."""
    if r.get("resourceType") == "Claim":
        return False
    for coding in (r.get("type") or {}).get("coding") or ():
        if "bluebutton.cms.gov" in (coding.get("system") or ""):
            return False
    return any((each.get("system") or "").endswith("/clm_id") for each in r.get("identifier") or ())


def supporting(r: Resource) -> Info:
    """Supporting information by its category: CARIN's word, and CMS's variable."""
    found: Info = defaultdict(dict)
    for each in r.get("supportingInfo") or ():
        for coding in (each.get("category") or {}).get("coding") or ():
            name = (coding.get("code") or "").rpartition("/")[2]
            found.setdefault(name, each)
    return found


class _NothingMore(defaultdict[str, dict[str, Any]]):
    """A bill without supporting information: whatever is asked for, there is nothing, and it stays so."""

    def __missing__(self, key: str) -> dict[str, Any]:
        return {}


NOTHING_MORE: Info = _NothingMore()


def code_of(info: dict[str, Any]) -> str | None:
    """The code of one supporting information: CARIN's or NUBC's before CMS's copy of it."""
    return codes.code(info.get("code"))


def two_digits(code: str | None) -> str | None:
    """Discharge status `1` lands as `01`."""
    return code.zfill(2) if code and code.isdigit() else code


def bill_type(r: Resource, info: Info) -> str | None:
    """Type of bill in three characters, written whole or in three parts; None with a part missing."""
    codings = (info["typeofbill"].get("code") or {}).get("coding") or ()
    frequency = None
    for coding in codings:
        system, code = coding.get("system") or "", coding.get("code") or ""
        if system.endswith("TypeOfBill") and len(code.lstrip("0")) == 3:
            return code.lstrip("0").upper()
        if system.endswith("clm_freq_cd"):
            frequency = code
        elif len(code.lstrip("0")) == 3 and code.lstrip("0")[:2].isdigit():
            return code.lstrip("0").upper()
    facility = _extension((r.get("facility") or {}).get("extension"), "clm_fac_type_cd")
    service = _extension(r.get("extension"), "clm_srvc_clsfctn_type_cd")
    return f"{facility}{service}{frequency}" if facility and service and frequency else None


def _extension(extensions: list[dict[str, Any]] | None, name: str) -> str | None:
    for each in extensions or ():
        if (each.get("url") or "").endswith(f"/{name}"):
            return (each.get("valueCoding") or {}).get("code")
    return None


def paid_on(r: Resource, info: Info) -> Any:
    """The day the payer paid: the payment's own date, else the day CMS processed the claim."""
    said = (r.get("payment") or {}).get("date")
    if said:
        return day(said, "payment.date")
    for name in ("nch_wkly_proc_dt", "CLM_NCH_WKLY_PROC_DT", "CLM_CMS_PROC_DT"):
        if info[name].get("timingDate"):
            return day(info[name]["timingDate"], name)
    return None


def revenue(item: dict[str, Any]) -> str | None:
    """Revenue center in four digits; CMS's own coding before NUBC's copy of it."""
    found: dict[str, str] = {}
    for coding in (item.get("revenue") or {}).get("coding") or ():
        name = (coding.get("system") or "").rpartition("/")[2]
        if coding.get("code"):
            found.setdefault(name, coding["code"])
    for name in ("CLM-REV-CNTR-CD", "rev_cntr", "RevenueCodes"):
        if name in found:
            return found[name].zfill(4)
    left = [code for name, code in found.items() if "ddctbl" not in name.lower()]
    return left[0].zfill(4) if left else None


def place_of_service(item: dict[str, Any]) -> str | None:
    """CMS place of service in two digits; Synthea's (`ex-serviceplace`) is a constant and is not taken."""
    for coding in (item.get("locationCodeableConcept") or {}).get("coding") or ():
        system, code = coding.get("system") or "", coding.get("code")
        if code and code.isdigit() and not system.endswith("ex-serviceplace"):
            return code.zfill(2)
    return None


def product(item: dict[str, Any]) -> tuple[str | None, float | None]:
    """The NDC dispensed and its quantity: on the line, or on its first detail (compounds)."""
    for holder in (item, *(item.get("detail") or ())):
        _, ndc, _ = codes.in_system(holder.get("productOrService"), codes.NDC)
        if ndc:
            amount = holder.get("quantity") or item.get("quantity") or {}
            return ndc.replace("-", ""), number(amount.get("value"), "quantity")
    return None, None
