"""Reads the class labels, and refuses a column that holds no classes, with advice."""

import numpy as np

from multilogit._arrays import Array
from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind, level_texts
from multilogit.table.decide import FEW_LEVELS, check_finite, names_rows

__all__ = ["check_target", "labels"]

ADVICE = "Choose a column of classes, cut this one into ranges first, or name it categorical."
ROWS_PER_NUMBER = 10


def check_target(column: Column, *, forced: bool) -> None:
    """Raise if the present values of a column cannot be classes.

    Numbers of more than `FEW_LEVELS` values, of which each stands in fewer than `ROWS_PER_NUMBER` rows on the
    average, measure a quantity.

    Parameters
    ----------
    column : Column
    forced : bool
        Whether the user named the column categorical: then only a single value is refused.

    Raises
    ------
    InputError
        If there are no values, only one, fractional or infinite numbers, dates, nested values, or about as
        many values as rows.
    """
    if column.kind in {Kind.EMPTY, Kind.DATES, Kind.OTHER}:
        raise InputError(f"the target {column.name!r} holds {column.kind.value}; expected class labels.")
    check_finite(column)
    present = np.flatnonzero(~column.missing)
    values = column.values[present]
    levels = len(set(values.tolist()))
    if levels == 1:
        raise InputError(
            f"the target {column.name!r} is constant: {values[0]} in all {values.size:,} rows that have a "
            "value. A classifier needs at least two classes."
        )
    if forced:
        return
    if values.dtype == np.float64 and (fractional := values % 1 != 0).any():
        row = int(present[fractional.argmax()])
        raise InputError(
            f"the target {column.name!r} holds fractional numbers (row {row + 1}: {column.values[row]}), "
            f"which are quantities and not classes. {ADVICE}"
        )
    quantity = column.kind is Kind.NUMBERS and levels > max(FEW_LEVELS, values.size // ROWS_PER_NUMBER)
    if quantity or names_rows(levels, values.size):
        raise InputError(
            f"the target {column.name!r} has {levels:,} different values in {values.size:,} rows, so it "
            f"names rows or measures a quantity. {ADVICE}"
        )


def labels(column: Column, *, forced: bool) -> Array:
    """Return the labels of a column without missing values, as text, integers, numbers or booleans."""
    if forced or column.kind is Kind.TEXT:
        return level_texts(column).astype(np.str_)
    return column.values
