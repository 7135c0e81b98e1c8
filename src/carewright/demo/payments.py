"""
When bills are paid and what becomes of them afterwards: late, adjusted, voided, reversed, sent twice.

DEMO_RATES: half of the claims are paid within 30 days of the service, 90 % within 90, the rest within a year; 3 % are
adjusted or reversed later. What is not paid yet on the last day is not in any file: that is why the latest months
look quieter than they were.
"""

from dataclasses import dataclass

import numpy as np

from carewright.demo.ledger import Bills
from carewright.demo.tables import BILL_TYPE

SPREAD = np.log(90 / 30) / 1.2815516
LONGEST = 360
ADJUSTED, VOIDED = 0.022, 0.008
ALLOWED_TIMES = np.array([1.0, 0.66, 1.45])
PAID_SHARE = np.array([0.93, 1.0, 0.84])
CHARGED_TIMES = 2.6

VOID_OF = {"111": "118", "114": "118", "131": "138", "721": "728", "211": "218", "329": "328", "814": "818"}
REPLACEMENT_OF = {"111": "117", "114": "117", "131": "137", "721": "727", "211": "217", "329": "327", "814": "817"}


@dataclass
class Sendings:
    """
    Claims as they are sent: one entry per claim and sending. `claim` points into the bills; `paid_on` is the day of
    payment; `times` multiplies the money (negative for a reversal); `bill_type` may say void or replacement.
    """

    claim: np.ndarray
    paid_on: np.ndarray
    times: np.ndarray
    bill_type: np.ndarray


def lag(rng: np.random.Generator, count: int) -> np.ndarray:
    """Days from service to payment."""
    return np.clip(np.round(30 * np.exp(SPREAD * rng.normal(0, 1, count))), 2, LONGEST).astype(np.int32)


def send(rng: np.random.Generator, bills: Bills, as_of: int) -> Sendings:
    """Every sending of every claim up to `as_of`: first as billed, later as corrected."""
    told = bills.header["lag"]
    days = np.where(np.isnan(told), lag(rng, len(told)), told)
    paid_on = (bills.header["end"] + days).astype(np.int32)
    claim = np.flatnonzero(paid_on <= as_of).astype(np.int32)
    free = np.isnan(told[claim])
    u = rng.random(len(claim))
    later = (paid_on[claim] + rng.integers(15, 80, len(claim))).astype(np.int32)
    money = rng.uniform(0.55, 1.12, len(claim))
    bill_type = bills.header["bill_type"][claim]
    original = Sendings(claim=claim, paid_on=paid_on[claim], times=np.ones(len(claim)), bill_type=bill_type)
    again = np.flatnonzero(free & (u < ADJUSTED + VOIDED) & (later <= as_of))
    voided = u[again] >= ADJUSTED
    # A hospital's correction says so in its bill type; a doctor's is the claim again, a void with a minus sign.
    replacement, void = _corrections(bill_type)
    correction = Sendings(
        claim=claim[again],
        paid_on=later[again],
        times=np.where(voided, -1.0, money[again]),
        bill_type=np.where(voided, void[again], replacement[again]),
    )
    return Sendings(
        **{name: np.concatenate([getattr(original, name), getattr(correction, name)]) for name in vars(original)}
    )


def _corrections(bill_type: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The replacement and the void of each bill type; itself where there is none."""
    replacement, void = bill_type.copy(), bill_type.copy()
    for answer, pairs in ((replacement, REPLACEMENT_OF), (void, VOID_OF)):
        for was, becomes in pairs.items():
            answer[bill_type == BILL_TYPE.number(was)] = BILL_TYPE.number(becomes)
    return replacement, void


@dataclass
class Money:
    """Dollars per line: charged, allowed, paid, and the person's share."""

    charged: np.ndarray
    allowed: np.ndarray
    paid: np.ndarray
    own_share: np.ndarray


def price(rng: np.random.Generator, bills: Bills, payer_of_claim: np.ndarray) -> Money:
    """What each line costs, by who pays."""
    payer = payer_of_claim[bills.claim].clip(0)
    noise = np.exp(rng.normal(0, 0.18, len(bills.claim)))
    allowed = np.round(bills.price * bills.units * ALLOWED_TIMES[payer] * noise, 2)
    paid = np.round(allowed * PAID_SHARE[payer], 2)
    charged = np.round(allowed * CHARGED_TIMES + np.where(allowed == 0, 180 * noise, 0), 2)
    return Money(charged=charged, allowed=allowed, paid=paid, own_share=np.round(allowed - paid, 2))
