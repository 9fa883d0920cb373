"""What comes before the minimisation: the rank of the rows, and a smaller problem that has the same answer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from multilogit._objective.rank import ColumnRank, column_rank
from multilogit._objective.reduction import Reduction, independent_columns, row_space
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers import auto

__all__ = ["Prepared", "prepare", "prepare_stack"]


@dataclass(frozen=True)
class Prepared:
    """A single problem, the rank of its rows where it was determined, and the smaller problem to solve instead."""

    objective: SoftmaxRegression
    rank: ColumnRank | None = None
    reduction: Reduction | None = None


def prepare(objective: SoftmaxRegression) -> Prepared:
    """Return a single problem with its rank and its reduction."""
    return prepare_stack(objective)(0)


def prepare_stack(stack: SoftmaxRegression) -> Callable[[int], Prepared]:
    """Return what prepares problem r of a stack: a rank is determined once a fold, a row space once for all."""
    single = stack.layout.n_problems == 1
    penalised = np.arange(1) if single else np.flatnonzero((stack.penalty.strength > 0).all(axis=0))
    family = stack if single else stack.problems(penalised)
    shared = row_space(family) if len(penalised) and auto.row_space_pays(family) else None

    ranks: dict[int, ColumnRank] = {}

    def rank_of(fold: int) -> ColumnRank:
        if fold not in ranks:
            ranks[fold] = column_rank(stack.source, fit_intercept=stack.layout.fit_intercept, fold=fold)
        return ranks[fold]

    def prepared(r: int) -> Prepared:
        objective = stack if single else stack.problem(r)
        rank = rank_of(int(objective.weight_columns[0])) if auto.rank_affordable(objective) else None
        if objective.penalty.unpenalised:
            if rank is None or len(rank.aliased) == 0:
                return Prepared(objective, rank)
            return Prepared(objective, rank, independent_columns(objective, rank))
        if shared is None:
            return Prepared(objective, rank)
        return Prepared(objective, rank, shared if single else shared.problem(int(np.searchsorted(penalised, r))))

    return prepared
