"""From what a user passes to a prediction method to its answer, by one of two gates.

An exact array of the right width and type with finite values is what scikit-learn's checks would let pass unchanged,
so it goes straight to the kernel, which looks at the values as it reads them. Everything else takes those checks.
"""

import warnings
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from multilogit._arrays import Array, Floats
from multilogit._kernels.prediction import Answer, answer_to, row_sums
from multilogit._threads import resolve_threads
from multilogit.estimators.coefficients import Coefficients
from multilogit.estimators.training_data import check_design, is_plain

__all__ = ["predicted"]

_INTP = np.dtype(np.intp)
_SERIAL = 1_000_000  # N (D + 64) K: below it threads gain less than it takes to count the cores


def predicted(estimator: Any, X: Any, answer: Answer) -> Array:
    """Return the scores (N, K'), softmax or log-softmax (N, K) of X's dtype, or the best classes' numbers (N,)."""
    out = _fast(estimator, X, answer)
    return _checked(estimator, X, answer) if out is None else out


def _fast(estimator: Any, X: Any, answer: Answer) -> Array | None:
    """Return the answer, None where the checks of `_checked` could change or refuse X, or the coefficients changed."""
    state = estimator.__dict__
    fitted = state.get("_fitted")
    if fitted is None or "feature_names_in_" in state or not is_plain(X):
        return None
    if not X.shape[1] == fitted.coef.shape[1] == state.get("n_features_in_"):
        return None
    shown = (state.get(name) for name in ("coef_", "intercept_", "centre_", "centred_intercept_"))
    if not fitted.predictor.holds(*shown):
        return None
    out, tame = _run(fitted.predictor, estimator, X, answer, fitted.coef.shape[0])
    return out if tame else None


def _checked(estimator: Any, X: Any, answer: Answer) -> Array:
    """Return the answer after scikit-learn's checks, or raise for what they and ours refuse."""
    check_is_fitted(estimator)
    X = check_design(estimator, X, reset=False)
    form = Coefficients.of_fitted(estimator)
    if sparse.issparse(X):
        return answer_to(answer, _sparse_scores(form, X))
    out, tame = _run(form.predictor(), estimator, X, answer, len(form.coef))
    if not tame and X.dtype == np.float32:
        warnings.warn(
            "Scores beyond the range of float32 became infinite. Pass X as float64, or scale its columns.",
            RuntimeWarning,
            stacklevel=4,
        )
    return out


def _run(predictor: Any, estimator: Any, X: Array, answer: Answer, n_scores: int) -> tuple[Array, bool]:
    N, D = X.shape
    n_classes = max(n_scores, 2)
    n_threads = 1 if N * (D + 64) * n_classes < _SERIAL else resolve_threads(estimator.n_jobs)
    if answer == "argmax":
        out = np.empty(N, _INTP)
    else:
        out = np.empty((N, n_scores if answer == "scores" else n_classes), X.dtype)
    return out, predictor.fill(answer, X, out, n_threads)


def _sparse_scores(form: Coefficients, X: Any) -> Floats:
    """Return ``X W + (b - c'W)``, the centre virtual; a product of CSR rows has one order of summation per row."""
    coef = form.coef.astype(np.float64)
    scores = X @ coef.T + (form.centred_intercept - row_sums(coef * form.centre))
    return np.asarray(scores, dtype=X.dtype)
