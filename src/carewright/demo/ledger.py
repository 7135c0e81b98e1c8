"""
The bills of one block, kept as columns: claims with their headers, and the lines on them.

Everything is a number here (a code's place in its vocabulary, a day, a provider's place in the directory); text is
made when files are written. Money is what the payer allows, in dollars.
"""

from dataclasses import dataclass, field

import numpy as np

from carewright.demo import tables

NOTHING = -1
DIAGNOSES = 12

HEADER = {
    "person": np.int32,
    "institutional": bool,
    "start": np.int32,
    "end": np.int32,
    "admitted": np.int32,
    "discharged": np.int32,
    "admit_type": np.int16,
    "admit_source": np.int16,
    "disposition": np.int16,
    "place": np.int16,
    "bill_type": np.int16,
    "drg": np.int16,
    "procedure": np.int16,
    "rendering": np.int32,
    "billing": np.int32,
    "facility": np.int32,
    "lag": np.float32,
    "said": np.int64,
}
"""Columns of a claim's header. `lag` is days to payment when it is told, else NaN; `said` a claim number when told."""

DEFAULTS: dict[str, float] = dict.fromkeys(HEADER, NOTHING) | {"institutional": 0, "lag": float("nan")}


@dataclass
class Ledger:
    """Claims and lines as they are added; `close` joins them into one array per column."""

    claims: list[dict[str, np.ndarray]] = field(default_factory=list)
    diagnoses: list[np.ndarray] = field(default_factory=list)
    lines: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    count: int = 0

    def add(self, person: np.ndarray, start: np.ndarray, dx: np.ndarray, **columns: object) -> np.ndarray:
        """Add claims that begin on these days with these diagnoses (one row each); answers the claims' numbers."""
        many = len(person)
        header = {"person": person, "start": start, "end": start} | columns
        self.claims.append(
            {
                name: np.broadcast_to(np.asarray(header.get(name, DEFAULTS[name]), dtype=kind), many)
                for name, kind in HEADER.items()
            }
        )
        codes = np.full((many, DIAGNOSES), NOTHING, dtype=np.int32)
        if many:
            wide = dx.reshape(many, -1)[:, :DIAGNOSES]
            codes[:, : wide.shape[1]] = wide
        self.diagnoses.append(codes)
        numbers = np.arange(self.count, self.count + many, dtype=np.int32)
        self.count += many
        return numbers

    def line(
        self,
        claims: np.ndarray,
        day: np.ndarray,
        *,
        hcpcs: np.ndarray | int = NOTHING,
        revenue: int = NOTHING,
        units: np.ndarray | float = 1.0,
        price: np.ndarray | float = 0.0,
        until: np.ndarray | None = None,
    ) -> None:
        """Add one line to each of these claims."""
        many = len(claims)
        if many:
            self.lines.append(
                (
                    np.asarray(claims, dtype=np.int32),
                    np.asarray(day, dtype=np.int32),
                    np.asarray(day if until is None else until, dtype=np.int32),
                    np.broadcast_to(np.asarray(revenue, dtype=np.int16), many),
                    np.broadcast_to(np.asarray(hcpcs, dtype=np.int32), many),
                    np.broadcast_to(np.asarray(units, dtype=np.float32), many),
                    np.broadcast_to(np.asarray(price, dtype=np.float64), many),
                )
            )

    def bill(
        self,
        rng: np.random.Generator,
        kind: str,
        claims: np.ndarray,
        day: np.ndarray,
        *,
        until: np.ndarray | None = None,
        factor: np.ndarray | float = 1.0,
    ) -> None:
        """Add the lines a bill of this kind usually holds, each with its chance."""
        for spec in tables.bills()[kind]:
            on = np.ones(len(claims), dtype=bool) if spec.chance >= 1 else rng.random(len(claims)) < spec.chance
            scale = factor[on] if isinstance(factor, np.ndarray) else factor
            many = int(on.sum())
            self.line(
                claims[on],
                day[on],
                hcpcs=spec.hcpcs.draw(rng, many),
                revenue=spec.revenue,
                units=spec.units,
                price=spec.price * scale,
                until=None if until is None else until[on],
            )

    def close(self) -> "Bills":
        """All claims and lines, lines ordered by claim."""
        header = {name: np.concatenate([part[name] for part in self.claims]) for name in HEADER}
        claim, day, until, revenue, hcpcs, units, price = (
            np.concatenate([part[at] for part in self.lines]) for at in range(7)
        )
        order = np.argsort(claim, kind="stable")
        claim = claim[order]
        first = np.searchsorted(claim, np.arange(self.count))
        return Bills(
            header=header,
            dx=np.concatenate(self.diagnoses),
            claim=claim,
            position=(np.arange(len(claim)) - first[claim] + 1).astype(np.int32),
            day=day[order],
            until=until[order],
            revenue=revenue[order],
            hcpcs=hcpcs[order],
            units=units[order],
            price=price[order],
        )


@dataclass
class Bills:
    """Every claim (`header`, `dx`: one row per claim) and every line (the rest: one entry per line)."""

    header: dict[str, np.ndarray]
    dx: np.ndarray
    claim: np.ndarray
    position: np.ndarray
    day: np.ndarray
    until: np.ndarray
    revenue: np.ndarray
    hcpcs: np.ndarray
    units: np.ndarray
    price: np.ndarray
