"""
Medical and pharmacy claims as a payer sends them: the Tuva Input Layer's columns, one file per payer and delivery.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from carewright.demo import tables
from carewright.demo.columns import coded, days, joined, money, same
from carewright.demo.deliveries import Schedule, Writers
from carewright.demo.dirt import Dirt
from carewright.demo.ledger import DIAGNOSES, Bills
from carewright.demo.medicines import Fills
from carewright.demo.payments import Money, Sendings
from carewright.demo.scene import Scene
from carewright.demo.tables import (
    ADMIT_SOURCE,
    ADMIT_TYPE,
    BILL_TYPE,
    DISPOSITION,
    DRG,
    DX,
    HCPCS,
    PCS,
    PLACE,
    REVENUE,
)

PAYERS = ("Meridian", "Harbor", "Atlas")
PLANS = ("Meridian Medicare", "Harbor Community Plan", "Atlas Choice")
PAYER_TYPES = ("medicare", "medicaid", "commercial")
CLAIMS_PER_BLOCK = 1_000_000
SHORT_PAYER, SHORT_SHARE = 0, 0.40
"""Whose pharmacy file of two months ago is short, and by how much."""


@dataclass(frozen=True)
class Target:
    """Where a block's claims go: which delivery has what, the open files, what is wrong with them, and in what format."""

    schedule: Schedule
    writers: Writers
    dirt: Dirt
    block: int
    claims_format: str


def path(payer: int, table: str, schedule: Schedule, delivery: int, claims_format: str) -> str:
    """Where a file of claims lies below the folder: feed, day, table."""
    ending = claims_format
    if payer == 2 and delivery > 0:
        ending = "csv.gz"
    return f"{PAYERS[payer].lower()}/{schedule.name(delivery)}/{table}.{ending}"


def medical(scene: Scene, bills: Bills, payer: np.ndarray, cost: Money, sent: Sendings, to: Target) -> None:
    """Write every sending of every claim to the file it belongs to."""
    schedule = to.schedule
    keep = payer[sent.claim] >= 0
    claim, paid_on, times, bill_type = (getattr(sent, n)[keep] for n in ("claim", "paid_on", "times", "bill_type"))
    delivery = schedule.delivery_of(paid_on)
    group = payer[claim].astype(np.int64) * len(schedule.cuts) + delivery
    order = np.lexsort((claim, group))
    claim, paid_on, times, bill_type, group = (part[order] for part in (claim, paid_on, times, bill_type, group))
    first = np.searchsorted(bills.claim, np.arange(len(payer) + 1))
    lines_of = (first[1:] - first[:-1])[claim]
    sending = np.repeat(np.arange(len(claim)), lines_of)
    line = np.arange(len(sending)) - np.repeat(np.cumsum(lines_of) - lines_of, lines_of) + first[claim[sending]]
    whole = _medical_table(scene, bills, payer, cost, claim, paid_on, times, bill_type, sending, line, to)
    group_of_line = group[sending]
    edges = np.searchsorted(group_of_line, np.arange(len(PAYERS) * len(schedule.cuts) + 1))
    for at in range(len(edges) - 1):
        rows = whole.slice(edges[at], edges[at + 1] - edges[at])
        who, when = divmod(at, len(schedule.cuts))
        name = path(who, "medical_claim", schedule, when, to.claims_format)
        to.writers.write(name, to.dirt.spoil(name, _signed(rows, name, schedule.cuts[when])))


def _signed(rows: pa.Table, name: str, day: int) -> pa.Table:
    """The sender's name for the file, and its day, on every row."""
    count = len(rows)
    rows = rows.append_column("file_name", same(name.rsplit("/", 1)[1].split(".")[0], count))
    return rows.append_column("file_date", days(np.full(count, day)))


def _medical_table(
    scene: Scene,
    bills: Bills,
    payer: np.ndarray,
    cost: Money,
    claim: np.ndarray,
    paid_on: np.ndarray,
    times: np.ndarray,
    bill_type: np.ndarray,
    sending: np.ndarray,
    line: np.ndarray,
    to: Target,
) -> pa.Table:
    """One row per line and sending, with all columns but the file's own."""
    head = {name: column[claim] for name, column in bills.header.items()}
    inpatient = head["institutional"] & (head["admitted"] >= 0)
    npis = [provider.npi for provider in scene.directory.everyone]
    numbers = scene.people.number[head["person"]]
    who = payer[claim]
    dx = to.dirt.unknown_codes(bills.dx)[claim]
    year = (head["start"] / 365.2425 + 1970).astype(np.int64) % 100
    said = head["said"]
    claim_number = np.where(said >= 0, said, year * 10**9 + to.block * CLAIMS_PER_BLOCK + claim)
    header: dict[str, pa.Array] = {
        "claim_id": _claim_numbers(claim_number, said),
        "claim_type": coded(np.where(head["institutional"], 1, 0), ["professional", "institutional"]),
        "person_id": joined("", numbers),
        "member_id": joined("M", numbers * 3 + who),
        "payer": coded(who, PAYERS),
        "plan": coded(who, PLANS),
        "claim_start_date": days(head["start"]),
        "claim_end_date": days(head["end"]),
        "admission_date": days(head["admitted"], head["admitted"] < 0),
        "discharge_date": days(head["discharged"], head["discharged"] < 0),
        "admit_source_code": coded(head["admit_source"], ADMIT_SOURCE),
        "admit_type_code": coded(head["admit_type"], ADMIT_TYPE),
        "discharge_disposition_code": coded(head["disposition"], DISPOSITION),
        "place_of_service_code": coded(head["place"], PLACE),
        "bill_type_code": coded(bill_type, BILL_TYPE),
        "drg_code_type": coded(np.where(head["drg"] >= 0, 0, -1), ["ms-drg"]),
        "drg_code": coded(head["drg"], DRG),
        "rendering_npi": coded(head["rendering"], npis),
        "billing_npi": coded(head["billing"], npis),
        "facility_npi": coded(head["facility"], npis),
        "paid_date": days(paid_on),
        "diagnosis_code_type": same("icd-10-cm", len(claim)),
    }
    for at in range(DIAGNOSES):
        header[f"diagnosis_code_{at + 1}"] = coded(dx[:, at], DX)
    for at in range(DIAGNOSES):
        header[f"diagnosis_poa_{at + 1}"] = coded(np.where(inpatient & (dx[:, at] >= 0), 0, -1), ["Y"])
    header["procedure_code_type"] = coded(np.where(head["procedure"] >= 0, 0, -1), ["icd-10-pcs"])
    header["procedure_code_1"] = coded(head["procedure"], PCS)
    header["procedure_date_1"] = days(head["start"], head["procedure"] < 0)
    take = pa.array(sending)
    columns = {name: column.take(take) for name, column in header.items()}
    sign = times[sending]
    amounts = {
        "paid_amount": cost.paid,
        "allowed_amount": cost.allowed,
        "charge_amount": cost.charged,
        "coinsurance_amount": cost.own_share,
    }
    columns |= {
        "claim_line_number": pa.array(bills.position[line]),
        "claim_line_start_date": days(bills.day[line]),
        "claim_line_end_date": days(bills.until[line]),
        "revenue_center_code": coded(bills.revenue[line], REVENUE),
        "service_unit_quantity": pa.array(bills.units[line].astype(np.float64)),
        "hcpcs_code": coded(bills.hcpcs[line], HCPCS),
    }
    columns |= {name: money(amount[line] * sign) for name, amount in amounts.items()}
    columns["in_network_flag"] = same("1", len(line))
    return pa.table(columns)


def _claim_numbers(numbers: np.ndarray, said: np.ndarray) -> pa.Array:
    """Claim numbers as payers print them: the year, a dash, the number (`26-0718204`)."""
    short = said >= 0
    year = np.where(short, numbers // 10**7, numbers // 10**9)
    rest = np.where(short, numbers % 10**7 + 10**7, numbers % 10**9 + 10**9)
    text = pa.array(year).cast(pa.string())
    tail = pa.compute.utf8_slice_codeunits(pa.array(rest).cast(pa.string()), start=1)
    return pa.compute.binary_join_element_wise(text, tail, "-")


def pharmacy(scene: Scene, fills: Fills, to: Target, *, short_month: tuple[int, int]) -> None:
    """Write every fill (and its reversal) to the file it belongs to; one payer's file of one month is short."""
    schedule, dirt = to.schedule, to.dirt
    rng, people = scene.rng, scene.people
    drugs = tables.drugs()
    payer = people.payer_on(fills.person, fills.day, scene.calendar)
    thirty = np.array([drug.price for drug in drugs])[fills.drug]
    noise = np.exp(rng.normal(0, 0.12, len(fills)))
    allowed = np.round(thirty * fills.days / 30 * noise * np.array([1.0, 0.8, 1.15])[payer.clip(0)], 2)
    per_day = np.array([drug.per_day for drug in drugs])[fills.drug]
    paid_on = fills.day + rng.integers(1, 11, len(fills))
    in_short = (payer == SHORT_PAYER) & (fills.day >= short_month[0]) & (fills.day <= short_month[1])
    lost = in_short & (rng.random(len(fills)) < SHORT_SHARE)
    if len(scene.written):
        lost &= ~scene.written[fills.person]
        paid_on = np.where(scene.written[fills.person], fills.day + 1, paid_on)
    keep = np.flatnonzero((payer >= 0) & (paid_on <= scene.calendar.as_of) & ~lost)
    back = keep[rng.random(len(keep)) < 0.015]
    back_on = paid_on[back] + rng.integers(2, 12, len(back))
    back, back_on = back[back_on <= scene.calendar.as_of], back_on[back_on <= scene.calendar.as_of]
    at = np.concatenate([keep, back])
    on = np.concatenate([paid_on[keep], back_on]).astype(np.int32)
    sign = np.concatenate([np.ones(len(keep)), -np.ones(len(back))])
    group = payer[at].astype(np.int64) * len(schedule.cuts) + schedule.delivery_of(on)
    order = np.lexsort((at, group))
    at, on, sign, group = at[order], on[order], sign[order], group[order]
    packages = [ndc for drug in drugs for ndc in drug.ndcs]
    start = np.cumsum([0] + [len(drug.ndcs) for drug in drugs])
    npis = [provider.npi for provider in scene.directory.everyone]
    numbers = people.number[fills.person[at]]
    who = payer[at]
    whole = pa.table(
        {
            "claim_id": joined("RX", to.block * CLAIMS_PER_BLOCK + at),
            "claim_line_number": pa.array(np.ones(len(at), dtype=np.int32)),
            "person_id": joined("", numbers),
            "member_id": joined("M", numbers * 3 + who),
            "payer": coded(who, PAYERS),
            "plan": coded(who, PLANS),
            "prescribing_provider_npi": coded(fills.prescriber[at], npis),
            "dispensing_provider_npi": coded(fills.pharmacy[at], npis),
            "dispensing_date": days(fills.day[at]),
            "ndc_code": dirt.unknown_packages(start[fills.drug[at]] + fills.ndc[at], packages),
            "quantity": pa.array(np.ceil(per_day[at] * fills.days[at]) * sign),
            "days_supply": pa.array((fills.days[at] * sign).astype(np.int32)),
            "refills": pa.array(fills.refill[at].astype(np.int32)),
            "paid_date": days(on),
            "paid_amount": money(allowed[at] * np.array([0.88, 1.0, 0.82])[who] * sign),
            "allowed_amount": money(allowed[at] * sign),
            "charge_amount": money(allowed[at] * 1.3 * sign),
            "copayment_amount": money(allowed[at] * np.array([0.12, 0.0, 0.18])[who] * sign),
            "in_network_flag": same("1", len(at)),
        }
    )
    edges = np.searchsorted(group, np.arange(len(PAYERS) * len(schedule.cuts) + 1))
    for number in range(len(edges) - 1):
        rows = whole.slice(edges[number], edges[number + 1] - edges[number])
        company, when = divmod(number, len(schedule.cuts))
        name = path(company, "pharmacy_claim", schedule, when, to.claims_format)
        to.writers.write(name, to.dirt.spoil(name, _signed(rows, name, schedule.cuts[when])))
