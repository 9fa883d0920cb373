"""Why a row got its class and not another, in the words of the table."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Array, Float64
from multilogit.errors import InputError
from multilogit.inference import contributions
from multilogit.table.columns import Column, level_text, one_row
from multilogit.table.effects import full
from multilogit.table.encode import Novelty, encode
from multilogit.table.encoding import Numeric, Text
from multilogit.table.model import TableModel
from multilogit.table.schema import Schema
from multilogit.table.words import counted, named, shown

__all__ = ["Explanation", "Part", "explain_row"]


@dataclass(frozen=True)
class Part:
    """What one column, one word of a text or one product of columns adds to the log-odds."""

    label: str
    log_odds: float


@dataclass(frozen=True)
class Explanation:
    """``log(p_predicted / p_against)``, as a sum of parts.

    Attributes
    ----------
    predicted, against : object
        The most probable class, and the one that it is compared with.
    probabilities : tuple of (class, float)
        The most probable first.
    parts : tuple of Part
        The largest first, the classes' own part (``base``) among them: what a row at the mean of every number would
        get, without a word and at no level.
    log_odds : float
        The sum of the parts, rounded once.
    novelties : tuple of Novelty
        Values that training never saw: they are no part.
    """

    predicted: Any
    against: Any
    probabilities: tuple[tuple[Any, float], ...]
    parts: tuple[Part, ...]
    log_odds: float
    novelties: tuple[Novelty, ...] = ()

    def __str__(self) -> str:
        shares = dict(self.probabilities)
        sides = [f"{label} ({shares[label]:.1%})" for label in (self.predicted, self.against)]
        parts = [f"  {part.log_odds:+10.4f}  {part.label}" for part in self.parts]
        notes = [f"  note: {novelty.sentence()}" for novelty in self.novelties]
        return "\n".join([" rather than ".join(sides), *parts, f"  {self.log_odds:+10.4f}  sum", *notes])


def explain_row(model: TableModel, columns: Mapping[str, Column], row: int, vs: Any = None) -> Explanation:
    """Explain one row of a table, counted from 0, against the runner-up or the class ``vs``.

    Raises
    ------
    InputError
        If there is no such row or class.
    """
    rows = len(next(iter(columns.values())).missing) if columns else 0
    if not 0 <= row < rows:
        raise InputError(f"there is no row {row + 1}; the table has {counted(rows, 'row')}.")
    one = {name: one_row(column, row) for name, column in columns.items()}
    estimator = model.estimator
    design = encode(model.schema, one)
    X = design.X
    x = np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float64)[0]
    classes, P = np.asarray(estimator.classes_), estimator.predict_proba(X)[0]
    order = np.argsort(-P, kind="stable")
    a = int(order[0])
    b = int(order[1]) if vs is None else _place(classes, vs)
    if a == b:
        raise InputError(f"the row is predicted to be {classes[a]} itself; name another class to compare it with.")
    found = contributions(x, full(estimator.coef_), full(estimator.intercept_[:, None])[:, 0], a, b)
    parts = [Part("base", found.base), *_parts(model.schema, one, x, found.terms)]
    return Explanation(
        predicted=classes[a].item(),
        against=classes[b].item(),
        probabilities=tuple((classes[k].item(), float(P[k])) for k in order.tolist()),
        parts=tuple(sorted(parts, key=lambda part: -abs(part.log_odds))),
        log_odds=math.fsum(part.log_odds for part in parts),
        novelties=design.novelties,
    )


def _place(classes: Array, wanted: Any) -> int:
    """Return the place of a class, by itself or by its text."""
    for place, label in enumerate(classes.tolist()):
        if label == wanted or str(wanted) in {str(label), level_text(label)}:
            return place
    raise InputError(f"there is no class {shown(wanted)}; the classes are {named(map(str, classes.tolist()))}.")


def _parts(schema: Schema, one: Mapping[str, Column], x: Float64, terms: Float64) -> list[Part]:
    """Return a part for every column or product of columns, and for every word of a text, that adds anything."""
    encodings = {encoding.name: encoding for encoding in schema.columns}
    sums: dict[str, list[float]] = defaultdict(list)
    for names, span in schema.spans:
        encoding = encodings[names[0]]
        if isinstance(encoding, Text):
            for j in np.flatnonzero(x[span]).tolist():
                sums[f"{encoding.name}: {encoding.words[j]}"].append(float(terms[span][j]))
        else:
            label = " x ".join(_label(one[name], number=isinstance(encodings[name], Numeric)) for name in names)
            sums[label] += terms[span].tolist()
    return [Part(label, math.fsum(values)) for label, values in sums.items() if any(values)]


def _label(column: Column, *, number: bool) -> str:
    """Return a column with its only value."""
    if column.missing[0]:
        return f"{column.name} missing"
    value = column.values[0]
    return f"{column.name} = {value:.6g}" if number else f"{column.name} = {level_text(value)}"
