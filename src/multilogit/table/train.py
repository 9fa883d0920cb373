"""The whole way from the rows of a table to a fitted model, and to what it is worth."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from multilogit._solvers.certificate import Certificate
from multilogit.errors import InputError
from multilogit.inference.scores import class_shares
from multilogit.table.assess import Assessment, Scored, assess, scored
from multilogit.table.columns import read_columns
from multilogit.table.decide import Decision
from multilogit.table.effects import effects
from multilogit.table.findings import Finding, find, used_only
from multilogit.table.fitting import Fitted, Recipe, fit_rows
from multilogit.table.inputs import inputs_of
from multilogit.table.model import TableModel
from multilogit.table.record import Record, Source
from multilogit.table.request import Request
from multilogit.table.rows import Rows
from multilogit.table.schema import Schema
from multilogit.table.split import Split, cross_validation, holdout
from multilogit.table.words import named

__all__ = ["Evidence", "Trained", "train"]

_MANY_ROWS = 5_000  # from here on a holdout scores the model, below a cross-validation
_SHARE = 0.2


@dataclass(frozen=True)
class Evidence:
    """The rows behind a model: those that were fitted, and the predictions of those that were scored.

    It stays in memory: no file of a model holds a row.
    """

    rows: Rows
    fitted: Fitted
    scored: Scored | None


@dataclass(frozen=True)
class Trained:
    """A model of a table, and the rows behind it: these are None where the model was read from a file."""

    model: TableModel
    evidence: Evidence | None = None

    @property
    def certificate(self) -> Certificate:
        """How far the fit can be from its optimum."""
        return self.model.estimator.certificate_

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What not to trust, the worst first."""
        return self.model.record.findings

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided about every column."""
        return self.model.record.decisions

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes, in order."""
        return tuple(np.asarray(self.model.estimator.classes_).tolist())


def train(frame: Any, request: Request, source: Source, tell: Callable[[str], None] = lambda _: None) -> Trained:
    """Fit a softmax regression to the rows of a data frame, and assess it; ``tell`` hears what is under way.

    Raises
    ------
    InputError
        If a named column does not exist or cannot be what it is named for, the target holds no classes, a number is
        infinite, or no row or no input is left.
    """
    columns, roles = read_columns(frame), request.roles
    inputs = inputs_of(columns, roles, request.C)
    rows = inputs.rows
    like = Schema(roles.target, (), roles.weights, roles.groups, request.missing_marks, roles.products)
    recipe = Recipe(like, request.C, dict(roles.references), request.seed)
    assessment, found, choice = _assessed(rows, recipe, request, tell)
    tell(f"Fitting all {len(rows.codes):,} rows")
    fitted = fit_rows(rows, recipe, choice)
    record = Record(
        source=source,
        rows_read=len(columns[roles.target].missing),
        rows_used=len(rows.codes),
        left_out=inputs.left_out,
        decisions=inputs.decisions,
        class_counts=tuple(np.bincount(rows.codes, minlength=len(rows.classes)).tolist()),
        prior=tuple(class_shares(rows.codes, len(rows.classes), rows.weight).tolist()),
        choice=fitted.choice,
        assessment=assessment,
        effects=effects(rows, fitted),
        findings=used_only(find(rows, inputs.decisions, fitted, assessment), request.ignored),
        seed=request.seed,
        options=request.options(),
    )
    model = TableModel(fitted.schema, _named(fitted, rows), record)
    return Trained(model, Evidence(rows, fitted, found))


def _assessed(
    rows: Rows, recipe: Recipe, request: Request, tell: Callable[[str], None]
) -> tuple[Assessment | None, Scored | None, Any]:
    """Return what fits of the recipe are worth, the rows that say so, and the choice of C that serves all rows too.

    A holdout fits most of the rows, and its choice of C serves the final model too; the fits of a cross-validation
    choose each for itself, and the final model once more.
    """
    splits = _splits(rows, request)
    if not splits:
        return None, None, None
    found, training, last = scored(rows, splits, recipe, tell)
    scorable = len(rows.codes) if len(splits) > 1 else len(rows.codes) - len(splits[0].fit)
    unscored = scorable - len(found.rows)
    assessment = assess(rows, found, training, len(splits), unscored, request.seed)
    return assessment, found, last.choice if len(splits) == 1 else None


def _splits(rows: Rows, request: Request) -> tuple[Split, ...]:
    how = request.holdout
    if how == "none":
        return ()
    if how == "auto":
        how = _SHARE if len(rows.codes) >= _MANY_ROWS else "cv"
    if how == "cv":
        splits = cross_validation(rows.codes, rows.groups, request.seed)
    else:
        split = holdout(rows.codes, rows.groups, request.seed, float(how))
        splits = (split,) if len(split.score) and len(np.unique(rows.codes[split.fit])) > 1 else ()
    if not splits:
        raise InputError(
            f"too few rows to hold any out ({len(rows.codes):,} rows of {named(map(str, rows.classes), 4)}); "
            "ask for no holdout (--holdout none) to fit them all the same."
        )
    return splits


def _named(fitted: Fitted, rows: Rows) -> Any:
    """Return the estimator with the labels as its classes, and its certificate in the words of the table."""
    estimator = copy(fitted.estimator)  # that of the evidence keeps the codes
    certificate, terms = estimator.certificate_, fitted.schema.terms
    estimator.classes_ = rows.classes[np.asarray(estimator.classes_)]
    estimator.certificate_ = replace(
        certificate,
        aliased=tuple(terms[int(name[1:])] for name in certificate.aliased),
        separated=tuple((rows.classes[a].item(), rows.classes[b].item()) for a, b in fitted.separated),
    )
    return estimator
