"""A fit to rows of a table: encodings, choice of C and coefficients, all learnt from these rows and no others."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from multilogit._arrays import Float64
from multilogit.errors import SeparationWarning
from multilogit.estimators import LogisticRegression
from multilogit.estimators.outcome import ConvergenceWarning
from multilogit.table.encode import Design, encode
from multilogit.table.rows import Rows
from multilogit.table.schema import Schema, learn_schema
from multilogit.table.strength import Choice, choose

__all__ = ["Fitted", "Recipe", "fit_rows"]


@dataclass(frozen=True)
class Recipe:
    """How rows become a model: ``C`` is a number, inf, or None for a cross-validated choice."""

    like: Schema
    C: float | None
    references: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Fitted:
    """What was learnt from some rows; ``choice`` is None where C was given."""

    schema: Schema
    estimator: LogisticRegression
    design: Design
    choice: Choice | None

    @property
    def separated(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs of classes, by their places, that no finite optimum was found to tell apart."""
        return cast("tuple[tuple[int, int], ...]", self.estimator.certificate_.separated)

    def log_probabilities(self, rows: Rows) -> Float64:
        """Return log P (N, K) of other rows, in the order of their classes; -inf for a class that the fit never saw."""
        design = encode(self.schema, rows.by_name)
        log_P = np.full((len(rows.codes), len(rows.classes)), -np.inf)
        log_P[:, np.asarray(self.estimator.classes_)] = self.estimator.predict_log_proba(design.X)
        return log_P


def fit_rows(rows: Rows, recipe: Recipe, choice: Choice | None = None) -> Fitted:
    """Fit the rows; the classes of the estimator are places among theirs.

    ``choice`` is one that was made before, for the same recipe.
    """
    schema = learn_schema(
        recipe.like,
        rows.columns,
        rows.weight,
        has_reference=math.inf == recipe.C,
        references=recipe.references,
    )
    design = encode(schema, rows.by_name)
    if recipe.C is None and choice is None:
        choice = choose(design.X, rows.codes, rows.weight, rows.groups, recipe.seed)
    C = recipe.C if choice is None else choice.C
    assert C is not None
    with warnings.catch_warnings():
        # What went wrong is a finding, in words of the table; scikit-learn asks of many classes whether they measure.
        for category in (SeparationWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        estimator = LogisticRegression(C=C).fit(design.X, rows.codes, sample_weight=rows.weight)
    return Fitted(schema, estimator, design, choice)
