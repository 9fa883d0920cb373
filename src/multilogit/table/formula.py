"""A formula in Wilkinson's notation, ``species ~ island * bill_length_mm``, as roles of columns.

formulaic reads it. A model file holds data and no code, so a formula may name columns, mark levels with ``C(year)``,
and combine them with ``+ - : * ** %in%`` and ``.`` (all other columns); what it would have to compute belongs into
the table.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from multilogit.errors import InputError
from multilogit.table.words import shown, unknown_column

__all__ = ["Formula", "parse_formula"]

_LEVELS = re.compile(r"C\((?:`(?P<quoted>[^`]+)`|(?P<plain>[^\W\d][\w.]*))\)")


@dataclass(frozen=True)
class Formula:
    """The target, the columns to learn from, those of them that are levels, and those that are multiplied."""

    target: str
    columns: tuple[str, ...]
    levels: frozenset[str]
    products: tuple[tuple[str, ...], ...]


def parse_formula(text: str, names: Collection[str]) -> Formula:
    """Return what a formula asks of a table with columns of these names.

    Raises
    ------
    InputError
        If formulaic is not installed, or the formula cannot be read, computes something, names a column that is not
        there, leaves out the intercept, or multiplies columns without holding each of them.
    """
    left, right = _sides(text, names)
    if len(left) != 1 or len(left[0]) != 1:
        raise InputError(f"the formula {shown(text)} must have one column, the target, to the left of ~.")
    levels: set[str] = set()
    target = _column(text, left[0][0], levels)
    terms = [tuple(_column(text, factor, levels) for factor in term if factor != "1") for term in right]
    if () not in terms:
        raise InputError(f"the formula {shown(text)} leaves out the intercept, which is always fitted; remove 0 or -1.")
    for name in (target, *(name for term in terms for name in term)):
        if name not in names:
            raise unknown_column(name, names, "of the formula")
    products = tuple(term for term in terms if len(term) > 1)
    _check_margins(products, {frozenset(term) for term in terms})
    return Formula(target, tuple(term[0] for term in terms if len(term) == 1), frozenset(levels), products)


def _sides(text: str, names: Collection[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the terms on either side of ~, each as the texts of its factors."""
    try:
        from formulaic.errors import FormulaicError  # noqa: PLC0415  (an extra)
        from formulaic.parser import DefaultFormulaParser  # noqa: PLC0415
    except ModuleNotFoundError:
        raise InputError("a formula needs formulaic. Run: pip install 'multilogit[formula]'") from None
    try:
        found: Any = DefaultFormulaParser().get_terms(
            text, context={"__formulaic_variables_available__": sorted(names)}
        )
        sides = (found.lhs, found.rhs)
        left, right = ([[factor.expr for factor in term.factors] for term in side] for side in sides)
    except (FormulaicError, AttributeError, SyntaxError, ValueError) as error:
        reason = " ".join(str(error).split("\n")[0].split())
        raise InputError(
            f"the formula {shown(text)} cannot be read ({reason}); write 'target ~ column + column'."
        ) from None
    return left, right


def _column(text: str, factor: str, levels: set[str]) -> str:
    """Return the column that a factor names; a number or a call other than C(column) is none."""
    if (found := _LEVELS.fullmatch(factor)) is not None:
        name = str(found["quoted"] or found["plain"])
        levels.add(name)
        return name
    if "(" in factor or "{" in factor:
        raise InputError(
            f"the formula {shown(text)} computes {shown(factor)}; a model file holds data and no code, so add it to "
            "the table as a column of its own."
        )
    return factor


def _check_margins(products: Sequence[tuple[str, ...]], terms: set[frozenset[str]]) -> None:
    """Raise unless every product stands with all its parts; without them its coefficients depend on the coding."""
    for term in products:
        for size in range(1, len(term)):
            for part in combinations(term, size):
                if frozenset(part) not in terms:
                    raise InputError(
                        f"the formula has {':'.join(term)} without {':'.join(part)}; write {'*'.join(term)}."
                    )
