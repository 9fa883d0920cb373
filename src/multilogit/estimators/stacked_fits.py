"""Many fits at once: a stack of problems solved in shared sweeps, and their predictions of other rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64, Integers
from multilogit._objective.conversation import Conversation, answer_all
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers import auto
from multilogit._solvers.certificate import Certificate
from multilogit._solvers.prepare import Prepared, prepare_stack
from multilogit._solvers.solve import moved, solving
from multilogit.estimators.coefficients import Coefficients
from multilogit.estimators.logistic_regression import LogisticRegression
from multilogit.estimators.outcome import build_certificate
from multilogit.estimators.parameters import Settings
from multilogit.estimators.training_data import column_name

__all__ = ["Fit", "StackedFits", "log_probabilities"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Fit:
    """The coefficients of a fit, and how it went."""

    coefficients: Coefficients
    certificate: Certificate
    solver: str
    n_iter: int

    def model(self, reader: LogisticRegression, C: float, classes: Array) -> LogisticRegression:
        """Return the fit as an estimator with the settings and the features of ``reader``."""
        model = LogisticRegression(**reader.get_params() | {"C": C})
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(reader, name):
                setattr(model, name, getattr(reader, name))
        model.classes_, model.certificate_ = classes, self.certificate
        model.solver_, model.n_iter_ = self.solver, np.array([self.n_iter], dtype=np.int32)
        own = self.coefficients  # a later change of coef_ must not reach another model
        replace(own, coef=own.coef.copy(), intercept=own.intercept.copy()).give_to(model)
        return model


# Called with a problem's number, the problem, its parameters and its fit: what is to be kept of it.
Conclude = Callable[[int, SoftmaxRegression, Float64, Fit], _T]


@dataclass(frozen=True)
class StackedFits(Generic[_T]):
    """What the fits of a stack have in common: every C under every column of weights, those of a column together.

    The first ``len(Cs)`` problems are those whose coefficients a user gets: to the last digit where that is affordable,
    and certified as they are stored in ``dtype``. The others serve to predict.
    """

    stack: SoftmaxRegression
    Cs: Float64
    settings: Settings
    reader: LogisticRegression
    classes: Array
    dtype: Any
    conclude: Conclude[_T]

    def run(self) -> list[_T]:
        """Fit all problems, each proved to the tolerance, and return the conclusions."""
        M, n_folds = len(self.Cs), self.stack.layout.n_problems // len(self.Cs)
        runs = np.array_split(np.argsort(self.Cs, kind="stable"), auto.chains(self.stack, n_folds))
        prepared = prepare_stack(self.stack)
        digits = self.settings.digits and auto.polish_affordable(self.stack.problems(np.arange(M)))
        conversations = (self._follow(prepared, fold * M, run, digits) for fold in range(n_folds) for run in runs)
        found = answer_all(conversations, auto.stack_width(self.stack))
        concluded = {r: conclusion for run in found for r, conclusion in run}
        return [concluded[r] for r in range(len(concluded))]

    def _follow(
        self, prepared: Callable[[int], Prepared], offset: int, run: Integers, digits: bool
    ) -> Conversation[list[tuple[int, _T]]]:
        """Fit a run of ascending values of C of one fold, one after another."""
        concluded: list[tuple[int, _T]] = []
        thetas: list[Float64] = []
        for position, index in enumerate(run):
            problem, r = prepared(offset + int(index)), offset + int(index)
            theta = _foreseen(self.Cs[run[: position + 1]], thetas) if thetas else problem.objective.layout.zeros()
            theta, fit = yield from self._fit(problem, theta, kept=offset == 0, digits=digits)
            thetas = [*thetas[-1:], theta]
            concluded.append((r, self.conclude(r, problem.objective, theta, fit)))
        return concluded

    def _fit(self, problem: Prepared, theta: Float64, *, kept: bool, digits: bool) -> Conversation[tuple[Float64, Fit]]:
        objective, tol, limit = problem.objective, self.settings.tol, self.settings.max_iter
        layout = objective.layout
        solution = yield from solving(
            problem, theta, solver="stacked", tol=tol, max_iter=limit, near=True, digits=digits and kept
        )
        theta = solution.theta
        coefficients = Coefficients.of(theta, layout, self.stack.source.centre, self.dtype)
        if kept and self.dtype == np.float32:
            solution = yield from moved(objective, solution, coefficients.theta(layout), tol)
        certificate = build_certificate(solution, lambda j: column_name(self.reader, j), self.classes.tolist())
        return theta, Fit(coefficients, certificate, solution.solver, solution.n_iter)


def _foreseen(Cs: Float64, thetas: list[Float64]) -> Float64:
    """Return where the parameters at the last C should be: on the line through the two before it, in log C.

    No further along it than twice what is known.
    """
    if len(thetas) < 2 or not np.isfinite(Cs[-1]):
        return thetas[-1]
    last, step = np.log(Cs[-2] / Cs[-3]), np.log(Cs[-1] / Cs[-2])
    return thetas[-1] + (min(step / last, 2.0) if last > 0 else 0.0) * (thetas[-1] - thetas[-2])


def log_probabilities(objective: SoftmaxRegression, theta: Float64, rows: Integers) -> Iterator[Float64]:
    """Yield ``log softmax(X W + b)`` (m, K) of some rows after another; -inf for a class out of play."""
    source = objective.source
    for start in range(0, len(rows), source.rows_per_block):
        block = source.take(rows[start : start + source.rows_per_block]).block(0)
        yield np.asarray(_kernels.log_softmax(objective.logits(theta, block)[:, 0]))
