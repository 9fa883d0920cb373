"""Scores of a model beside those of a baseline on the same rows, with bootstrap intervals of the difference."""

from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit.inference.scores import RowScores

__all__ = ["METRICS", "Comparison", "compare"]

METRICS = ("log_loss", "brier", "accuracy", "balanced_accuracy")
_DRAWS = 2_000
_TOGETHER = 64  # draws whose counts are held at a time
_MOST_UNITS = 10_000  # beyond, rows are drawn in random bundles of equal size: the means vary alike
_FEWEST_UNITS = 10  # fewer rows or groups say nothing about how much others would differ
_COVERAGE = 0.95


@dataclass(frozen=True)
class Comparison:
    """One metric of the model and of the baseline; ``low`` and ``high`` bound the difference, model - baseline.

    They are infinite where there are too few rows or groups to tell.
    """

    metric: str
    model: float
    baseline: float
    low: float
    high: float

    @property
    def has_interval(self) -> bool:
        """Whether there were enough rows or groups to tell how far off the difference may be."""
        return not np.isinf([self.low, self.high]).all()

    @property
    def difference(self) -> float:
        """Model - baseline."""
        return self.model - self.baseline


def compare(
    codes: Integers,
    model: RowScores,
    baseline: RowScores,
    weight: Float64,
    *,
    groups: Array | None = None,
    draws: int = _DRAWS,
    seed: int = 0,
) -> tuple[Comparison, ...]:
    """Return the metrics of both, and 95% percentile intervals of the differences over paired bootstrap draws.

    Parameters
    ----------
    codes : (N,) array of int
        The place of each row's class, from 0.
    model, baseline : RowScores
        Of the same rows.
    weight : (N,) array
        Not all zero.
    groups : (N,) array, optional
        Rows that belong together are drawn together.
    draws, seed : int

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall, 1993, chapter 13.
    """
    K = int(codes.max()) + 1
    own = np.zeros((len(codes), K))
    own[np.arange(len(codes)), codes] = 1.0
    parts = [np.ones((len(codes), 1)), own]
    for scores in (model, baseline):
        parts += [
            scores.log_loss[:, None],
            scores.brier[:, None],
            scores.correct[:, None],
            own * scores.correct[:, None],
        ]
    totals = _per_unit(weight[:, None] * np.hstack(parts), _units(len(codes), groups, seed))
    point = _metrics(totals.sum(axis=0, keepdims=True), K)[:, :, 0]
    if len(totals) < _FEWEST_UNITS:
        low, high = np.full(len(METRICS), -np.inf), np.full(len(METRICS), np.inf)
    else:
        low, high = np.quantile(_drawn(totals, K, draws, seed), [(1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2], axis=1)
    return tuple(
        Comparison(metric, float(point[0, m]), float(point[1, m]), float(low[m]), float(high[m]))
        for m, metric in enumerate(METRICS)
    )


def _units(n_rows: int, groups: Array | None, seed: int) -> Integers:
    """Return the unit (N,) that every row is drawn with."""
    unit = np.arange(n_rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_units = int(unit.max()) + 1
    if n_units <= _MOST_UNITS:
        return np.asarray(unit)
    bundle = np.random.default_rng([seed, 1]).permutation(n_units) % _MOST_UNITS
    return np.asarray(bundle[unit])


def _per_unit(values: Float64, unit: Integers) -> Float64:
    """Return the sums of the rows of ``values`` over every unit."""
    order = np.argsort(unit, kind="stable")
    starts = np.flatnonzero(np.diff(unit[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _drawn(totals: Float64, K: int, draws: int, seed: int) -> Float64:
    """Return the differences (metrics, draws) of as many draws of the units, with replacement."""
    rng, n_units = np.random.default_rng([seed, 2]), len(totals)
    differences = []
    for start in range(0, draws, _TOGETHER):
        some = min(_TOGETHER, draws - start)
        counts = rng.multinomial(n_units, np.full(n_units, 1.0 / n_units), size=some)
        found = _metrics(counts @ totals, K)
        differences.append(found[0] - found[1])
    return np.hstack(differences)


def _metrics(sums: Float64, K: int) -> Float64:
    """Return the metrics (2, metrics, draws) of model and baseline, from the sums (draws, .) of what `compare` adds."""
    weight, present = sums[:, 0], sums[:, 1 : 1 + K]
    found = np.empty((2, len(METRICS), len(sums)))
    for which in range(2):
        start = 1 + K + which * (3 + K)
        found[which, :3] = (sums[:, start : start + 3] / weight[:, None]).T
        recall = np.divide(sums[:, start + 3 : start + 3 + K], present, out=np.zeros_like(present), where=present > 0)
        found[which, 3] = recall.sum(axis=1) / (present > 0).sum(axis=1)
    return found
