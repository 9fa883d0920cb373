"""The optimum that every fit is measured against.

Where a certified reference exists (320-bit arithmetic, the tests carry them) its value is taken. Elsewhere multilogit
is run far beyond every target, and the judge values its coefficients; the relative gap that the fit *proves* bounds how
much lower the true optimum can be, and a target finer than ten times that is not judged at all.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks import judge
from benchmarks.problem import Data, Problem
from benchmarks.rivals.base import quietly
from benchmarks.store import ROOT

__all__ = ["Optimum", "find"]

CERTIFIED = ROOT / "tests" / "references" / "certified.json"
TOL = 1e-12


@dataclass(frozen=True)
class Optimum:
    """f* of every piece, the largest relative error that is possible, and where it comes from."""

    values: tuple[float, ...]
    error: float
    source: str

    def resolves(self, target: float) -> bool:
        """Return whether gaps of that size can be told."""
        return self.error <= target / 10

    def record(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


def find(problem: Problem, data: Data, *, certified: bool) -> Optimum:
    """Return the optimum of float64 data; ``certified`` allows the reference, if the problem names one."""
    if certified and problem.certified:
        return Optimum((reference_value(problem.certified, data.shape.D),), 1e-15, "certified in 320-bit arithmetic")
    return _fitted(problem, data)


def reference_value(name: str, D: int) -> float:
    """Return ``1/2 |W|^2 - loglik`` of a certified reference (``-loglik`` where it is unpenalised)."""
    entry = json.loads(CERTIFIED.read_text(encoding="utf-8"))[name]
    if entry["kind"] == "unpenalised":
        return -float(entry["loglik"])
    rows = np.array([float(text) for text in entry["coef"]]).reshape(-1, D + 1)
    return math.fsum(w * w for w in rows[:, :-1].ravel()) / 2 - float(entry["loglik"])


def _fitted(problem: Problem, data: Data) -> Optimum:
    """Return what multilogit's fits at a tolerance of 1e-12 are worth."""
    from multilogit import LogisticRegression

    values: list[float] = []
    proved: list[float] = []
    for piece in problem.pieces(data):
        part = data.rows(piece.rows)
        fresh = LogisticRegression(C=piece.C, tol=TOL, max_iter=100_000)
        model, _ = quietly(lambda fresh=fresh, part=part: fresh.fit(part.X, part.y))
        values.append(judge.objective(data, piece, judge.Coefficients(model.coef_, model.intercept_)))
        proved.append(float(model.certificate_.relative_gap))
    return Optimum(tuple(values), _worst(proved), f"multilogit, proved to {_worst(proved):.0e}")


def _worst(gaps: Sequence[float]) -> float:
    """Return the largest gap, not below the rounding of the judge."""
    return max(*gaps, 1e-15) if gaps else math.inf
