"""A fitted table model: a schema, the estimator behind it, and how both came to be."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit.estimators import LogisticRegression
from multilogit.table.columns import level_text, read_columns
from multilogit.table.encode import Novelty, encode
from multilogit.table.record import Record
from multilogit.table.schema import Schema
from multilogit.table.units import raw_units

__all__ = ["Predictions", "TableModel"]


@dataclass(frozen=True)
class Predictions:
    """Predictions for the rows of a table, each in its place.

    Attributes
    ----------
    classes : (K,) array
    labels : (N,) array
        The most probable class of each row.
    probabilities : (N, K) array
    novelties : tuple of Novelty
        What training never saw.
    """

    classes: Array
    labels: Array
    probabilities: Float64
    novelties: tuple[Novelty, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns of probabilities."""
        return tuple(f"p_{level_text(label)}" for label in self.classes.tolist())


@dataclass(frozen=True)
class TableModel:
    """A classifier of the rows of a table.

    Attributes
    ----------
    schema : Schema
        What it takes from a table.
    estimator : LogisticRegression
        The fitted softmax regression on the terms of the schema; its classes are the labels.
    record : Record
        Where it came from.
    """

    schema: Schema
    estimator: LogisticRegression
    record: Record

    def coefficients(self) -> tuple[Float64, Float64]:
        """Return ``coef`` (K', D) and ``intercept`` (K',) in the units of the table, whatever was standardised."""
        return raw_units(self.schema, np.asarray(self.estimator.coef_), np.asarray(self.estimator.intercept_))

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
        classes = np.asarray(self.estimator.classes_)
        if not design.X.shape[0]:
            return Predictions(classes, classes[:0], np.empty((0, len(classes))), ())
        P = self.estimator.predict_proba(design.X)
        return Predictions(classes, classes[P.argmax(axis=1)], P, design.novelties)
