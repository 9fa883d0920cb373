"""From a solution to what a user reads: the certificate, and a warning where something failed."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning as SklearnConvergenceWarning

from multilogit._solvers.certificate import Certificate
from multilogit._solvers.solve import Solution
from multilogit.errors import SeparationWarning, Status

__all__ = ["ConvergenceWarning", "build_certificate", "warn_of"]

_SHOWN = 6  # pairs of classes that a warning lists


class ConvergenceWarning(SklearnConvergenceWarning):
    """The tolerance was not proved; the message carries the gap and what to do."""


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
