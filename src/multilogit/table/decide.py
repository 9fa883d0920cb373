"""Decides how each column is taken, and says why.

A column is dropped when it cannot be an honest input: it has no values or only one, it holds dates (a later date lies
outside every date that was fitted) or nested values, it counts the rows, its integers are beyond the exact range of
float64, or its texts name the rows. A column counts the rows when it goes up by one from row to row; in tables of at
most `FEW_LEVELS` rows it needs a telling name as well. Text is free text where its values are sentences: most of them
differ, and they hold `WORDS` words or more on the average. Else it names the rows when every value differs, or when its
levels are more than `FEW_LEVELS` and more than half the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind, level_text
from multilogit.table.text import NUMBER, first_inexact, has_words, look_like_amounts, look_like_dates
from multilogit.table.words import shown

__all__ = ["FEW_LEVELS", "MOST_LEVELS", "Decision", "as_asked", "check_finite", "decide", "in_rows", "names_rows"]

FEW_LEVELS = 20
MOST_LEVELS = 1_000  # each level is a dense column of X
EXACT = 2**53  # float64 holds every integer up to here
WORDS = 4.0  # a text of so many words on the average is a sentence
LARGEST = 1e150  # squares of numbers must be finite, and so must their sums

DATES = "it holds dates or times; to use them, add a column of numbers, such as days since an event"

# Names under which programs write the number of the row.
ROW_NUMBER_NAMES = frozenset(
    {"", "column_1", "unnamed: 0", "index", "id", "row", "rowid", "row_id", "rownr", "row_number", "rownames"}
)


@dataclass(frozen=True)
class Decision:
    """What a column is to the model, and why.

    ``role`` is target, weights, groups, numeric, boolean, categorical, text or dropped; ``finding`` the code of the
    finding that the reason is, if it is one.
    """

    column: str
    role: str
    reason: str
    finding: str | None = None
    by_user: bool = False


def names_rows(levels: int, rows: int) -> bool:
    """Return whether values with so many levels name the rows rather than group them."""
    return levels == rows or levels > max(FEW_LEVELS, rows // 2)


def decide(column: Column) -> Decision:
    """Return how a column is taken, from all rows of it."""
    if (dropped := _no_values(column) or _no_input(column)) is not None:
        return dropped
    if column.kind is Kind.TEXT:
        return _of_text(column)
    gaps = _gaps(column)
    if column.kind is Kind.BOOLEANS:
        return Decision(column.name, "boolean", f"true and false{gaps}")
    return Decision(column.name, "numeric", f"numbers{gaps}")


def as_asked(column: Column, role: str) -> tuple[Column, Decision]:
    """Return a column as the user wants it taken: numeric, categorical, text or dropped.

    Raises
    ------
    InputError
        If its values cannot be that.
    """
    if role == "drop":
        return column, Decision(column.name, "dropped", "you left it out", by_user=True)
    if column.kind in {Kind.EMPTY, Kind.DATES, Kind.OTHER}:
        raise InputError(
            f"column {column.name!r} holds {column.kind.value}, and cannot be {role}. Drop it, or convert it."
        )
    if role == "numeric" and column.kind is Kind.TEXT:
        column = _parsed(column)
    if role == "text" and column.kind is not Kind.TEXT:
        raise InputError(f"column {column.name!r} holds {column.kind.value}, and cannot be text.")
    return column, Decision(column.name, role, f"you said so{_gaps(column)}", by_user=True)


def in_rows(column: Column, decision: Decision) -> Decision:
    """Return the decision on a column, or that it is dropped because it is constant in the rows that are fitted."""
    present = column.values[~column.missing]
    if not len(present):
        return _dropped(column, "it has no value in the rows that are fitted", "ML101")
    if decision.role == "text" and not has_words(present.tolist()):
        raise InputError(
            f"column {column.name!r} holds no words of two letters or more, so it cannot be taken as text; take it as "
            "categorical, or drop it."
        )
    if decision.role != "text" and (value := _only_value(column)) is not None and not column.missing.any():
        return _dropped(column, f"it is constant in the rows that are fitted: {value}", "ML101")
    return decision


def _no_values(column: Column) -> Decision | None:
    """Return why a column whose values are of no use is dropped."""
    if column.kind in {Kind.EMPTY, Kind.OTHER}:
        return _dropped(column, f"it holds {column.kind.value}", "ML101" if column.kind is Kind.EMPTY else None)
    return _dropped(column, DATES) if column.kind is Kind.DATES else None


def _no_input(column: Column) -> Decision | None:
    """Return why a column of values that say nothing about other rows is dropped."""
    if (value := _only_value(column)) is not None:
        return _dropped(column, f"it is constant: {value}", "ML101")
    if _counts_rows(column):
        return _dropped(column, "it counts the rows", "ML102")
    if _first_rounded(column) is not None:
        return _dropped(
            column,
            "it holds integers beyond 2^53, which float64 rounds, as reference numbers do; to use them as levels, name "
            "the column categorical",
            "ML102",
        )
    return None


def _dropped(column: Column, reason: str, finding: str | None = None) -> Decision:
    return Decision(column.name, "dropped", reason, finding)


def _gaps(column: Column) -> str:
    missing = int(column.missing.sum())
    return f"; {missing:,} missing" if missing else ""


def _parsed(column: Column) -> Column:
    """Return a column of texts that are numbers as numbers."""
    texts = column.values.tolist()
    for row in np.flatnonzero(~column.missing).tolist():
        if not NUMBER.fullmatch(texts[row]):
            raise InputError(
                f"column {column.name!r} is to be numeric, but row {column.first + row + 1} holds {shown(texts[row])}. "
                "If that marks a missing value, remove it (or name it with --na); else correct it."
            )
    values = np.array(
        [float(text) if present else np.nan for text, present in zip(texts, ~column.missing, strict=True)]
    )
    return replace(column, kind=Kind.NUMBERS, values=values)


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
        f"column {column.name!r} {fault} in row {column.first + row + 1} ({column.values[row]}); expected finite "
        f"numbers below {LARGEST:g}. Correct the value, or remove it so that it counts as missing."
    )


def _only_value(column: Column) -> str | None:
    present = column.values[~column.missing]
    if (present == present[0]).all():
        return shown(level_text(present[0]))
    return None


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


def _of_text(column: Column) -> Decision:
    present = column.values[~column.missing].tolist()
    levels = len(set(present))
    if look_like_dates(present):
        return _dropped(column, DATES)
    if names_rows(levels, len(present)) and look_like_amounts(present):
        why = f"its texts look like numbers with a sign or unit (the first: {shown(present[0])}); write plain numbers"
        return _dropped(column, why)
    if names_rows(levels, len(present)):
        if _words(present) >= WORDS:
            return Decision(
                column.name, "text", f"sentences: {_words(present):.0f} words on the average{_gaps(column)}"
            )
        different = f"{levels:,} different texts in {len(present):,} rows"
        return _dropped(column, f"it names the rows ({different}); to use its words, name the column text", "ML102")
    if levels > MOST_LEVELS:
        why = f"it has {levels:,} levels, more than {MOST_LEVELS:,}; to use them, name the column categorical"
        return _dropped(column, why)
    return Decision(column.name, "categorical", f"{levels:,} levels{_gaps(column)}")


def _words(texts: Sequence[str]) -> float:
    """Return the mean number of words, of at most a thousand of the texts."""
    some = texts[:: max(len(texts) // 1_000, 1)]
    return sum(len(text.split()) for text in some) / len(some)
