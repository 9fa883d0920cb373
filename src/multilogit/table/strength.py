"""The choice of C: cross-validated log loss over a scale of values, extended while the best lies at its edge."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit.errors import InputError, SeparationWarning
from multilogit.estimators.outcome import ConvergenceWarning
from multilogit.estimators.regularization_path import regularization_path
from multilogit.table.split import cross_validation
from multilogit.table.words import counted

__all__ = ["Choice", "choose"]

_LOWEST, _HIGHEST, _VALUES = -4.0, 4.0, 20  # decades
_FURTHER, _FARTHEST = 5, 9.0  # values by which the scale is extended at a time, and the decade where that ends
_DEAR = 1_000_000  # rows x classes of a fit
_WORSE = 0.1  # a loss that has risen by a tenth, over two values or more, does not come back
_TOL = 1e-5  # the losses are then known to two or three digits more than a fold changes them by


@dataclass(frozen=True)
class Choice:
    """The values of C tried, ascending, the mean log loss of each on rows that its fits did not see, and the best.

    ``edge`` says whether the best is still the "lowest" or the "highest" of them.
    """

    Cs: tuple[float, ...]
    losses: tuple[float, ...]
    C: float
    edge: str | None


def choose(X: Any, codes: Integers, weight: Float64, groups: Array | None, seed: int) -> Choice:
    """Return the choice of C for the rows of X (N, D).

    Raises
    ------
    InputError
        If there are too few rows.
    """
    if groups is not None and (groups == groups[0]).all():
        groups = None  # nothing can be held out whole; what scores the fit still is
    splits = [(split.fit, split.score) for split in cross_validation(codes, groups, seed)]
    if not splits:
        raise InputError(
            f"too few rows to choose C ({counted(len(codes), 'row')} to fit); give it a value, such as 1 (--C 1)."
        )
    exponents = np.linspace(_LOWEST, _HIGHEST, _VALUES)
    step = exponents[1] - exponents[0]
    losses = _ascending(X, codes, weight, splits, 10.0**exponents)
    exponents = exponents[: len(losses)]
    while (edge := _edge(losses)) is not None:
        more = step * np.arange(1, _FURTHER + 1)
        more = exponents[0] - more[::-1] if edge == "lowest" else exponents[-1] + more
        if np.abs(more).max() > _FARTHEST:
            break
        found = _losses(X, codes, weight, splits, 10.0**more)
        exponents, losses = _joined(edge, exponents, more), _joined(edge, losses, found)
    Cs = 10.0**exponents
    best = int(np.argmin(losses))
    return Choice(tuple(Cs.tolist()), tuple(losses.tolist()), float(Cs[best]), _edge(losses))


def _ascending(X: Any, codes: Integers, weight: Float64, splits: list[Any], Cs: Float64) -> Float64:
    """Return the mean log losses of ascending values of C; where fits are dear, of the last only while they may win.

    The largest values take by far the longest, because the penalty hardly bounds their coefficients.
    """
    if len(codes) * (codes.max() + 1) < _DEAR:
        return _losses(X, codes, weight, splits, Cs)
    half, last = len(Cs) // 2, 3 * len(Cs) // 4
    losses = _losses(X, codes, weight, splits, Cs[:half])
    for some in (slice(half, last), slice(last, None)):
        if np.argmin(losses) < len(losses) - 2 and losses[-1] > (1.0 + _WORSE) * losses.min():
            break
        losses = np.concatenate([losses, _losses(X, codes, weight, splits, Cs[some])])
    return losses


def _losses(X: Any, codes: Integers, weight: Float64, splits: list[Any], Cs: Float64) -> Float64:
    """Return the mean log loss (M,) over the splits."""
    with warnings.catch_warnings():
        for category in (SeparationWarning, ConvergenceWarning):  # the fit at the chosen C says what is wrong with it
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        path = regularization_path(X, codes, Cs=Cs, cv=splits, sample_weight=weight, tol=_TOL)
    assert path.scores is not None
    size = np.array([weight[score].sum() for _, score in splits])
    return np.asarray(-np.average(path.scores, axis=0, weights=size))


def _edge(losses: Float64) -> str | None:
    best = int(np.argmin(losses))
    return "lowest" if best == 0 else "highest" if best == len(losses) - 1 else None


def _joined(edge: str, known: Float64, more: Float64) -> Float64:
    return np.concatenate([more, known] if edge == "lowest" else [known, more])
