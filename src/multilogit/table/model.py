"""A fitted table model: a schema, the estimator behind it, and how both came to be."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit.estimators import LogisticRegression
from multilogit.table.columns import read_columns
from multilogit.table.encode import Unusable, encode
from multilogit.table.record import TrainingRecord
from multilogit.table.schema import Schema

__all__ = ["Predictions", "TableModel"]


@dataclass(frozen=True)
class Predictions:
    """Predictions for the rows of a table, each in its place.

    Attributes
    ----------
    classes : (K,) array
    labels : tuple
        The most probable class of each row; None where the row could not be predicted.
    probabilities : (N, K) array
        NaN where the row could not be predicted.
    unusable : int
        How many rows could not be predicted.
    first_unusable : Unusable or None
        The first of these rows, with the column and value that are to blame.
    """

    classes: Array
    labels: tuple[Any, ...]
    probabilities: Float64
    unusable: int
    first_unusable: Unusable | None


@dataclass(frozen=True)
class TableModel:
    """A classifier of the rows of a table.

    Attributes
    ----------
    schema : Schema
        What it takes from a table.
    estimator : LogisticRegression
        The fitted softmax regression on the terms of the schema.
    record : TrainingRecord
        Where it came from.
    """

    schema: Schema
    estimator: LogisticRegression
    record: TrainingRecord

    def predict(self, frame: Any) -> Predictions:
        """Return class and probabilities of each row.

        Parameters
        ----------
        frame : data frame
            pandas, polars or pyarrow, with the model's columns; others, the target among them, are ignored.

        Raises
        ------
        InputError
            If a column is missing, holds another kind of value than in training, or an infinite number.
        """
        design = encode(self.schema, read_columns(frame))
        usable = ~design.unusable
        classes = np.asarray(self.estimator.classes_)
        P = np.full((usable.size, classes.size), np.nan)
        if usable.any():
            P[usable] = self.estimator.predict_proba(design.X[usable])
        best = iter(classes[P[usable].argmax(axis=1)].tolist())
        labels = tuple(next(best) if row else None for row in usable.tolist())
        return Predictions(classes, labels, P, int(design.unusable.sum()), design.first)
