"""`regularization_path`: every C and every fold in the same sweeps, each fit with its own certificate."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from multilogit._arrays import Array, Float64, Integers
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers.certificate import Certificate
from multilogit._threads import resolve_threads, single_threaded_blas
from multilogit.errors import InputError, SeparationWarning, Status
from multilogit.estimators.folds import read_folds
from multilogit.estimators.logistic_regression import LogisticRegression
from multilogit.estimators.outcome import ConvergenceWarning
from multilogit.estimators.parameters import FLOAT32_TOL, Settings, check_Cs, check_parameters
from multilogit.estimators.problem import build_stack
from multilogit.estimators.scoring import Part, Score, resolve_scoring
from multilogit.estimators.stacked_fits import Fit, StackedFits, log_probabilities
from multilogit.estimators.training_data import TrainingData, read_training_data

__all__ = ["RegularizationPath", "regularization_path"]

_SHOWN = 8  # values of C that a warning lists


@dataclass(frozen=True, eq=False, repr=False)
class RegularizationPath:
    """The fits of `regularization_path`, in the order of ``Cs``.

    Attributes
    ----------
    Cs : ndarray of shape (M,)
        The values of C.
    classes : ndarray of shape (K,)
        The class labels, sorted.
    coef : ndarray of shape (M, 1 or K, D)
        Coefficients of the fits to all rows, as `LogisticRegression.coef_`.
    intercept : ndarray of shape (M, 1 or K)
        Intercepts of the same.
    certificates : tuple of Certificate
        How each of these fits ended and how far from its optimum it can be.
    scores : ndarray of shape (F, M), or None
        Out-of-fold scores, higher is better; None without ``cv``.
    fold_certificates : tuple of tuples of Certificate
        Those of the fits to the training rows of each fold, F of M.
    """

    Cs: Float64
    classes: Array
    coef: Array
    intercept: Array
    certificates: tuple[Certificate, ...]
    scores: Float64 | None
    fold_certificates: tuple[tuple[Certificate, ...], ...]
    _models: Callable[[int], LogisticRegression]

    @property
    def best_index(self) -> int:
        """Index of the C with the best mean score; of equals, the smallest C.

        Raises
        ------
        InputError
            Without ``cv``, or where no C has a finite mean score.
        """
        if self.scores is None:
            raise InputError("The best C is that of the best out-of-fold scores. Pass cv, for example cv=5.")
        mean = self.scores.mean(axis=0)
        finite = np.flatnonzero(np.isfinite(mean))
        if len(finite) == 0:
            raise InputError(
                "No C has a finite mean score, so none is the best. A class that a fold's training rows lack has "
                "probability zero on its test rows; use a splitter that stratifies, or scoring='accuracy'."
            )
        best = finite[mean[finite] == mean[finite].max()]
        return int(best[self.Cs[best].argmin()])

    @property
    def best_C(self) -> float:
        """The C with the best mean score."""
        return float(self.Cs[self.best_index])

    def model(self, index: int) -> LogisticRegression:
        """Return the fit to all rows at ``Cs[index]`` as a fitted estimator.

        Parameters
        ----------
        index : int
            From 0 to M - 1, or from -M; `best_index` is one.

        Returns
        -------
        LogisticRegression
        """
        if not -len(self.Cs) <= index < len(self.Cs):
            raise IndexError(f"index must be one of {len(self.Cs)} values of C. Got {index}.")
        return self._models(index % len(self.Cs))

    def __repr__(self) -> str:
        folds = "" if self.scores is None else f", {len(self.scores)} folds"
        return f"RegularizationPath({len(self.Cs)} values of C from {self.Cs.min():g} to {self.Cs.max():g}{folds})"


def regularization_path(
    X: Any,
    y: Any,
    *,
    Cs: Any,
    l1_ratio: float = 0.0,
    cv: Any = None,
    sample_weight: Any = None,
    scoring: Any = None,
    class_weight: Any = None,
    fit_intercept: bool = True,
    tol: float = 1e-9,
    max_iter: int = 1000,
    n_jobs: int | None = None,
) -> RegularizationPath:
    """Fit softmax regression at many values of C, and score each on rows that its fit has not seen.

    Minimises ``C * sum_i w_i * loss_i + 1/2 |W|^2`` as `LogisticRegression` does, for every C on all rows and, with
    ``cv``, on the training rows of every fold. All these problems share their sweeps over X: a fold is a column of
    weights, zero for its test rows.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (N, D)
        Finite features; float32 stays float32.
    y : array-like of shape (N,)
        Class labels.
    Cs : int or sequence of float
        Values of C, in any order, inf for no penalty; an integer means so many on a logarithmic scale from 1e-4 to 1e4.
    l1_ratio : float, default=0.0
        Must be 0: L1 and elastic net are not available yet.
    cv : int, splitter, iterable of (train, test) or None, default=None
        As in scikit-learn; an integer means stratified folds. None fits all rows only.
    sample_weight : array-like of shape (N,), default=None
        Non-negative weights, of the fits and of the scores.
    scoring : str, callable or None, default=None
        None and 'neg_log_loss': the mean log-probability of the true class, in nats, exact where scikit-learn clips
        it; -inf where a class that the training rows lack turns up. Else another of scikit-learn's names or scorers,
        or a function of y (n,) and P (n, K). Higher is better.
    class_weight : dict, 'balanced' or None, default=None
        Factors of the sample weights in the fits, per class; 'balanced' counts all rows, not those of a fold.
    fit_intercept : bool, default=True
        Whether to fit b.
    tol : float, default=1e-9
        The relative gap ``(f - f*) / f`` that must be proved of every fit. For float32 X at least 1e-6 is used.
    max_iter : int, default=1000
        Iterations of each fit.
    n_jobs : int or None, default=None
        Number of threads, as in `LogisticRegression`; the result is the same for any number.

    Returns
    -------
    RegularizationPath
        Coefficients, certificates and scores, in the order of ``Cs``.

    Raises
    ------
    InputError
        If an argument, a value of X, the target or a fold cannot be used; it names which.

    Warns
    -----
    ConvergenceWarning
        Once, naming the values of C for which the tolerance could not be proved.
    SeparationWarning
        Once, if some C is inf and a hyperplane separates classes.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani and J. Friedman, "The Elements of Statistical Learning", 2nd ed., Springer, 2009,
       section 7.10 (cross-validation).

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from multilogit import regularization_path
    >>> X, y = load_wine(return_X_y=True)
    >>> path = regularization_path(X, y, Cs=[0.01, 1.0, 100.0], cv=5)
    >>> path.scores.mean(axis=0).round(3)
    array([-0.29 , -0.093, -0.104])
    >>> path.best_C
    1.0
    >>> max(certificate.relative_gap for certificate in path.certificates) < 1e-9
    True
    >>> path.model(path.best_index).predict(X[:1])
    array([0])
    """
    values, score = check_Cs(Cs), resolve_scoring(scoring)
    reader = LogisticRegression(
        C=float(values[0]),
        l1_ratio=l1_ratio,
        tol=tol,
        fit_intercept=fit_intercept,
        class_weight=class_weight,
        max_iter=max_iter,
        n_jobs=n_jobs,
    )
    settings, n_threads = check_parameters(reader.get_params()), resolve_threads(n_jobs)
    data = read_training_data(reader, X, y, sample_weight, class_weight)
    if data.X.dtype == np.float32:
        settings = replace(settings, tol=max(settings.tol, FLOAT32_TOL))
    weight = None if sample_weight is None else np.broadcast_to(np.asarray(sample_weight, float), data.labels.shape)
    folds = read_folds(cv, X, data, weight)
    with single_threaded_blas():
        stack = build_stack(data, values, folds.weight, fit_intercept=fit_intercept, n_threads=n_threads)
        unseen = _Unseen(X, data, weight, folds.test, reader, values, score)
        fits = StackedFits(stack, values, settings, reader, data.classes, data.X.dtype, unseen.conclude).run()
    path = _assembled(values, data.classes, fits, reader)
    _warn_of(path, settings)
    return path


@dataclass(frozen=True)
class _Scored:
    """What is kept of a fit to the training rows of a fold."""

    certificate: Certificate
    score: float


@dataclass(frozen=True)
class _Unseen:
    """The test rows of every fold, as the user passed them and as they are fitted, and what scores them."""

    X: Any
    data: TrainingData
    weight: Float64 | None
    test: tuple[Integers, ...]
    reader: LogisticRegression
    Cs: Float64
    score: Score

    def conclude(self, r: int, objective: SoftmaxRegression, theta: Float64, fit: Fit) -> Fit | _Scored:
        """Return a fit to all rows as it is; of a fold's, the score of its test rows."""
        fold, index = divmod(r, len(self.Cs))
        if fold == 0:
            return fit
        rows, classes = self.test[fold - 1], self.data.classes
        part = Part(
            labels=self.data.labels[rows],
            y=classes[self.data.labels[rows]],
            weight=None if self.weight is None else self.weight[rows],
            blocks=lambda: log_probabilities(objective, theta, rows),
            model=lambda: fit.model(self.reader, float(self.Cs[index]), classes),
            rows=lambda: _safe_indexing(self.X, rows),
        )
        return _Scored(fit.certificate, self.score(part))


def _assembled(
    Cs: Float64, classes: Array, concluded: list[Fit | _Scored], reader: LogisticRegression
) -> RegularizationPath:
    M = len(Cs)
    fits = [each for each in concluded if isinstance(each, Fit)]
    scored = [each for each in concluded if isinstance(each, _Scored)]
    folds = [scored[start : start + M] for start in range(0, len(scored), M)]
    coef = np.stack([fit.coefficients.coef for fit in fits])
    intercept = np.stack([fit.coefficients.intercept for fit in fits])
    fits = [
        replace(fit, coefficients=replace(fit.coefficients, coef=W, intercept=b))  # the same memory
        for fit, W, b in zip(fits, coef, intercept, strict=True)
    ]
    return RegularizationPath(
        Cs=Cs,
        classes=classes,
        coef=coef,
        intercept=intercept,
        certificates=tuple(fit.certificate for fit in fits),
        scores=np.array([[each.score for each in fold] for fold in folds]) if folds else None,
        fold_certificates=tuple(tuple(each.certificate for each in fold) for fold in folds),
        _models=lambda index: fits[index].model(reader, float(Cs[index]), classes),
    )


def _warn_of(path: RegularizationPath, settings: Settings) -> None:
    """Issue one warning for what was not proved and one for what has no optimum, naming the values of C."""
    every = [path.certificates, *path.fold_certificates]
    separated, unproved = set(), set()
    for certificates in every:
        for C, certificate in zip(path.Cs.tolist(), certificates, strict=True):
            if certificate.status is Status.SEPARATED:
                separated.add(C)
            elif certificate.status is not Status.CONVERGED:
                unproved.add(C)
    if separated:
        where = [i for i, certificates in enumerate(every) if any(c.separated for c in certificates)]
        warnings.warn(
            f"Without a penalty (C=inf) a hyperplane separates classes in {_told(where)}: no finite optimum exists, "
            "and predictions are those of the last iterate. Leave C=inf out of Cs.",
            SeparationWarning,
            stacklevel=3,
        )
    if unproved:
        shown = ", ".join(f"{C:g}" for C in sorted(unproved)[:_SHOWN])
        more = len(unproved) - _SHOWN
        warnings.warn(
            f"Fits at C = {shown}{f' and {more} more values' if more > 0 else ''} are not proved to be optimal within "
            f"the tolerance {settings.tol:g}. Raise max_iter (now {settings.max_iter}), or tol. certificates and "
            "fold_certificates hold the details.",
            ConvergenceWarning,
            stacklevel=3,
        )


def _told(where: list[int]) -> str:
    """Return the names of data sets: 0 is all rows, f + 1 the training rows of fold f."""
    folds = ", ".join(str(i - 1) for i in where if i > 0)
    words = (["all rows"] if 0 in where else []) + ([f"the training rows of fold {folds}"] if folds else [])
    return " and ".join(words)
