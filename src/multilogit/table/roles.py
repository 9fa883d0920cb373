"""What the user said about columns, checked against the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind
from multilogit.table.decide import check_finite
from multilogit.table.words import unknown_column

__all__ = ["OVERRIDES", "Roles", "check_weights"]

_PAST = {"drop": "dropped"}
OVERRIDES = ("numeric", "categorical", "text", "drop")


@dataclass(frozen=True)
class Roles:
    """The columns that have a part of their own, and how others are to be taken."""

    target: str
    weights: str | None = None
    groups: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    products: tuple[tuple[str, ...], ...] = ()
    wanted: frozenset[str] = frozenset()  # by a formula: an error if one cannot be used

    def check(self, columns: Mapping[str, Column]) -> None:
        """Raise unless every column is there, has one part, and can play it.

        Raises
        ------
        InputError
            Naming the column, and the nearest name where it is missing.
        """
        parts = {"the target": self.target, "the weights": self.weights, "the groups": self.groups}
        named = {part: name for part, name in parts.items() if name is not None}
        for part, name in named.items():
            if name not in columns:
                raise unknown_column(name, columns, part)
        for name, role in self.overrides.items():
            if name not in columns:
                raise unknown_column(name, columns, f"to be {_PAST.get(role, role)}")
            if role not in OVERRIDES:
                raise InputError(f"column {name!r} must be one of {', '.join(OVERRIDES)}. Got {role!r}.")
        for name in self.references:
            if name not in columns:
                raise unknown_column(name, columns, "a reference")
        _refuse_two_parts(named, self.overrides)
        if self.groups is not None and columns[self.groups].kind in {Kind.DATES, Kind.OTHER}:
            raise InputError(
                f"the groups {self.groups!r} hold {columns[self.groups].kind.value}; convert them to text."
            )
        if self.weights is not None:
            check_weights(columns[self.weights])


def _refuse_two_parts(named: Mapping[str, str], overrides: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for part, name in named.items():
        if name in seen:
            raise InputError(f"column {name!r} is {seen[name]} and cannot be {part} too.")
        seen[name] = part
        if name in overrides and not (part == "the target" and overrides[name] == "categorical"):
            role = _PAST.get(overrides[name], overrides[name])
            raise InputError(f"column {name!r} is {part} and cannot be {role} too.")


def check_weights(column: Column) -> None:
    """Raise unless a column holds numbers >= 0."""
    if column.kind is not Kind.NUMBERS:
        raise InputError(f"the weights {column.name!r} hold {column.kind.value}; expected numbers >= 0.")
    check_finite(column)
    if (negative := ~column.missing & (column.values < 0)).any():
        row = int(np.argmax(negative))
        raise InputError(
            f"the weights {column.name!r} are negative in row {row + 1} ({column.values[row]}); expected numbers >= 0."
        )
