"""`LogisticRegression`: softmax regression with scikit-learn's names and a certified optimum."""

import sys
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model._base import SparseCoefMixin
from sklearn.utils import Tags

from multilogit._arrays import Array, Float64
from multilogit._objective.layout import Layout
from multilogit._solvers.base import Iterate
from multilogit._solvers.certificate import Certificate
from multilogit._solvers.proof import Proof
from multilogit._solvers.solve import Solution, at, solve
from multilogit._threads import resolve_threads, single_threaded_blas
from multilogit.estimators.coefficients import Coefficients
from multilogit.estimators.outcome import build_certificate, warn_of
from multilogit.estimators.parameters import FLOAT32_TOL, PARAMETERS, check_parameters
from multilogit.estimators.prediction import predicted
from multilogit.estimators.problem import build_objective
from multilogit.estimators.training_data import column_name, read_training_data

__all__ = ["LogisticRegression"]


class LogisticRegression(ClassifierMixin, SparseCoefMixin, BaseEstimator):
    """Softmax (multinomial logistic) regression, solved to a certified optimum.

    Minimises, in the units of the columns as given::

        C * sum_i w_i * loss(x_i W + b, y_i) + 1/2 * |W|^2,    loss(z, y) = -log softmax(z)_y

    the intercept b unpenalised. With two classes one row of weights is free, as in scikit-learn; with more, all K
    rows are penalised and sum to zero. ``C=inf`` is the plain likelihood: the answer is then the optimum if a finite
    one exists, of least norm ``|W|`` if columns are collinear, and a `SeparationWarning` if it does not.

    The solver needs no scaled columns. Shifting a column never changes a prediction; rescaling one changes it through
    the penalty alone, and not at all at ``C=inf``.

    Parameters
    ----------
    penalty : {'l2', None}
        Deprecated, as in scikit-learn: leave it out, and use ``C=inf`` for no penalty.
    C : float, default=1.0
        Inverse strength of the penalty, above 0; inf for none.
    l1_ratio : float, default=0.0
        Must be 0: L1 and elastic net are not available yet.
    dual : bool, default=False
        Must be False.
    tol : float, default=1e-9
        The relative gap ``(f - f*) / f`` that must be *proved* before the fit may stop. This differs from
        scikit-learn, whose tol bounds the gradient. Where affordable, the parameters are then corrected to about
        the last digit, unless a tol above 1e-9 asks for less work. For float32 X at least 1e-6 is proved.
    fit_intercept : bool, default=True
        Whether to fit b.
    intercept_scaling : float, default=1
        Must be 1.
    class_weight : dict, 'balanced' or None, default=None
        Factors of the sample weights, per class; 'balanced' gives every class the same total weight.
    random_state : int, RandomState instance or None, default=None
        Accepted and not needed: the fit is deterministic.
    solver : str, default='auto'
        'newton-cholesky', 'lbfgs' and 'newton-cg' select that method; 'auto', 'sag' and 'saga' the automatic choice.
        ``solver_`` says which ran. 'liblinear' is refused, because it penalises the intercept.
    max_iter : int, default=1000
        Outer iterations of whichever solver runs; 0 leaves the start: zeros, or the last fit under warm_start.
    verbose : int, default=0
        Above 0, one line per iteration on standard output.
    warm_start : bool, default=False
        Start from the coefficients of the last fit, where classes and features are the same in number.
    n_jobs : int or None, default=None
        Number of threads; None asks MULTILOGIT_NUM_THREADS, then OMP_NUM_THREADS, then the available cores. The
        result is the same to the last bit for any number (the search for separation may meet its time limit).

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The class labels, sorted.
    coef_ : ndarray of shape (1, D) or (K, D)
        W transposed; for two classes the row of ``classes_[1]``, else one row per class that sum to zero.
    intercept_ : ndarray of shape (1,) or (K,)
        b; -inf for a class without weight.
    centre_ : ndarray of shape (D,), float64
        What is subtracted from X before anything else.
    centred_intercept_ : ndarray of shape (1,) or (K,), float64
        The intercept for centred columns: prediction is ``(X - centre_) @ coef_.T + centred_intercept_``, unless
        coef_ or intercept_ were changed since.
    certificate_ : Certificate
        How the fit ended and how far from the optimum it can be.
    solver_ : str
        The method that ran.
    n_iter_ : ndarray of shape (1,), int32
        Outer iterations.
    n_features_in_ : int
        Number of features D.
    feature_names_in_ : ndarray of shape (D,)
        Names of the features, where X had string column names.

    See Also
    --------
    certify : the same certificate for a fitted scikit-learn LogisticRegression.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from multilogit import LogisticRegression
    >>> X, y = load_wine(return_X_y=True)
    >>> model = LogisticRegression().fit(X, y)
    >>> model.certificate_.status.name, bool(model.certificate_.relative_gap < 1e-9)
    ('CONVERGED', True)
    >>> model.predict_proba(X[25:26]).round(3)
    array([[0.457, 0.506, 0.037]])
    """

    classes_: Array
    coef_: Any
    intercept_: Array
    centre_: Float64
    centred_intercept_: Float64
    certificate_: Certificate

    def __init__(
        self,
        penalty: Any = "deprecated",
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        dual: bool = False,
        tol: float = 1e-9,
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "auto",
        max_iter: int = 1000,
        verbose: int = 0,
        warm_start: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, D)
            Finite features; float32 stays float32, everything else becomes float64.
        y : array-like of shape (N,)
            Class labels.
        sample_weight : array-like of shape (N,), default=None
            Non-negative weights; an integer weight is as good as repeated rows, a zero weight as a deleted row.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        InputError
            If a parameter, a value of X, a weight or the target cannot be used; it names which.

        Warns
        -----
        ConvergenceWarning
            If the tolerance could not be proved.
        SeparationWarning
            If ``C=inf`` and a hyperplane separates classes.
        """
        settings = check_parameters({name: getattr(self, name) for name in PARAMETERS})
        n_threads = resolve_threads(self.n_jobs)
        data = read_training_data(self, X, y, sample_weight, self.class_weight)
        tol = max(settings.tol, FLOAT32_TOL) if data.X.dtype == np.float32 else settings.tol
        with single_threaded_blas():
            objective = build_objective(data, settings.C, fit_intercept=self.fit_intercept, n_threads=n_threads)
            start = self._start(objective.layout, data.classes, objective.source.centre)
            progress = _print_progress if self.verbose else None
            solution = solve(
                objective,
                start,
                solver=settings.solver,
                tol=tol,
                max_iter=settings.max_iter,
                progress=progress,
                digits=settings.digits,
            )
            coefficients = Coefficients.of(solution.theta, objective.layout, objective.source.centre, data.X.dtype)
            if data.X.dtype == np.float32:  # the certificate is that of the coefficients as they are stored
                solution = at(objective, solution, coefficients.theta(objective.layout), tol)
        self._adopt(data.classes, coefficients, solution)
        warn_of(self.certificate_, settings.max_iter, tol)
        return self

    def _start(self, layout: Layout, classes: Array, centre: Float64) -> Float64:
        """Return the parameters to start from: the last fit's where that is wanted and possible."""
        if not self.warm_start or not hasattr(self, "coef_"):
            return layout.zeros()
        if self.coef_.shape != (layout.free_rows, layout.n_features) or not np.array_equal(self.classes_, classes):
            return layout.zeros()
        theta = Coefficients.of_fitted(self).recentred(centre).theta(layout)
        return np.where(layout.class_mask[0], theta, 0.0) if layout.free_rows > 1 else theta

    def _adopt(self, classes: Array, coefficients: Coefficients, solution: Solution) -> None:
        self.classes_ = classes
        self.solver_ = solution.solver
        self.n_iter_ = np.array([solution.n_iter], dtype=np.int32)
        self.certificate_ = build_certificate(solution, partial(column_name, self), classes.tolist())
        coefficients.give_to(self)

    def decision_function(self, X: Any) -> Array:
        """Return the logits: (N, K), or for two classes (N,), that of ``classes_[1]``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, D)
            Finite features.

        Returns
        -------
        ndarray of shape (N, K) or (N,)
        """
        scores = predicted(self, X, "scores")
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> Array:
        """Return the most probable class of every row, (N,); of equals, the first.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, D)
            Finite features.

        Returns
        -------
        ndarray of shape (N,)
        """
        best = predicted(self, X, "argmax")
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Any) -> Array:
        """Return softmax of the logits, (N, K), in the order of ``classes_``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, D)
            Finite features.

        Returns
        -------
        ndarray of shape (N, K)
            Rows sum to one; no probability is clipped.
        """
        return predicted(self, X, "softmax")

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of `predict_proba`, exact where a probability rounds to zero or one.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, D)
            Finite features.

        Returns
        -------
        ndarray of shape (N, K)
        """
        return predicted(self, X, "log_softmax")

    def __sklearn_tags__(self) -> Tags:
        """Say that sparse input is welcome."""
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _print_progress(step: int, state: Iterate, proof: Proof) -> None:
    value = float(state.sums.value[0])
    sys.stdout.write(
        f"iteration {step:4d}  objective {value:.12g}  relative gap {proof.gap / max(value, 1e-300):.1e}\n"
    )
