"""Splits into training and test rows, as columns of weights: a row that a fold leaves out has the weight zero."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import check_cv

from multilogit._arrays import Float64, Integers
from multilogit.errors import InputError
from multilogit.estimators.training_data import TrainingData

__all__ = ["Folds", "read_folds"]


@dataclass(frozen=True)
class Folds:
    """``weight`` (N, 1 + F): those of all data, then those of each fold's training rows; its ``test`` rows."""

    weight: Float64
    test: tuple[Integers, ...]


def read_folds(cv: Any, X: Any, data: TrainingData, sample_weight: Float64 | None) -> Folds:
    """Return the splits that ``cv`` makes of the rows, none for None; it means what it means to scikit-learn.

    ``sample_weight`` (N,) are the user's, without class weights: by them the test rows count.
    """
    columns, tests = [data.weight], list[Integers]()
    if cv is not None:
        y = data.classes[data.labels]
        for train, test in _splits(cv, X, y):
            fold = len(tests)
            columns.append(data.weight * np.bincount(_rows(train, len(y), fold, "training"), minlength=len(y)))
            tests.append(_rows(test, len(y), fold, "test"))
            _refuse_one_class(columns[-1], data, fold)
            if sample_weight is not None and not sample_weight[tests[-1]].any():
                raise InputError(f"The test rows of fold {fold} must hold a positive weight. Got zero for all of them.")
        if not tests:
            raise InputError("cv must make one split or more. It made none.")
    return Folds(np.column_stack(columns), tuple(tests))


def _splits(cv: Any, X: Any, y: Any) -> Any:
    try:
        return list(check_cv(cv, y, classifier=True).split(X, y))
    except (TypeError, ValueError) as error:
        raise InputError(f"cv could not split the rows: {error}") from error


def _rows(index: Any, n_rows: int, fold: int, part: str) -> Integers:
    """Return row numbers, given as such or as a mask."""
    rows = np.asarray(index)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or len(rows) == 0 or rows.min() < 0 or rows.max() >= n_rows:
        raise InputError(
            f"The {part} rows of fold {fold} must be one or more row numbers from 0 to {n_rows - 1}, or a mask of "
            f"{n_rows} rows. Got {index!r}."
        )
    return rows


def _refuse_one_class(weight: Float64, data: TrainingData, fold: int) -> None:
    present = np.bincount(data.labels, weights=weight, minlength=len(data.classes)) > 0
    if present.sum() < 2:
        raise InputError(
            f"The training rows of fold {fold} must hold at least two classes with positive weight. Got "
            f"{data.classes[present].tolist()}. Use fewer folds, or a splitter that shuffles and stratifies."
        )
