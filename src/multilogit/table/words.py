"""Wording shared by the errors of this floor."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from multilogit.errors import InputError

__all__ = ["counted", "named", "shown", "unknown_column"]

_LONGEST = 60  # letters of a value that an error repeats


def shown(value: object) -> str:
    """Return a value as Python writes it, cut where it is long.

    Examples
    --------
    >>> shown("a"), len(shown("a" * 1_000_000))
    ("'a'", 84)
    """
    text = repr(value[: _LONGEST + 1] if isinstance(value, str) else value)
    if len(text) <= _LONGEST + 2:
        return text
    size = f" ({len(value):,} letters)" if isinstance(value, str) else ""
    return f"{text[:_LONGEST]}...{text[-1]}{size}"


def named(names: Iterable[str], most: int = 12) -> str:
    """Return names in quotes, at most `most` of them.

    Examples
    --------
    >>> named(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    quoted = [shown(name) for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(12000, "row"), counted(2, "class")
    ('1 row', '12,000 rows', '2 classes')
    """
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def unknown_column(name: str, names: Iterable[str], role: str, taken: Collection[str] = ()) -> InputError:
    """Return the error for a column that the table lacks, with the nearest name that may be meant.

    Parameters
    ----------
    name : str
    names : iterable of str
        The columns of the table.
    role : str
        What the column is for.
    taken : collection of str
        Columns that serve another purpose and cannot be meant.

    Examples
    --------
    >>> print(unknown_column("specis", ["species", "sex"], "the target"))
    the table has no column 'specis' (the target). Did you mean 'species'?
    """
    known = list(names)
    folded = {column.casefold(): column for column in reversed(known) if column not in taken}
    near = get_close_matches(name.casefold(), folded, n=1)
    hint = f"Did you mean {shown(folded[near[0]])}?" if near else f"Its columns are {named(known)}."
    return InputError(f"the table has no column {shown(name)} ({role}). {hint}")
