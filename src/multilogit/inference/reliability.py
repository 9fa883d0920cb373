"""Whether the most probable class turns out to be right as often as its probability says."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from multilogit._arrays import Float64

__all__ = ["Reliability", "reliability"]

_BINS = 10
_LEAST_ROWS = 20  # of a bin
_DRAWS = 2_000


@dataclass(frozen=True)
class Reliability:
    """Of every bin (B,) of rows by their confidence: mean ``confidence``, share ``right`` with its interval, weight.

    ``error`` is the weighted mean of |confidence - right|; ``p_value`` that of the hypothesis that all confidences are
    true, by the sum of squared standardised differences of the bins: it is simulated.
    """

    confidence: tuple[float, ...]
    right: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    weight: tuple[float, ...]
    error: float
    p_value: float


def reliability(confidence: Float64, correct: Float64, weight: Float64) -> Reliability:
    """Return the reliability in bins of equally many rows, by the confidence (N,) of the most probable class.

    The interval of a share is Wilson's, at 95%. The expected variance of a bin's sum is that of independent rows
    that are right with the probability which they claim.
    """
    order = np.argsort(confidence, kind="stable")
    n_bins = max(min(_BINS, len(order) // _LEAST_ROWS), 1)
    bins = np.array_split(order, n_bins)
    w = np.array([weight[rows].sum() for rows in bins])
    mean = np.array([np.average(confidence[rows], weights=weight[rows]) for rows in bins])
    right = np.array([np.average(correct[rows], weights=weight[rows]) for rows in bins])
    variance = np.array([_variance(confidence[rows], weight[rows]) for rows in bins])
    size = np.array([weight[rows].sum() ** 2 / np.square(weight[rows]).sum() for rows in bins])
    low, high = _wilson(right, size)
    p_value = _p_value(mean, right, variance, size)
    error = float(np.average(np.abs(mean - right), weights=w))
    parts = {"confidence": mean, "right": right, "low": low, "high": high, "weight": w}
    return Reliability(**{name: tuple(part.tolist()) for name, part in parts.items()}, error=error, p_value=p_value)


def _p_value(mean: Float64, right: Float64, variance: Float64, size: Float64) -> float:
    """Return how often rows that are right as they claim are as far off, by the sum of squared standard deviations.

    Simulated, because a bin that claims nearly 1 expects less than one mistake, and chi-square means nothing there.
    """
    rng = np.random.default_rng(0)
    drawn = rng.binomial(np.maximum(np.rint(size), 1).astype(np.int64), np.minimum(mean, 1.0), (_DRAWS, len(mean)))
    far = [
        np.divide(np.square(mean - share), variance, out=np.zeros_like(share), where=variance > 0).sum(axis=-1)
        for share in (right, drawn / np.maximum(np.rint(size), 1))
    ]
    return float((1 + (far[1] >= far[0]).sum()) / (1 + _DRAWS))


def _variance(p: Float64, w: Float64) -> float:
    return float((np.square(w) * p * (1.0 - p)).sum() / w.sum() ** 2)


def _wilson(share: Float64, size: Float64) -> tuple[Float64, Float64]:
    """Return the 95% interval of a share of so many rows."""
    z2 = float(special.ndtri(0.975)) ** 2
    centre, scale = share + z2 / (2 * size), 1 + z2 / size
    half = np.sqrt(z2 * (share * (1 - share) / size + z2 / (4 * size**2)))
    return np.maximum((centre - half) / scale, 0.0), np.minimum((centre + half) / scale, 1.0)
