"""The reliability curve."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit.inference import Reliability, reliability
from multilogit.plot.style import FAINT, FOR, INK, axes

__all__ = ["ReliabilityDisplay"]


@dataclass
class ReliabilityDisplay:
    """Share of predictions that are right against the probability that they claim, in bins of equally many rows."""

    reliability: Reliability

    @classmethod
    def from_predictions(cls, y_true: Any, P: Any, *, classes: Any, sample_weight: Any = None) -> "ReliabilityDisplay":
        """Compute it from classes (N,) and predicted probabilities (N, K) in the order of ``classes`` (K,)."""
        P = np.asarray(P, dtype=np.float64)
        best: Array = np.asarray(classes)[P.argmax(axis=1)]
        weight: Float64 = np.ones(len(P)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return cls(reliability(P.max(axis=1), (best == np.asarray(y_true)).astype(np.float64), weight))

    def plot(self, ax: Any = None) -> Any:
        """Draw it and return the axes."""
        ax, r = axes(ax, 4.4, 3.8), self.reliability
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, zorder=1)
        right, low, high = (np.asarray(part) for part in (r.right, r.low, r.high))
        ax.errorbar(
            r.confidence,
            right,
            yerr=np.maximum([right - low, high - right], 0.0),
            fmt="o-",
            color=FOR,
            ecolor=FOR,
            capsize=3,
            markersize=5,
        )
        start = max(min(*r.confidence, *r.low) - 0.05, 0.0)
        ax.set(xlim=(start, 1.02), ylim=(start, 1.02))
        ax.set_xlabel("probability of the predicted class", color=INK)
        ax.set_ylabel("share that is right", color=INK)
        return ax
