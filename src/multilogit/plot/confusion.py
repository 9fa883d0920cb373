"""The confusion matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit.plot.style import INK, axes, inches, literal, shortened

__all__ = ["ConfusionDisplay"]

_MOST_CLASSES = 20
_REST = "all other"


@dataclass
class ConfusionDisplay:
    """Counts (K, K) of true classes, in rows, by predicted classes; of many classes, those that are largest."""

    counts: Float64
    labels: tuple[str, ...]

    @classmethod
    def from_predictions(cls, y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> "ConfusionDisplay":
        """Count pairs of true and predicted classes (N,)."""
        both = np.concatenate([np.asarray(y_true), np.asarray(y_pred)])
        classes, codes = np.unique(both, return_inverse=True)
        true, predicted = np.split(codes, 2)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        K = len(classes)
        counts = np.bincount(true * K + predicted, weights=weight, minlength=K * K).reshape(K, K).astype(np.float64)
        return cls(*_largest(counts, tuple(str(label) for label in classes.tolist())))

    def plot(self, ax: Any = None) -> Any:
        """Draw it and return the axes: shade is the share of the true class, numbers are rows."""
        K = len(self.labels)
        more = max(inches(self.labels) - 0.5, 0.0)
        ax = axes(ax, 2.0 + 0.34 * K + 1.7 * more, 1.5 + 0.3 * K + 0.7 * more)
        total = self.counts.sum(axis=1, keepdims=True)
        share = np.divide(self.counts, total, out=np.zeros_like(self.counts), where=total > 0)
        ax.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        for i, j in zip(*np.nonzero(self.counts), strict=True):
            colour = "white" if share[i, j] > 0.5 else INK
            ax.text(j, i, f"{self.counts[i, j]:,.4g}", ha="center", va="center", color=colour, fontsize=8)
        slanted = K > 4 or more > 0.0
        labels = [literal(shortened(label)) for label in self.labels]
        ax.set_xticks(range(K), labels, rotation=45 if slanted else 0, ha="right" if slanted else "center")
        ax.set_yticks(range(K), labels)
        ax.set_xlabel("predicted", color=INK)
        ax.set_ylabel("true", color=INK)
        return ax


def _largest(counts: Float64, labels: tuple[str, ...]) -> tuple[Float64, tuple[str, ...]]:
    """Return the matrix of the largest classes, the others added up as one."""
    if len(labels) <= _MOST_CLASSES:
        return counts, labels
    order: Array = np.argsort(-counts.sum(axis=1), kind="stable")
    place = np.full(len(labels), _MOST_CLASSES - 1)
    place[order[: _MOST_CLASSES - 1]] = np.arange(_MOST_CLASSES - 1)
    cut = np.zeros((_MOST_CLASSES, _MOST_CLASSES))
    np.add.at(cut, (place[:, None], place[None, :]), counts)
    return cut, (*(labels[k] for k in order[: _MOST_CLASSES - 1].tolist()), _REST)
