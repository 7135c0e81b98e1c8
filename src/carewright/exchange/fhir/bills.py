"""
Bills: ExplanationOfBenefit as CMS Blue Button, BCDA and CARIN payers write it, and Claim as Synthea does.

From an **ExplanationOfBenefit** come claim lines (`medical_claim`) or fills (`pharmacy_claim`):

* which claim: the identifier of type `uc` (unique claim), not the claim group; else the resource's id
* institutional or professional: the coding of system `claim-type`; else CMS's own claim type number
* type of bill: written whole by CMS since 2025 (`0131` lands as `131`); before, facility type, service classification
  and frequency, each said elsewhere, put together; with one of the three missing it stays empty
* diagnoses: the principal first, then the others in their order, external causes last. The admitting diagnosis and the
  patient's reason are not diagnoses of the claim and stay out. All have one code system, the first one's
* amounts: each line's own. A hospital is paid for a stay as a whole: where the lines do not add up to the payment, the
  payment stands on the first line and the others have none, so that a sum over lines is right
* a claim with status cancelled or entered in error lands with `claim_status` cancelled, and hides what it cancels

**Synthea** writes an ExplanationOfBenefit per visit. Taken from it: people, dates, amounts, and the conditions it points
at (in SNOMED CT, so `diagnosis_code_type` says so). Unknown, and left empty: type of bill, revenue centers, HCPCS, DRG,
discharge status, paid date. Its place of service is not taken (it says "inpatient hospital" of office visits). Its
`billablePeriod` ends a year later; the days are those of its lines.

A **Claim** whose ExplanationOfBenefit came in the same batch says nothing new and is only kept. Else it lands as a claim
of which only the charge is known. Synthea's pharmacy claims name no NDC: they are kept, not used.
"""

from datetime import date
from typing import Any

from carewright.exchange.fhir import bill_codes, codes, security
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource, needed
from carewright.exchange.fhir.bill_codes import Sums
from carewright.exchange.fhir.values import Unreadable, money, number, when, whole

WITHDRAWN = frozenset({"cancelled", ENTERED_IN_ERROR})
ASIDE = frozenset({"admitting", "patientreasonforvisit"})
LAST = frozenset({"externalcauseofinjury", "external-first", "external"})
RENDERING = ("rendering", "performing")


def explanation(r: Resource, at: At) -> bool:
    """ExplanationOfBenefit → rows of `medical_claim` or `pharmacy_claim`; False when it is about neither."""
    claim_id = claim_number(r, at.own_id)
    kind = bill_codes.claim_type(r)
    if kind == "pharmacy":
        _fills(r, at, claim_id)
    elif kind in ("institutional", "professional") and r.get("use") not in ("preauthorization", "predetermination"):
        _lines(r, at, claim_id, kind)
    else:
        return False
    at.billed[at.links.id_of(r.get("claim")) or claim_id] = 1
    return True


def claim_number(r: Resource, own_id: str) -> str:
    """The payer's number for the claim."""
    numbers = r.get("identifier") or ()
    for each in numbers:
        if (each.get("system") or "").endswith(("/clm_id", "/pde_id", "/CLM-UNIQ-ID")) and each.get("value"):
            return each["value"]
    for each in numbers:
        grouped = (each.get("system") or "").endswith("claim-group")
        if codes.code(each.get("type")) == "uc" and not grouped and each.get("value"):
            return each["value"]
    return own_id


def _lines(r: Resource, at: At, claim_id: str, kind: str) -> None:
    info = bill_codes.supporting(r) if "supportingInfo" in r else bill_codes.NOTHING_MORE
    items = r.get("item") or []
    dated = [_served(item) for item in items]
    synthea = bill_codes.is_synthea(r)
    first, latest = _span(r, dated, is_by_line=synthea)
    institutional = kind == "institutional"
    roles = [(codes.code(each.get("role")), each) for each in r.get("careTeam") or ()]
    billing = at.links.npi_of(r.get("provider") or r.get("organization"), r)
    facility = at.links.npi_of(r.get("facility"), r) or billing if institutional else None
    wanted = (*RENDERING, *(("attending",) if institutional else ()), *(("primary",) if synthea else ()))
    rendering = _of_role(roles, wanted, r, at)
    code_type, diagnoses, poas = _diagnoses(r, at) if "diagnosis" in r else NO_CODES
    procedure_type, procedures, procedure_dates = _procedures(r) if "procedure" in r else NO_CODES
    if code_type == codes.SNOMED:
        services = (codes.first(item.get("productOrService"))[:2] for item in items)
        at.tags = security.joined(at.tags, (*((code_type, code) for code in diagnoses), *services))
    amounts = _amounts(r, items, institutional)
    head = (
        at.person, None, _payer(r, at), _plan(r),
        "cancelled" if r.get("status") in WITHDRAWN else "active", first, latest,
    )  # fmt: skip
    stay, drg, bill_type = _stay(r, info, institutional)
    paid_on = bill_codes.paid_on(r, info)
    rows = []
    for position, item in enumerate(items or [{}]):
        named = item.get("careTeamSequence")
        own = named and _of_role([each for each in roles if each[1].get("sequence") in named], RENDERING, r, at)
        starts, ends = dated[position] if items else (None, None)
        sums = amounts[position]
        rows.append((
            at.file, at.line, at.tags, claim_id, whole(item.get("sequence"), "item.sequence") or position + 1, kind,
            *head, starts or first, ends or starts or latest, *stay,
            None if institutional else bill_codes.place_of_service(item), bill_type, "ms-drg" if drg else None, drg,
            bill_codes.revenue(item) if institutional else None, _units(item),
            codes.in_system(item.get("productOrService"), codes.HCPCS)[1], *_modifiers(item),
            own or rendering, billing, facility, paid_on, sums.paid, sums.allowed, sums.charge, sums.coinsurance,
            sums.copayment, sums.deductible, code_type, procedure_type, diagnoses, poas, procedures, procedure_dates,
        ))  # fmt: skip
    at.add_all("medical_claim", rows)


Day = date | None
NO_CODES: tuple[None, tuple[str, ...], tuple[Any, ...]] = (None, (), ())


def _span(r: Resource, dated: list[tuple[Day, Day]], *, is_by_line: bool) -> tuple[date, date]:
    """First and last day of the claim: its own, or those of its lines."""
    period = r.get("billablePeriod") or {}
    starts = when(period.get("start"), "billablePeriod.start").day
    ends = when(period.get("end"), "billablePeriod.end").day
    if is_by_line:
        starts, ends = None, max((day for _, day in dated if day), default=None)
    first = starts or min((day for day, _ in dated if day), default=None)
    first = needed(first, "billablePeriod.start", "the first day of service")
    latest = ends or first
    if latest < first:
        raise Unreadable("billablePeriod", f"{first} to {latest}", "a last day on or after the first")
    return first, latest


def _amounts(r: Resource, items: list[dict[str, Any]], institutional: bool) -> list[Sums]:
    """What each line cost; the payment and the charge of the claim on its first line where lines do not say."""
    amounts = [bill_codes.amounts(item.get("adjudication")) for item in items] or [Sums()]
    paid = money((r.get("payment") or {}).get("amount"), "payment.amount")
    if not items or _paid_apart(amounts, paid, institutional):
        amounts = [each._replace(paid=0.0) for each in amounts]
        amounts[0] = amounts[0]._replace(paid=paid)
    if all(each.charge is None for each in amounts):
        amounts[0] = amounts[0]._replace(charge=bill_codes.total(r, "submitted"))
    return amounts


def _stay(r: Resource, info: bill_codes.Info, institutional: bool) -> tuple[tuple[Any, ...], str | None, str | None]:
    """Admission, discharge, their codes; the DRG; the type of bill."""
    if not info and "facility" not in r:
        return (None,) * 5, None, None
    admitted = info["admissionperiod"].get("timingPeriod") or {} if institutional else {}
    drg = bill_codes.code_of(info["drg"])
    stay = (
        when(admitted.get("start"), "admissionperiod").day,
        when(admitted.get("end"), "admissionperiod").day,
        bill_codes.code_of(info["pointoforigin"]),
        bill_codes.code_of(info["admtype"]),
        bill_codes.two_digits(bill_codes.code_of(info["discharge-status"])),
    )
    if stay[0] and stay[1] and stay[1] < stay[0]:
        raise Unreadable("admissionperiod", f"{stay[0]} to {stay[1]}", "a discharge on or after the admission")
    bill_type = bill_codes.bill_type(r, info) if institutional else None
    return stay, drg.zfill(3) if drg and drg.isdigit() else drg, bill_type


def _served(item: dict[str, Any]) -> tuple[Day, Day]:
    """First and last day of a line."""
    period = item.get("servicedPeriod")
    if not period:
        day = when(item.get("servicedDate"), "item.servicedDate").day
        return day, day
    first, latest = when(period.get("start"), "item.serviced").day, when(period.get("end"), "item.serviced").day
    if first and latest and latest < first:
        raise Unreadable("item.servicedPeriod", f"{first} to {latest}", "a last day on or after the first")
    return first, latest or first


def _paid_apart(amounts: list[Sums], paid: float | None, institutional: bool) -> bool:
    """Whether the payment stands on the claim and not on its lines."""
    if paid is None:
        return False
    known = [each.paid for each in amounts if each.paid is not None]
    return not known or (institutional and abs(sum(known) - paid) > 0.005)


def _of_role(
    roles: list[tuple[str | None, dict[str, Any]]], wanted: tuple[str, ...], r: Resource, at: At
) -> str | None:
    for name in wanted:
        for role, member in roles:
            if role == name:
                found = at.links.npi_of(member.get("provider"), r)
                if found:
                    return found
    return None


def _diagnoses(r: Resource, at: At) -> tuple[str | None, tuple[str, ...], tuple[str | None, ...]]:
    """Code system, codes in their order, present-on-admission flags."""
    ranked = []
    for position, each in enumerate(r.get("diagnosis") or ()):
        kinds = {codes.code(kind) for kind in each.get("type") or ()}
        if kinds and kinds <= ASIDE:
            continue
        concept = each.get("diagnosisCodeableConcept")
        if concept is None:
            found = at.links.resource(each.get("diagnosisReference"), r)
            if found is None or found.get("resourceType") != "Condition":
                continue
            concept = found.get("code")
        system, code, _ = codes.best(concept, "condition")
        if not code:
            system, code, _ = codes.first(concept)
        if not code:
            continue
        place = 0 if "principal" in kinds else 2 if kinds and kinds <= LAST else 1
        sequence = whole(each.get("sequence"), "diagnosis.sequence") or position + 1
        ranked.append((place, sequence, position, system, code, codes.code(each.get("onAdmission"))))
    ranked.sort(key=lambda each: each[:3])
    if not ranked:
        return None, (), ()
    system = ranked[0][3]
    chosen: dict[str, str | None] = {}
    for *_, own, code, present in ranked:
        if own == system and code not in chosen:
            chosen[code] = present
    listed = list(chosen.items())[:25]
    return system, tuple(code for code, _ in listed), tuple(present for _, present in listed)


def _procedures(r: Resource) -> tuple[str | None, tuple[str, ...], tuple[Any, ...]]:
    """Hospital procedures: code system, codes with the principal first, and their days."""
    ranked = []
    for position, each in enumerate(r.get("procedure") or ()):
        system, code, _ = codes.first(each.get("procedureCodeableConcept"))
        if system == codes.ICD10:
            system = "icd-10-pcs"
        if code and system in ("icd-10-pcs", "icd-9-pcs"):
            principal = any(codes.code(kind) == "principal" for kind in each.get("type") or ())
            ranked.append((not principal, position, system, code, when(each.get("date"), "procedure.date").day))
    ranked.sort(key=lambda each: each[:2])
    chosen = ranked[:25]
    if not chosen:
        return None, (), ()
    return chosen[0][2], tuple(each[3] for each in chosen), tuple(each[4] for each in chosen)


def _modifiers(item: dict[str, Any]) -> tuple[str | None, ...]:
    found = [
        coding["code"]
        for concept in item.get("modifier") or ()
        for coding in concept.get("coding") or ()
        if coding.get("code") and len(coding["code"]) == 2
    ]
    return tuple((found + [None] * 5)[:5])


def _units(item: dict[str, Any]) -> float | None:
    return number((item.get("quantity") or {}).get("value"), "item.quantity")


def _payer(r: Resource, at: At) -> str | None:
    insurer = r.get("insurer")
    return at.links.name_of(insurer, r) or ((insurer or {}).get("identifier") or {}).get("value")


def _plan(r: Resource) -> str | None:
    """The coverage as the bill names it; a bare reference is not a name."""
    for each in r.get("insurance") or ():
        pointer = each.get("coverage") or {}
        if pointer.get("display"):
            return pointer["display"]
    return None


def _fills(r: Resource, at: At, claim_id: str) -> None:
    """A pharmacy bill → one row per product dispensed."""
    info = bill_codes.supporting(r)
    roles = [(codes.code(each.get("role")), each) for each in r.get("careTeam") or ()]
    prescriber = _of_role(roles, ("prescribing", "primary"), r, at)
    pharmacy = at.links.npi_of(r.get("facility"), r) or at.links.npi_of(r.get("provider"), r)
    paid_on = bill_codes.paid_on(r, info)
    period = r.get("billablePeriod") or {}
    days = number((info["dayssupply"].get("valueQuantity") or {}).get("value"), "dayssupply")
    refills = number((info["refillsauthorized"].get("valueQuantity") or {}).get("value"), "refillsauthorized")
    rows = []
    for position, item in enumerate(r.get("item") or [], start=1):
        ndc, amount = bill_codes.product(item)
        handed = when(item.get("servicedDate") or (item.get("servicedPeriod") or {}).get("start") or period.get("start"),
                      "item.servicedDate")  # fmt: skip
        sums = bill_codes.amounts(item.get("adjudication"))
        rows.append((
            at.file, at.line, at.tags, claim_id, whole(item.get("sequence"), "item.sequence") or position, at.person,
            None, _payer(r, at), _plan(r), "cancelled" if r.get("status") in WITHDRAWN else "active", prescriber,
            pharmacy, needed(handed.day, "item.servicedDate", "the day the medicine was handed out"),
            needed(ndc, "item.productOrService", "the NDC of what was dispensed"), amount,
            None if days is None else round(days), None if refills is None else round(refills), paid_on, sums.paid,
            sums.allowed, sums.charge, sums.coinsurance, sums.copayment, sums.deductible,
        ))  # fmt: skip
    needed(rows or None, "item", "at least one product dispensed")
    at.add_all("pharmacy_claim", rows)


def claim(r: Resource, at: At) -> bool:
    """Claim → lines of `medical_claim` with what is known of them: people, days, conditions and the charge."""
    kind = bill_codes.claim_type(r)
    if at.own_id in at.billed or kind not in ("institutional", "professional") or r.get("use", "claim") != "claim":
        return False
    _lines(r, at, claim_number(r, at.own_id), kind)
    return True
