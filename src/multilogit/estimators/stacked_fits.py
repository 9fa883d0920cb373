"""Many fits at once: a stack of problems solved in shared sweeps, and their predictions of other rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True)
class Fit:
    """Parameters (D', 1, K') about the centre, the coefficients of a user, and how the fit went."""

    theta: Float64
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


@dataclass(frozen=True)
class StackedFits:
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

    def fits(self) -> list[Fit]:
        """Return the fits of all problems, each proved to the tolerance."""
        M, n_folds = len(self.Cs), self.stack.layout.n_problems // len(self.Cs)
        runs = np.array_split(np.argsort(self.Cs, kind="stable"), auto.chains(self.stack, n_folds))
        prepared = prepare_stack(self.stack)
        digits = self.settings.digits and auto.polish_affordable(self.stack.problems(np.arange(M)))
        conversations = (self._run(prepared, fold * M, run, digits) for fold in range(n_folds) for run in runs)
        found = answer_all(conversations, auto.stack_width(self.stack))
        fits = {r: fit for run in found for r, fit in run}
        return [fits[r] for r in range(len(fits))]

    def _run(
        self, prepared: Callable[[int], Prepared], offset: int, run: Integers, digits: bool
    ) -> Conversation[list[tuple[int, Fit]]]:
        """Fit a run of ascending values of C of one fold, one after another."""
        fits: list[tuple[int, Fit]] = []
        for position, index in enumerate(run):
            problem, r = prepared(offset + int(index)), offset + int(index)
            theta = problem.objective.layout.zeros()
            if position > 0:
                theta = _foreseen(self.Cs[run[: position + 1]], [fit.theta for _, fit in fits[-2:]])
            fit = yield from self._fit(problem, theta, kept=offset == 0, digits=digits)
            fits.append((r, fit))
        return fits

    def _fit(self, problem: Prepared, theta: Float64, *, kept: bool, digits: bool) -> Conversation[Fit]:
        objective, tol, limit = problem.objective, self.settings.tol, self.settings.max_iter
        layout = objective.layout
        solution = yield from solving(
            problem, theta, solver="stacked", tol=tol, max_iter=limit, near=True, digits=digits and kept
        )
        coefficients = Coefficients.of(solution.theta, layout, self.stack.source.centre, self.dtype)
        if kept and self.dtype == np.float32:
            solution = yield from moved(objective, solution, coefficients.theta(layout), tol)
        certificate = build_certificate(solution, lambda j: column_name(self.reader, j), self.classes.tolist())
        return Fit(solution.theta, coefficients, certificate, solution.solver, solution.n_iter)


def _foreseen(Cs: Float64, thetas: list[Float64]) -> Float64:
    """Return where the parameters at the last C should be: on the line through the two before it, in log C.

    No further along it than twice what is known.
    """
    if len(thetas) < 2 or not np.isfinite(Cs[-1]):
        return thetas[-1]
    last, step = np.log(Cs[-2] / Cs[-3]), np.log(Cs[-1] / Cs[-2])
    return thetas[-1] + (min(step / last, 2.0) if last > 0 else 0.0) * (thetas[-1] - thetas[-2])


def log_probabilities(objective: SoftmaxRegression, theta: Float64, rows: Integers) -> Float64:
    """Return ``log softmax(X W + b)`` (n, R, K) of some rows; -inf for a class out of play."""
    source, parts = objective.source, []
    for start in range(0, len(rows), source.rows_per_block):
        block = source.take(rows[start : start + source.rows_per_block]).block(0)
        Z = objective.logits(theta, block)
        parts.append(np.asarray(_kernels.log_softmax(Z.reshape(-1, Z.shape[2]))).reshape(Z.shape))
    return np.concatenate(parts)
