"""From a solution to what a user reads: coefficients, certificate, and a warning where something failed."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning as SklearnConvergenceWarning

from multilogit._arrays import Array, Float64
from multilogit._kernels.double_double import two_product
from multilogit._objective.layout import Layout
from multilogit._solvers.certificate import Certificate
from multilogit._solvers.solve import Solution
from multilogit.errors import SeparationWarning, Status

__all__ = ["Coefficients", "ConvergenceWarning", "build_certificate", "warn_of"]

_SHOWN = 6  # pairs of classes that a warning lists


class ConvergenceWarning(SklearnConvergenceWarning):
    """The tolerance was not proved; the message carries the gap and what to do."""


@dataclass(frozen=True)
class Coefficients:
    """``coef`` (K or 1, D) and ``intercept`` (K or 1,) in the user's units, and the centred form that predicts.

    ``x coef' + intercept = (x - centre) coef' + centred_intercept``, where the right-hand side loses no digit
    however far from zero a column lies.
    """

    coef: Array
    intercept: Array
    centre: Float64
    centred_intercept: Float64

    @classmethod
    def of(cls, theta: Float64, layout: Layout, centre: Float64, dtype: Any) -> "Coefficients":
        """Return the coefficients of theta (D', 1, K'); a class out of play has zeros and the intercept -inf."""
        coef = np.ascontiguousarray(layout.weights(theta)[:, 0].T).astype(dtype)
        centred = layout.intercept(theta)[0].copy()
        if layout.free_rows == layout.n_classes:
            centred[~layout.class_mask[0]] = -np.inf
        rows = coef.astype(np.float64)
        intercept = np.array([_shifted(b, row, centre) for b, row in zip(centred, rows, strict=True)], dtype=dtype)
        return cls(coef, intercept, centre, centred)

    @classmethod
    def of_fitted(cls, estimator: Any) -> "Coefficients":
        """Return the coefficients that an estimator predicts with, scikit-learn's or ours.

        The stored centre is used while coef_ and intercept_ still are what was fitted; a copy tells, because a
        change may have been made in place.
        """
        coef = estimator.coef_.toarray() if sparse.issparse(estimator.coef_) else np.asarray(estimator.coef_)
        intercept = np.broadcast_to(estimator.intercept_, (len(coef),))
        fitted = getattr(estimator, "_fitted_arrays", None)
        if fitted is not None and np.array_equal(coef, fitted[0]) and np.array_equal(intercept, fitted[1]):
            return cls(coef, intercept, estimator.centre_, estimator.centred_intercept_)
        return cls(coef, intercept, np.zeros(coef.shape[1]), np.asarray(intercept, dtype=np.float64))

    def recentred(self, centre: Float64) -> "Coefficients":
        """Return the same model about another centre."""
        moved = self.centred_intercept + self.coef.astype(np.float64) @ (centre - self.centre)
        return replace(self, centre=centre, centred_intercept=moved)

    def give_to(self, estimator: Any) -> None:
        """Set the fitted arrays of an estimator, and let it remember them to notice a later change."""
        estimator.coef_, estimator.intercept_ = self.coef, self.intercept
        estimator.centre_, estimator.centred_intercept_ = self.centre, self.centred_intercept
        estimator._fitted_arrays = (self.coef.copy(), self.intercept.copy())

    def theta(self, layout: Layout) -> Float64:
        """Return the parameters (D', 1, K') that these coefficients are."""
        W = self.coef.T.astype(np.float64)
        b = np.where(np.isfinite(self.centred_intercept), self.centred_intercept, 0.0)
        rows = [W, b[None, :]] if layout.fit_intercept else [W]
        return np.concatenate(rows)[:, None, :]


def _shifted(intercept: float, row: Float64, centre: Float64) -> float:
    """Return ``intercept - centre'row``, rounded once."""
    if not np.isfinite(intercept):
        return float(intercept)
    high, low = two_product(centre, row)
    return math.fsum([intercept, *(-high), *(-low)])


def build_certificate(
    solution: Solution, names: Callable[[int], str], classes: Sequence[object], error: float | None = None
) -> Certificate:
    """Return the certificate of a solution, in the user's names; ``error`` is the coefficients', where it is known."""
    proof, value, recession = solution.proof, solution.value, solution.recession
    gap = proof.gap
    if error is None and solution.coefficient_step is not None:
        error = float(np.abs(solution.coefficient_step).max(initial=0.0))
    pairs = tuple((classes[a], classes[b]) for a, b in recession.pairs)
    direction = None if recession.direction is None else recession.direction.T
    return Certificate(
        status=solution.status,
        kind=proof.kind,
        objective=value,
        gap=gap,
        relative_gap=gap / value if value > 0 else (0.0 if gap == 0 else np.inf),
        gradient_norm=float(np.abs(solution.iterate.gradient).max(initial=0.0)),
        newton_decrement=None if solution.condition is None else solution.iterate.decrement,
        coefficient_error=error,
        passes=solution.effort.passes,
        work=solution.effort.work,
        rank=solution.rank,
        condition=solution.condition,
        aliased=() if solution.aliased is None else tuple(names(int(j)) for j in solution.aliased),
        separated=pairs if solution.status is Status.SEPARATED else (),
        direction=direction if solution.status is Status.SEPARATED else None,
    )


def warn_of(certificate: Certificate, max_iter: int, tol: float) -> None:
    """Issue the one warning that a failure deserves; none for a proved optimum."""
    status = certificate.status
    if status is Status.CONVERGED:
        return
    if status is Status.SEPARATED:
        shown = ", ".join(f"{a!r} from {b!r}" for a, b in certificate.separated[:_SHOWN])
        more = len(certificate.separated) - _SHOWN
        warnings.warn(
            f"A hyperplane separates {shown}{f' and {more} more pairs of classes' if more > 0 else ''}: without a "
            "penalty no finite optimum exists, and coefficients grow without bound. Predictions are those of the "
            "last iterate. Use a finite C, or drop the column that gives the class away; certificate_.direction "
            "holds the hyperplane.",
            SeparationWarning,
            stacklevel=3,
        )
        return
    gap, proved = certificate.relative_gap, np.isfinite(certificate.gap)
    bound = f"its relative gap is at most {gap:.1e}" if proved else "no bound of its gap was found"
    advice = {
        Status.MAX_ITER: f"Raise max_iter (now {max_iter}).",
        Status.STALLED: f"Rounding allows no more; raise tol (now {tol:g}).",
        Status.UNDECIDED: "Neither an optimum nor a separation could be proved; use a finite C.",
    }[status]
    warnings.warn(
        f"The fit is not proved to be optimal: {bound}, the tolerance is {tol:g}. {advice} "
        "certificate_ holds the details.",
        ConvergenceWarning,
        stacklevel=3,
    )
