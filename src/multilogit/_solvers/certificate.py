"""The certificate: how a fit ended and how far from the optimum it can be, as numbers that are proved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64
from multilogit.errors import Status

__all__ = ["Certificate"]


@dataclass(frozen=True)
class Certificate:
    """How far a fit is from its optimum.

    Attributes
    ----------
    status : Status
        How the fit ended; ``status.value`` is the sentence.
    kind : {"duality gap", "newton decrement"}
        The proof that gave the bound: weak duality (finite C only), or self-concordance of the factored Hessian
        (C = inf, or a finite C where it is the tighter one).
    objective : float
        ``C * sum of weighted losses + penalty`` at the fit, in nats.
    gap : float
        Upper bound of ``objective - optimum``, beyond the rounding of the objective itself; inf if nothing could
        be proved.
    relative_gap : float
        ``gap / objective``: the largest share of the objective that could still be saved.
    gradient_norm : float
        Largest absolute entry of the gradient.
    newton_decrement : float or None
        ``sqrt(g' H^-1 g)``, where the Hessian was factored: ``newton_decrement**2 / 2`` estimates the gap.
    coefficient_error : float or None
        Estimated largest distance of a coefficient from the optimum's, where it is known.
    passes : int
        Sweeps over the data.
    work : float
        The cost of those sweeps in gradient evaluations.
    rank : int or None
        Number of linearly independent columns of the centred features; None where it was not determined.
    condition : float or None
        Condition number (1-norm estimate) of the Hessian with unit diagonal, where it was factored.
    aliased : tuple of str
        Columns that are linear combinations of the others, or constant.
    separated : tuple of tuples
        Pairs of classes that a hyperplane separates.
    direction : ndarray of shape (n_classes or 1, n_features + 1), or None
        Along it the likelihood only grows; it acts on columns centred at ``centre_``, the intercept last.
    """

    status: Status
    kind: str
    objective: float
    gap: float
    relative_gap: float
    gradient_norm: float
    newton_decrement: float | None = None
    coefficient_error: float | None = None
    passes: int = 0
    work: float = 0.0
    rank: int | None = None
    condition: float | None = None
    aliased: tuple[str, ...] = ()
    separated: tuple[tuple[object, object], ...] = ()
    direction: Float64 | None = None

    def verdict(self) -> str:
        """Return how the fit ended, and how far from the optimum it can be."""
        ended = self.status.value.split(":")[0]
        if not np.isfinite(self.gap):
            return f"{ended}; no bound of the distance to an optimum"
        # The gap is a bound beyond the rounding of the objective, which is never below one unit.
        shown = max(self.relative_gap, np.finfo(np.float64).eps)
        return f"{ended}; at most {shown:.1e} of the objective above the optimum (proof: {self.kind})"

    def summary(self) -> str:
        """Return the certificate in one line."""
        parts = [self.verdict(), f"{self.passes} passes over the data"]
        if self.separated:
            parts.append("separated: " + _listed([f"{a} | {b}" for a, b in self.separated]))
        if self.aliased:
            parts.append(f"rank {self.rank}, aliased: " + _listed(self.aliased))
        return "; ".join(parts)


def _listed(words: Sequence[str], most: int = 6) -> str:
    """Return the words, of a long list the first and the number of the others."""
    more = len(words) - most
    return ", ".join(words) if more <= 0 else ", ".join(words[:most]) + f" and {more} more"
