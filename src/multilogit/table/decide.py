"""Decides how each column is taken, and says why a column is left out.

A column is left out when it cannot be an honest input: it has no values or only one, it holds dates (a later
date lies outside every date that was fitted) or nested values, it counts the rows, its integers are beyond the
exact range of float64, or its texts name the rows. A column counts the rows when it goes up by one from row to
row; in tables of at most `FEW_LEVELS` rows it needs a telling name as well. Text names the rows when every
value differs, or when its levels are more than `FEW_LEVELS` and more than half the rows.
"""

from collections.abc import Callable, Iterable

import numpy as np

from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind, level_text, level_texts
from multilogit.table.schema import Boolean, Categorical, LeftOut, Numeric, Treatment
from multilogit.table.text import first_inexact, look_like_amounts, look_like_dates

__all__ = [
    "FEW_LEVELS",
    "MOST_LEVELS",
    "check_finite",
    "decide",
    "names_rows",
    "partition",
    "reason_to_leave_out",
]

FEW_LEVELS = 20
MOST_LEVELS = 1_000  # each level is a dense column of X
EXACT = 2**53  # float64 holds every integer up to here
LARGEST = 1e150  # squares of numbers must be finite, and so must their sums

DATES = "it holds dates or times; to use them, add a column of numbers, such as days since an event"

# Names under which programs write the number of the row.
ROW_NUMBER_NAMES = frozenset(
    {"", "column_1", "unnamed: 0", "index", "id", "row", "rowid", "row_id", "rownr", "row_number", "rownames"}
)


def names_rows(levels: int, rows: int) -> bool:
    """Return whether values with so many levels name the rows rather than group them."""
    return levels == rows or levels > max(FEW_LEVELS, rows // 2)


def reason_to_leave_out(column: Column, *, forced: bool) -> str | None:
    """Return why a column cannot be an input, or None if it can.

    Parameters
    ----------
    column : Column
        All rows of it.
    forced : bool
        Whether the user named the column categorical: then its levels are not counted.
    """
    if column.kind in {Kind.EMPTY, Kind.OTHER}:
        return f"it holds {column.kind.value}"
    if column.kind is Kind.DATES:
        return DATES
    if (value := _only_value(column)) is not None:
        return f"it is constant: {value}"
    return None if forced else _reason_of_values(column)


def decide(column: Column, *, forced: bool, has_reference: bool) -> Treatment:
    """Return the treatment of a column that is not left out, from the rows that will be fitted."""
    if column.kind is Kind.TEXT or forced:
        return Categorical(column.name, tuple(sorted(set(level_texts(column).tolist()))), has_reference)
    return Boolean(column.name) if column.kind is Kind.BOOLEANS else Numeric(column.name)


def partition(columns: Iterable[Column], reason: Callable[[Column], str | None]) -> tuple[list[Column], list[LeftOut]]:
    """Split columns into those to keep and those to leave out, with the reasons."""
    reasons = [(column, reason(column)) for column in columns]
    kept = [column for column, why in reasons if why is None]
    return kept, [LeftOut(column.name, why) for column, why in reasons if why is not None]


def check_finite(column: Column) -> None:
    """Raise if a number is infinite, or above `LARGEST` in size.

    Raises
    ------
    InputError
        Naming the first row.
    """
    if column.kind is not Kind.NUMBERS or column.values.dtype != np.float64:
        return
    size = np.abs(column.values)
    if not (size > LARGEST).any():
        return
    row = int((size > LARGEST).argmax())
    fault = "is infinite" if np.isinf(size[row]) else "is too large to be squared"
    raise InputError(
        f"column {column.name!r} {fault} in row {row + 1} ({column.values[row]}); expected finite numbers below "
        f"{LARGEST:g}. Correct the value, or remove it so that it counts as missing."
    )


def _only_value(column: Column) -> str | None:
    present = column.values[~column.missing]
    if (present == present[0]).all():
        return level_text(present[0])
    return None


def _reason_of_values(column: Column) -> str | None:
    if _counts_rows(column):
        return "it counts the rows"
    if (rounded := _first_rounded(column)) is not None:
        return (
            f"it holds integers that float64 would round (such as {rounded}), as reference numbers do; "
            f"to use them as levels, add --categorical {column.name!r}"
        )
    return _reason_of_text(column) if column.kind is Kind.TEXT else None


def _counts_rows(column: Column) -> bool:
    """Return whether a column of integers goes up by one from row to row."""
    if column.kind is not Kind.NUMBERS or column.missing.any() or not np.isfinite(column.values).all():
        return False
    rows, start = column.values.size, column.values[0]
    telling = column.name.casefold() in ROW_NUMBER_NAMES and start in {0, 1}
    if not telling and (rows <= FEW_LEVELS or start % 1 != 0):
        return False
    # Differences, because they cannot overflow where they are all 1.
    return bool((np.diff(column.values) == 1).all())


def _first_rounded(column: Column) -> int | None:
    """Return the first integer of a column that float64 does not hold."""
    present = column.values[~column.missing]
    if present.dtype.kind in "iu":
        present = present[(present > EXACT) | (present < -EXACT)]
    elif column.kind is not Kind.TEXT:
        return None
    return first_inexact(present.tolist())


def _reason_of_text(column: Column) -> str | None:
    present = column.values[~column.missing].tolist()
    levels = len(set(present))
    if look_like_dates(present):
        return DATES
    if levels == len(present) or names_rows(levels, len(present)):
        if look_like_amounts(present):
            return f"its texts look like numbers with a sign or unit (the first: {present[0]!r}); write plain numbers"
        if levels == len(present):
            return f"each of its {levels:,} texts occurs once: it names the rows"
        return f"it has {levels:,} different texts in {len(present):,} rows: free text or names of rows"
    if levels > MOST_LEVELS:
        return f"it has {levels:,} levels, more than {MOST_LEVELS:,}; to use it, add --categorical {column.name!r}"
    return None
