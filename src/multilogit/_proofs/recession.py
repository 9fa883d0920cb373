"""Directions of recession: whether a hyperplane separates classes, so that no finite optimum exists.

V is a direction of recession of the unpenalised likelihood when no row loses by it: with ``v_i = V'(x_i, 1)``,
every margin ``v_i,y - v_i,k`` of the row's own class y over another class k is non-negative. The classes are
separated, and the optimum is at infinity, exactly if some margin of such a V is positive.

References
----------
.. [1] A. Albert and J. A. Anderson, "On the existence of maximum likelihood estimates in logistic regression
   models", Biometrika 71 (1984) 1-10.
"""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit._data.source import RowBlock
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["Margins", "Recession", "Verdict", "block_margins", "separated", "separation_of"]

_ROUNDING = 1e-13  # of the sum of the sizes of a logit's terms: far more than float64 commits


class Verdict(Enum):
    """Outcome of the search; UNASKED where there was none."""

    UNASKED = auto()
    SEPARATED = auto()
    OVERLAP = auto()
    UNDECIDED = auto()


@dataclass(frozen=True)
class Recession:
    """``direction`` (D', K'), intercept last, None unless separated; ``pairs`` of class indices that it separates."""

    verdict: Verdict
    direction: Float64 | None = None
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins of a block along a direction: of ``row``, of its class ``own`` over the class ``other``."""

    row: Array
    own: Array
    other: Array
    value: Float64

    def pairs(self, chosen: Array, K: int) -> Array:
        """Return the unordered pairs (a, b) of the chosen margins, each once, coded a K + b with a < b."""
        low, high = np.minimum(self.own, self.other), np.maximum(self.own, self.other)
        return np.unique((low * K + high)[chosen])


def block_margins(objective: SoftmaxRegression, V: Float64, block: RowBlock) -> Margins:
    """Return the margins of every row with weight along V (D', 1, K'); a soft target has several own classes."""
    present = np.flatnonzero(objective.layout.class_mask[0])
    mine = (block.masses(objective.layout.n_classes) > 0) & (objective.weights(block) > 0)
    row, own = (np.repeat(index, len(present)) for index in np.nonzero(mine))
    other = np.tile(present, len(row) // len(present))
    differ = own != other
    row, own, other = row[differ], own[differ], other[differ]
    U = objective.logits(V, block)[:, 0]
    return Margins(row, own, other, U[row, own] - U[row, other])


def separated(V: Float64, codes: Array, K: int) -> Recession:
    """Return the verdict for a direction V (D', 1, K') that separates the coded pairs of classes, if any."""
    if len(codes) == 0:
        return Recession(Verdict.UNDECIDED)
    return Recession(Verdict.SEPARATED, V[:, 0], tuple((int(code) // K, int(code) % K) for code in codes))


def separation_of(objective: SoftmaxRegression, V: Float64) -> Recession:
    """Return SEPARATED if every margin along V (D', 1, K') is positive by more than its rounding, else UNDECIDED."""
    layout = objective.layout
    W = np.ascontiguousarray(layout.weights(V)).reshape(layout.n_features, layout.columns)
    codes = np.zeros(0, dtype=np.intp)
    for index in range(objective.source.n_blocks):
        block = objective.source.block(index)
        margins = block_margins(objective, V, block)
        size = layout.with_reference(block.rows.magnitude(W) + np.abs(layout.intercept(V)[0]))
        rounding = _ROUNDING * (size[margins.row, margins.own] + size[margins.row, margins.other])
        if not (margins.value > rounding).all():
            return Recession(Verdict.UNDECIDED)
        codes = np.union1d(codes, margins.pairs(np.arange(len(margins.row)), layout.n_classes))
    return separated(V, codes, layout.n_classes)
