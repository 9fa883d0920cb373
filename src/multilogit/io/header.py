"""Everything of a model file but its arrays, and whether both agree."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import repr as brief  # of what a file holds, which may be long or deep

import numpy as np

from multilogit._arrays import Array
from multilogit._solvers.certificate import Certificate
from multilogit.errors import ModelFileError
from multilogit.inference.bootstrap import METRICS
from multilogit.table import Record, Schema
from multilogit.table.encoding import Categorical, Numeric, Text
from multilogit.table.schema import values_of

__all__ = ["ARRAYS", "DIRECTION", "Header", "Labels", "check_model"]

ARRAYS = ("coef", "intercept", "centre", "centred_intercept")
DIRECTION = "direction"
MOST_FACTORS = 64  # of a product of columns


@dataclass(frozen=True)
class Labels:
    """The classes, in order, and the NumPy type of their array."""

    dtype: str
    values: tuple[bool, ...] | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """Everything but the arrays; the certificate's direction is one of them."""

    format: str
    version: int
    written_by: tuple[tuple[str, str], ...]
    classes: Labels
    C: float
    solver: str
    n_iter: int
    certificate: Certificate
    schema: Schema
    record: Record


def check_model(header: Header, arrays: Mapping[str, Array]) -> None:
    """Raise unless the parts of a model agree with each other."""
    classes, columns = header.classes.values, header.schema.columns
    names = [column.name for column in columns]
    levels = [column.levels for column in columns if isinstance(column, Categorical)]
    levels += [column.words for column in columns if isinstance(column, Text)]
    if len(classes) < 2 or any(len(set(items)) != len(items) for items in (classes, names, *levels)):
        raise ModelFileError("the classes, columns and levels of a model must differ, and the classes be two or more")
    _check_record(header.record, len(classes))
    _check_numbers(header)
    _check_arrays(len(classes), _n_terms(header.schema), arrays)


def _n_terms(schema: Schema) -> int:
    """Return how many columns X has, counted but not made: a product of products may have more than can be made."""
    values = {column.name: values_of(column) for column in schema.columns}
    total = sum(len(column.terms) for column in schema.columns)
    for names in schema.products:
        if not values.keys() >= set(names) or len(names) > MOST_FACTORS:
            raise ModelFileError("a product of the model is of columns that it does not have, or of too many")
        total += math.prod(values[name] for name in names)
    return total


def _check_arrays(K: int, D: int, arrays: Mapping[str, Array]) -> None:
    rows = 1 if K == 2 else K
    shapes = {"coef": (rows, D), "intercept": (rows,), "centre": (D,), "centred_intercept": (rows,)}
    if DIRECTION in arrays:
        shapes[DIRECTION] = (rows, D + 1)
    if (found := {name: array.shape for name, array in arrays.items()}) != shapes:
        raise ModelFileError(f"the arrays have the shapes {brief(found)}, expected {brief(shapes)}")
    for name, array in arrays.items():
        # A class that had no weight has the intercept -inf; every other number is finite.
        allowed = ~np.isnan(array) if name.endswith("intercept") else np.isfinite(array)
        if not allowed.all() or array.dtype != np.float64:
            raise ModelFileError(f"the array {name!r} holds numbers that are not finite, or of another type")


def _check_numbers(header: Header) -> None:
    """Raise unless every number that a prediction is made of, in the header, is one that a training may give."""
    numeric = [column for column in header.schema.columns if isinstance(column, Numeric)]
    known = all(math.isfinite(each.mean) and math.isfinite(each.median) and each.sd > 0 for each in numeric)
    if not known or not header.C > 0 or not 0 <= header.n_iter < 2**31:
        raise ModelFileError("a mean, standard deviation, C or number of iterations is none")


def _check_record(record: Record, K: int) -> None:
    """Raise unless the record is of so many classes, and its counts are counts."""
    if len(record.class_counts) != K or len(record.prior) != K:
        raise ModelFileError("the model must hold one count of rows per class")
    counts = (record.rows_read, record.rows_used, *record.class_counts, *(count for _, count in record.left_out))
    if min(counts) < 0 or not all(0.0 <= share <= 1.0 for share in record.prior):
        raise ModelFileError("the counts and shares of rows must not be negative")
    lengths = [K, *(len(effect.change) for effect in record.effects)]
    if (found := record.assessment) is not None:
        parts = found.reliability
        if [each.metric for each in found.comparisons] != list(METRICS):
            raise ModelFileError(f"the scores of the model must be {', '.join(METRICS)}")
        if not (n := len(parts.right)) or [len(parts.confidence), len(parts.low), len(parts.high)] != [n, n, n]:
            raise ModelFileError("the bins of the reliability do not agree with each other")
    choice = record.choice
    if set(lengths) != {K} or (choice is not None and not len(choice.Cs) == len(choice.losses) > 0):
        raise ModelFileError("the effects of the columns, or the choice of C, are not of these classes")
