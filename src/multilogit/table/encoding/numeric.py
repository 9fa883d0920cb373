"""A column of numbers, standardised, so that a penalty means the same in every unit."""

import math
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64
from multilogit.table.columns import Column
from multilogit.table.encoding.encoded import Encoded, with_mark

__all__ = ["Numeric"]


@dataclass(frozen=True)
class Numeric:
    """``z = (x - mean) / sd`` with ``sd^2 = sum_i w_i (x_i - mean)^2 / sum_i w_i`` over the rows that have a value.

    A missing value becomes the median, and a second term marks it where training had any. A column that is constant
    in the training rows has ``sd = inf``: its term is zero everywhere.
    """

    name: str
    mean: float
    sd: float
    median: float
    marks_missing: bool

    @classmethod
    def learn(cls, column: Column, weight: Float64) -> "Numeric":
        """Return the record of the rows of a column; without any value it is zero everywhere."""
        present = ~column.missing
        x, w = column.values[present].astype(np.float64), weight[present]
        if not w.any():
            return cls(column.name, 0.0, math.inf, 0.0, marks_missing=bool(column.missing.any()))
        mean = _mean(x, w)
        return cls(column.name, mean, _spread(x - mean, w), _median(x, w), marks_missing=bool(column.missing.any()))

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return (self.name, f"{self.name} (missing)") if self.marks_missing else (self.name,)

    def encode(self, column: Column) -> Encoded:
        """Return the terms of the rows of a column."""
        x = np.where(column.missing, self.median, column.values).astype(np.float64)
        return with_mark((x - self.mean) / self.sd, column.missing, has_mark=self.marks_missing)

    def describe(self) -> str:
        """Return the treatment in words."""
        missing = f"; missing values become the median {self.median:.6g}, and are marked" if self.marks_missing else ""
        return f"numeric, standardised (mean {self.mean:.6g}, standard deviation {self.sd:.6g}){missing}"


def _mean(x: Float64, w: Float64) -> float:
    """Return the weighted mean; of equal numbers that number, which a rounded sum may miss."""
    return float(x[0]) if (x == x[0]).all() else float(x[0] + np.average(x - x[0], weights=w))


def _spread(deviation: Float64, w: Float64) -> float:
    """Return the root of the weighted mean square, of deviations whose squares may leave the range of numbers."""
    largest = float(np.abs(deviation).max())
    if largest == 0.0:
        return math.inf
    return largest * math.sqrt(float(np.average(np.square(deviation / largest), weights=w)))


def _median(x: Float64, w: Float64) -> float:
    """Return the weighted median: where half of the weight lies exactly between two values, their mean."""
    order = np.argsort(x, kind="stable")
    x, below = x[order][w[order] > 0], np.cumsum(w[order][w[order] > 0])
    half = 0.5 * below[-1]
    low, high = np.searchsorted(below, half, side="left"), np.searchsorted(below, half, side="right")
    return float(0.5 * x[low] + 0.5 * x[min(high, len(x) - 1)])
