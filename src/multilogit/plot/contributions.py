"""Why one class and not another, in one row."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit.plot.style import AGAINST, FAINT, FOR, INK, axes, literal, shortened

__all__ = ["ContributionDisplay"]

_MOST_PARTS = 10


@dataclass
class ContributionDisplay:
    """Parts that add up to the log-odds of two classes, the largest first; what is left is one part, "all other"."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    title: str

    @classmethod
    def from_explanation(cls, explanation: Any) -> "ContributionDisplay":
        """Take the parts of an `Explanation`."""
        parts = sorted(explanation.parts, key=lambda part: -abs(part.log_odds))
        shown, rest = parts[:_MOST_PARTS], parts[_MOST_PARTS:]
        labels = [part.label for part in shown] + ([f"all other ({len(rest)})"] if rest else [])
        values = [part.log_odds for part in shown] + ([sum(part.log_odds for part in rest)] if rest else [])
        predicted, against = (shortened(str(label)) for label in (explanation.predicted, explanation.against))
        title = f"{predicted} rather than {against}: {explanation.log_odds:+.2f}"
        return cls(tuple(labels), tuple(values), title)

    def plot(self, ax: Any = None) -> Any:
        """Draw it and return the axes."""
        n = len(self.labels)
        ax = axes(ax, 4.6, 0.9 + 0.26 * n)
        y, x = np.arange(n)[::-1], np.array(self.values)
        ax.barh(y, x, color=np.where(x >= 0, FOR, AGAINST), height=0.6)
        ax.axvline(0.0, color=FAINT, linewidth=1)
        for place, value in zip(y.tolist(), self.values, strict=True):
            side = "left" if value >= 0 else "right"
            ax.annotate(
                f"{value:+.2f}", (value, place), (3 if side == "left" else -3, 0),
                textcoords="offset points", ha=side, va="center", fontsize=8, color=INK,
            )  # fmt: skip
        ax.set_yticks(y, [literal(shortened(label)) for label in self.labels])
        ax.margins(x=0.24)
        ax.set_xlabel(f"log-odds, {literal(self.title)}".replace(" rather than ", "\nrather than ", 1), color=INK)
        return ax
