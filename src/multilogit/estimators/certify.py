"""`certify`: how far a fitted logistic regression, scikit-learn's or ours, is from its optimum."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression
from sklearn.linear_model import LogisticRegressionCV
from sklearn.utils.validation import _check_feature_names, check_is_fitted

from multilogit._solvers.certificate import Certificate
from multilogit._solvers.solve import Solution, assess, solve
from multilogit._threads import resolve_threads, single_threaded_blas
from multilogit.errors import InputError, Status
from multilogit.estimators.coefficients import Coefficients
from multilogit.estimators.logistic_regression import LogisticRegression
from multilogit.estimators.outcome import build_certificate
from multilogit.estimators.problem import build_objective
from multilogit.estimators.training_data import TrainingData, column_name, read_training_data

__all__ = ["certify"]

_TOL = 1e-9
_MAX_ITER = 1000


def certify(fitted: Any, X: Any, y: Any, sample_weight: Any = None) -> Certificate:
    """Return the certificate of a fitted logistic regression: how far it is from the optimum of its own objective.

    The objective is ``C * sum_i w_i * loss_i + 1/2 |W|^2`` with the C, class weights and intercept of ``fitted``.
    ``gap`` bounds ``f(fitted) - f*``, ``coefficient_error`` is the largest distance of a coefficient from that
    optimum, which is solved for from the fitted coefficients. ``fitted`` is not changed.

    Parameters
    ----------
    fitted : LogisticRegression
        A fitted estimator, scikit-learn's (any solver but 'liblinear', L2 or no penalty) or multilogit's.
    X : array-like or sparse matrix of shape (N, D)
        The features it was fitted on.
    y : array-like of shape (N,)
        The labels it was fitted on.
    sample_weight : array-like of shape (N,), default=None
        The weights it was fitted with.

    Returns
    -------
    Certificate
        With status MAX_ITER where the fit stopped short of a relative gap of 1e-9, whatever stopped it.

    Raises
    ------
    InputError
        If the estimator has another objective, or the data are not of its shape and classes.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.linear_model import LogisticRegression
    >>> from multilogit import certify
    >>> X, y = load_wine(return_X_y=True)
    >>> fitted = LogisticRegression(solver="newton-cholesky").fit(X, y)
    >>> certificate = certify(fitted, X, y)
    >>> bool(certificate.relative_gap < 1e-3), bool(certificate.coefficient_error > 1e-9)
    (True, True)
    """
    C = _checked_C(fitted)
    _check_feature_names(fitted, X, reset=False)
    reader = LogisticRegression(C=C, fit_intercept=fitted.fit_intercept, class_weight=fitted.class_weight)
    data = read_training_data(reader, X, y, sample_weight, fitted.class_weight)
    form = _checked_coefficients(fitted, data)
    with single_threaded_blas():
        objective = build_objective(data, C, fit_intercept=fitted.fit_intercept, n_threads=resolve_threads())
        layout, centre = objective.layout, objective.source.centre
        theta = form.recentred(centre).theta(layout)
        here = assess(objective, theta, _TOL)
        optimum = solve(objective, theta, tol=_TOL, max_iter=_MAX_ITER)
    error = None
    if optimum.status is Status.CONVERGED:
        there = Coefficients.of(optimum.theta, layout, centre, np.float64)
        error = _distance(form, there, penalised=not math.isinf(C))
    return build_certificate(_judged(here, optimum), partial(column_name, reader), data.classes.tolist(), error)


def _judged(here: Solution, optimum: Solution) -> Solution:
    """Return what is known of the fit, given the optimum and its own proof."""
    # f* >= f(optimum) - gap(optimum), whatever the fit itself can prove.
    gap = min(here.proof.gap, max(here.value - optimum.value, 0.0) + optimum.proof.gap)
    status = Status.CONVERGED if gap <= _TOL * here.value else Status.MAX_ITER
    if optimum.status in (Status.SEPARATED, Status.UNDECIDED):
        status = optimum.status
    return replace(
        here,
        status=status,
        proof=replace(here.proof, gap=gap),
        rank=optimum.rank,
        aliased=optimum.aliased,
        recession=optimum.recession,
        coefficient_step=None,
        effort=here.effort + optimum.effort,
    )


def _distance(fitted: Coefficients, optimum: Coefficients, *, penalised: bool) -> float:
    """Return the largest difference of a coefficient.

    A shift common to all classes is taken out where the objective does not see it: of the intercepts, and of
    the weights without a penalty.
    """
    weights = fitted.coef - optimum.coef
    both = np.isfinite(fitted.intercept) & np.isfinite(optimum.intercept)
    intercepts = np.subtract(fitted.intercept, optimum.intercept, out=np.zeros(len(both)), where=both)
    if len(intercepts) > 1:
        intercepts = intercepts - intercepts.mean()
        weights = weights if penalised else weights - weights.mean(axis=0)
    return float(max(np.abs(weights).max(initial=0.0), np.abs(intercepts).max(initial=0.0)))


def _checked_C(fitted: Any) -> float:
    """Return the C of the fitted objective, inf without a penalty; refuse an estimator with another objective."""
    if not isinstance(fitted, (SklearnLogisticRegression, LogisticRegression)):
        raise InputError(
            "certify needs a fitted LogisticRegression of scikit-learn or multilogit. "
            f"Got {type(fitted).__name__}; of a pipeline, pass the last step and the transformed X."
        )
    if isinstance(fitted, LogisticRegressionCV):
        raise InputError(
            "certify needs the objective of one fit, and LogisticRegressionCV has made many. "
            "Pass LogisticRegression(C=chosen.C_[0]).fit(X, y)."
        )
    check_is_fitted(fitted)
    if fitted.solver == "liblinear":
        raise InputError(
            "solver='liblinear' penalises the intercept, an objective that certify does not know. "
            "Fit with another solver."
        )
    penalty = "l2" if fitted.penalty == "deprecated" else fitted.penalty
    if penalty not in ("l2", None) or (penalty == "l2" and fitted.l1_ratio):
        raise InputError(
            f"certify knows the L2 penalty and none. Got penalty={fitted.penalty!r}, l1_ratio={fitted.l1_ratio!r}."
        )
    return math.inf if penalty is None else float(fitted.C)


def _checked_coefficients(fitted: Any, data: TrainingData) -> Coefficients:
    form = Coefficients.of_fitted(fitted)
    if not np.array_equal(fitted.classes_, data.classes):
        raise InputError(
            f"y must hold the classes of the fit, {fitted.classes_.tolist()}. Got {data.classes.tolist()}."
        )
    if form.coef.shape[1] != data.X.shape[1]:
        raise InputError(f"X must have the {form.coef.shape[1]} columns of the fit. Got {data.X.shape[1]}.")
    if not np.isfinite(form.coef).all():
        raise InputError("The fitted coefficients must be finite. Got NaN or infinity in coef_.")
    return form
