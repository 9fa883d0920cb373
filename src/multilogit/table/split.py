"""Which rows a fit may see and which score it: stratified, groups kept together, the same rows for the same seed."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from multilogit._arrays import Array, Integers
from multilogit.errors import InputError

__all__ = ["FOLDS", "Split", "cross_validation", "holdout"]

FOLDS = 5
_PARTS = 10  # of groups, for a holdout


@dataclass(frozen=True)
class Split:
    """Places of the rows to fit, and of those that score the fit.

    Rows of a class that no row to fit has are not scored: nobody could predict them.
    """

    fit: Integers
    score: Integers

    @classmethod
    def of(cls, scored: Array, codes: Integers) -> "Split":
        """Return the split whose rows to score are some (N,) of the rows, as far as they can be."""
        fit = np.flatnonzero(~scored)
        known = np.isin(codes, codes[fit])
        return cls(fit, np.flatnonzero(scored & known))


def cross_validation(codes: Integers, groups: Array | None, seed: int) -> tuple[Split, ...]:
    """Return the splits of a cross-validation; every row is scored at most once.

    There are `FOLDS` of them, or as many as there are groups or rows of the largest class.
    """
    n_folds = FOLDS if groups is None else _most_parts(codes, groups, FOLDS)
    fold = _fold_of(codes, groups, seed, n_folds)
    splits = (Split.of(fold == number, codes) for number in range(n_folds))
    return tuple(split for split in splits if len(split.score) and len(np.unique(codes[split.fit])) > 1)


def holdout(codes: Integers, groups: Array | None, seed: int, share: float) -> Split:
    """Return one split that scores about a share of every class.

    Of a class with n rows ``floor(share n + 1/2)`` are drawn, but at most n - 1; where rows are in groups, the nearest
    number of ten parts, or of as many as there are groups, but never all or none of them.
    """
    if groups is not None:
        n_parts = _most_parts(codes, groups, _PARTS)
        among = _fold_of(codes, groups, seed, n_parts) < np.clip(round(share * n_parts), 1, n_parts - 1)
        return Split.of(among, codes)
    scored = np.zeros(len(codes), dtype=np.bool_)
    for rows in _by_class(codes, seed):
        scored[rows[: min(int(share * len(rows) + 0.5), len(rows) - 1)]] = True
    return Split.of(scored, codes)


def _by_class(codes: Integers, seed: int) -> list[Integers]:
    """Return the rows of every class, in the order of random 64-bit numbers: PCG64's raw stream does not change."""
    numbers = np.random.PCG64(seed).random_raw(len(codes))
    classes = (np.flatnonzero(codes == code) for code in np.unique(codes))
    return [rows[np.argsort(numbers[rows], kind="stable")] for rows in classes]


def _most_parts(codes: Integers, groups: Array, wanted: int) -> int:
    """Return in how many parts whole groups can go, so that the largest class can be in each of them."""
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise InputError(
            "the rows are in one group, and groups are never parted: nothing can be held out. Leave the groups out if "
            "rows of one group need not stay together."
        )
    return max(min(wanted, n_groups, int(np.bincount(codes).max())), 2)


def _fold_of(codes: Integers, groups: Array | None, seed: int, n_folds: int) -> Integers:
    """Return the number of the fold (N,) that scores each row."""
    fold = np.empty(len(codes), dtype=np.intp)
    if groups is None:
        dealt = 0
        for rows in _by_class(codes, seed):  # dealt on from class to class, so that the folds are of one size
            fold[rows] = (dealt + np.arange(len(rows))) % n_folds
            dealt += len(rows)
        return fold
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # ML201 tells it
        for number, (_, scored) in enumerate(splitter.split(np.zeros(len(codes)), codes, groups)):
            fold[scored] = number
    return fold
