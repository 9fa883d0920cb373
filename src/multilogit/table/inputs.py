"""Which columns a model learns from, and which rows: what is left of a table once everything is decided."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit.errors import InputError
from multilogit.table.columns import Column, level_texts, select
from multilogit.table.decide import Decision, as_asked, check_finite, decide, in_rows
from multilogit.table.roles import Roles
from multilogit.table.rows import Rows
from multilogit.table.target import check_target, labels
from multilogit.table.words import named, shown

__all__ = ["Inputs", "inputs_of"]


@dataclass(frozen=True)
class Inputs:
    """The rows to fit, why others are ``left_out`` and how many, and what was decided about every column."""

    rows: Rows
    left_out: tuple[tuple[str, int], ...]
    decisions: tuple[Decision, ...]


def inputs_of(columns: Mapping[str, Column], roles: Roles, C: float | None) -> Inputs:
    """Return what a table leaves to fit.

    Raises
    ------
    InputError
        If a named column does not exist or cannot be what it is named for, the target holds no classes, a number is
        infinite, or no row or no column is left.
    """
    roles.check(columns)
    target = columns[roles.target]
    if not len(target.missing):
        raise InputError("the table has no rows.")
    forced = roles.overrides.get(roles.target) == "categorical"
    check_target(target, forced=forced)
    kept, weight, left_out = _usable(columns, roles)
    used = select(target, kept)
    check_target(used, forced=forced)
    inputs, decisions = _inputs(columns, roles, kept)
    classes, codes = np.unique(labels(used), return_inverse=True)
    groups = None if roles.groups is None else level_texts(columns[roles.groups])[kept].astype(np.str_)
    rows = Rows(tuple(inputs), classes, codes, weight[kept], groups, kept)
    _check_references(rows, roles, C)
    return Inputs(rows, left_out, decisions)


def _inputs(
    columns: Mapping[str, Column], roles: Roles, kept: Integers
) -> tuple[list[tuple[Column, str]], tuple[Decision, ...]]:
    """Return the columns to learn from, with their roles, and what was decided about every column."""
    parts = {roles.target: "target", roles.weights: "weights", roles.groups: "groups"}
    inputs, decisions = [], []
    for name, column in columns.items():
        if name in parts:
            decisions.append(Decision(name, parts[name], f"you named it the {parts[name]}", by_user=True))
            continue
        taken, decision = (
            as_asked(column, roles.overrides[name]) if name in roles.overrides else (column, decide(column))
        )
        if decision.role != "dropped":
            check_finite(taken)
            decision = in_rows(select(taken, kept), decision)
        if roles.wanted and decision.role == "dropped" and name not in roles.wanted:
            decision = replace(decision, reason="the formula leaves it out")
        decisions.append(decision)
        if decision.role != "dropped":
            inputs.append((select(taken, kept), decision.role))
        elif name in roles.wanted:
            raise InputError(f"the formula names {name!r}, which cannot be used: {decision.reason}.")
    if not inputs:
        told = "; ".join(f"{each.column!r}: {each.reason}" for each in decisions if each.role == "dropped")
        raise InputError(f"no column is left to learn from ({told or 'the table has only the target'}).")
    return inputs, tuple(decisions)


def _check_references(rows: Rows, roles: Roles, C: float | None) -> None:
    """Raise unless every reference is a level of a column that has one; and products are not of texts."""
    taken = {column.name: (column, role) for column, role in rows.columns}
    for name, level in roles.references.items():
        column, role = taken.get(name, (None, "dropped"))
        if role != "categorical" or column is None:
            raise InputError(f"the reference {shown(level)} needs a categorical column, and {name!r} is {role}.")
        if math.inf != C:
            raise InputError(
                f"the reference {shown(level)} of {name!r} needs C = inf; with a penalty every level has a coefficient."
            )
        levels = np.unique(level_texts(column)[~column.missing].astype(np.str_)).tolist()
        if level not in levels:
            raise InputError(f"column {name!r} has no level {shown(level)}; its levels are {named(levels)}.")
    for names in roles.products:
        for name in names:
            if taken[name][1] == "text":
                raise InputError(f"the formula multiplies {name!r}, which is free text.")


def _usable(columns: Mapping[str, Column], roles: Roles) -> tuple[Integers, Float64, tuple[tuple[str, int], ...]]:
    """Return the rows that can be fitted, the weight (N,) of every row, and why the others cannot."""
    n_rows = len(columns[roles.target].missing)
    unusable = {f"no {part} ({name!r})": columns[name].missing for part, name in _parts(roles)}
    weight = np.ones(n_rows)
    if roles.weights is not None:
        weight = np.where(columns[roles.weights].missing, 0.0, columns[roles.weights].values.astype(np.float64))
        unusable[f"weight 0 ({roles.weights!r})"] = ~columns[roles.weights].missing & (weight == 0)
    gone = np.logical_or.reduce(list(unusable.values()))
    if gone.all():
        raise InputError(f"no row is left to fit: {_told(unusable)}.")
    return (
        np.flatnonzero(~gone),
        weight,
        tuple((why, int(which.sum())) for why, which in unusable.items() if which.any()),
    )


def _parts(roles: Roles) -> Iterable[tuple[str, str]]:
    yield "target", roles.target
    if roles.weights is not None:
        yield "weight", roles.weights
    if roles.groups is not None:
        yield "group", roles.groups


def _told(unusable: dict[str, Array]) -> str:
    return ", ".join(f"{int(which.sum()):,} rows have {why}" for why, which in unusable.items() if which.any())
