"""A model on a table that holds the target."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit.errors import InputError
from multilogit.inference import Comparison, compare, row_scores
from multilogit.table.columns import Column, level_text, read_columns, select
from multilogit.table.decide import as_asked
from multilogit.table.encode import Novelty, encode
from multilogit.table.model import TableModel
from multilogit.table.roles import check_weights
from multilogit.table.words import named, shown, unknown_column

__all__ = ["Evaluated", "evaluated"]


@dataclass(frozen=True)
class Evaluated:
    """The metrics on so many rows, how many others were left out, and what training never saw."""

    comparisons: tuple[Comparison, ...]
    rows: int
    left_out: int
    novelties: tuple[Novelty, ...]


def evaluated(model: TableModel, frame: Any) -> Evaluated:
    """Return the metrics of a model on a data frame, beside those of the class shares in training.

    Rows without a target are left out. Where the model was trained with weights and the table has that column too,
    it weighs the rows.

    Raises
    ------
    InputError
        If the target is missing, or holds a class that the model does not know.
    """
    columns, schema = read_columns(frame), model.schema
    if schema.target not in columns:
        raise unknown_column(schema.target, columns, "the target, without which nothing can be evaluated")
    weight = _weight(columns, schema.weights, len(columns[schema.target].missing))
    kept = np.flatnonzero(~columns[schema.target].missing & (weight > 0))
    if not len(kept):
        weighted = f" and a weight above 0 ({schema.weights!r})" if schema.weights in columns else ""
        raise InputError(f"no row has a value of the target {schema.target!r}{weighted}.")
    estimator = model.estimator
    codes = _codes(columns[schema.target], np.asarray(estimator.classes_), kept)
    some = {name: select(column, kept) for name, column in columns.items()}
    design = encode(schema, some)
    log_P: Float64 = estimator.predict_log_proba(design.X)
    with np.errstate(divide="ignore"):
        prior = np.broadcast_to(np.log(model.record.prior), log_P.shape)
    scores = row_scores(codes, log_P), row_scores(codes, prior)
    comparisons = compare(codes, *scores, weight[kept], seed=model.record.seed)
    return Evaluated(comparisons, len(kept), len(weight) - len(kept), design.novelties)


def _weight(columns: Mapping[str, Column], name: str | None, n_rows: int) -> Float64:
    """Return the weight (N,) of every row."""
    if name is None or name not in columns:
        return np.ones(n_rows)
    column = as_asked(columns[name], "numeric")[0]
    check_weights(column)
    return np.where(column.missing, 0.0, column.values.astype(np.float64))


def _codes(target: Column, classes: Array, kept: Integers) -> Integers:
    """Return the places among the classes of the labels in some rows, by their texts: 1 is "1", True is "true"."""
    places = {level_text(label): place for place, label in enumerate(classes.tolist())}
    labels = target.values[kept].tolist()
    codes = np.array([places.get(level_text(label), -1) for label in labels], dtype=np.intp)
    if (codes < 0).any():
        first = int((codes < 0).argmax())
        raise InputError(
            f"row {kept[first] + 1} holds the class {shown(labels[first])}, which the model does not know; its classes "
            f"are {named(map(str, classes.tolist()))}. Remove such rows, or train with them."
        )
    return codes
