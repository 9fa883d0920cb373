"""The coefficients, the largest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Float64
from multilogit.plot.style import FAINT, FOR, INK, axes, inches, literal, shortened

__all__ = ["CoefficientDisplay"]

_MOST_TERMS = 20


@dataclass
class CoefficientDisplay:
    """Coefficients (K, D) of standardised terms, one panel of dots per term; the terms with the widest range first."""

    coef: Float64
    terms: tuple[str, ...]
    classes: tuple[str, ...]

    @classmethod
    def from_estimator(cls, estimator: Any, terms: Sequence[str] | None = None) -> "CoefficientDisplay":
        """Take them from a fitted linear classifier, with the names of its terms."""
        coef = np.asarray(estimator.coef_, dtype=np.float64)
        classes = tuple(str(label) for label in np.asarray(estimator.classes_).tolist())
        if len(coef) == 1:
            coef = np.vstack([np.zeros_like(coef), coef])  # against the first class
        names = (
            terms
            if terms is not None
            else getattr(estimator, "feature_names_in_", [f"x{j}" for j in range(coef.shape[1])])
        )
        order = np.argsort(-np.ptp(coef, axis=0), kind="stable")[:_MOST_TERMS]
        return cls(coef[:, order], tuple(str(names[j]) for j in order.tolist()), classes)

    def plot(self, ax: Any = None) -> Any:
        """Draw it and return the axes."""
        D = len(self.terms)
        more = max(inches(self.terms) + 2.0 * inches(self.classes) - 3.0, 0.0)
        ax = axes(ax, 4.6 + more, 0.9 + 0.26 * D)
        y = np.arange(D)[::-1]
        ax.axvline(0.0, color=FAINT, linewidth=1)
        ax.hlines(y, self.coef.min(axis=0), self.coef.max(axis=0), color=FAINT, linewidth=2)
        named = np.abs(self.coef).argmax(axis=0)
        ax.plot(self.coef.T, y, ".", color=FOR, markersize=6)
        for j in range(D):
            k = int(named[j])
            side = "left" if self.coef[k, j] > 0 else "right"
            ax.annotate(
                literal(shortened(self.classes[k])), (self.coef[k, j], y[j]), (4 if side == "left" else -4, 0),
                textcoords="offset points", ha=side, va="center", fontsize=8, color=INK,
            )  # fmt: skip
        ax.set_yticks(y, [literal(shortened(term)) for term in self.terms])
        ax.margins(x=0.25)
        ax.set_xlabel("log-odds per standard deviation, level or word", color=INK)
        return ax
