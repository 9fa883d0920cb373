"""Many fits at once: a stack of problems solved in shared sweeps, and their predictions of other rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64, Integers
from multilogit._objective.conversation import Conversation, answer_all
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers import auto
from multilogit._solvers.certificate import Certificate
from multilogit._solvers.prepare import prepare_stack
from multilogit._solvers.solve import moved, solving
from multilogit.estimators.coefficients import Coefficients
from multilogit.estimators.logistic_regression import LogisticRegression
from multilogit.estimators.outcome import build_certificate
from multilogit.estimators.parameters import Settings
from multilogit.estimators.training_data import column_name

__all__ = ["Fit", "fit_stack", "log_probabilities"]


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


def fit_stack(
    stack: SoftmaxRegression, n_kept: int, settings: Settings, reader: LogisticRegression, classes: Array, dtype: Any
) -> list[Fit]:
    """Return the fits of all problems, each proved to the tolerance.

    The first ``n_kept`` are those whose coefficients a user gets: to the last digit where that is affordable, and
    certified as they are stored in ``dtype``. The others serve to predict.
    """
    prepared, centre = prepare_stack(stack), stack.source.centre
    digits = auto.polish_affordable(stack.problems(np.arange(n_kept)))

    def fit(r: int) -> Conversation[Fit]:
        problem, kept = prepared(r), r < n_kept
        objective, tol, limit = problem.objective, settings.tol, settings.max_iter
        zeros = objective.layout.zeros()
        solution = yield from solving(problem, zeros, tol=tol, max_iter=limit, digits=digits and kept)
        coefficients = Coefficients.of(solution.theta, objective.layout, centre, dtype)
        if kept and dtype == np.float32:
            solution = yield from moved(objective, solution, coefficients.theta(objective.layout), tol)
        certificate = build_certificate(solution, lambda j: column_name(reader, j), classes.tolist())
        return Fit(solution.theta, coefficients, certificate, solution.solver, solution.n_iter)

    return answer_all((fit(r) for r in range(stack.layout.n_problems)), auto.stack_width(stack))


def log_probabilities(objective: SoftmaxRegression, theta: Float64, rows: Integers) -> Float64:
    """Return ``log softmax(X W + b)`` (n, R, K) of some rows; -inf for a class out of play."""
    source, parts = objective.source, []
    for start in range(0, len(rows), source.rows_per_block):
        block = source.take(rows[start : start + source.rows_per_block]).block(0)
        Z = objective.logits(theta, block)
        parts.append(np.asarray(_kernels.log_softmax(Z.reshape(-1, Z.shape[2]))).reshape(Z.shape))
    return np.concatenate(parts)
