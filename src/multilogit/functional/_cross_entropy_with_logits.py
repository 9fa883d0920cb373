"""Cross-entropy of softmax as a function of the logits: value, gradient P - Y, Hessian diag(p) - p p'."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from multilogit import _kernels
from multilogit._arrays import ArrayLike, Float64, Floats
from multilogit.errors import InputError
from multilogit.functional._inputs import as_logits, as_weights, place
from multilogit.functional._jacobian import softmax_jacobian
from multilogit.functional._reduction import (
    Scalar,
    checked_reduction,
    derivative_weights,
    total_loss,
)
from multilogit.functional._targets import as_distributions, smooth

__all__ = [
    "Rows",
    "as_rows",
    "cross_entropy_with_logits",
    "cross_entropy_with_logits_gradient",
    "cross_entropy_with_logits_hessian",
    "reduced",
    "row_losses",
    "row_residuals",
]


class Rows(NamedTuple):
    """Z (..., K), targets Y (..., K) as distributions, weights (...), all float64, and the type to return."""

    Z: Float64
    Y: Float64
    weight: Float64
    dtype: npt.DTypeLike


def as_rows(targets: ArrayLike, logits: ArrayLike, sample_weight: ArrayLike | None, label_smoothing: float) -> Rows:
    """Check the arguments that the loss and its derivatives share; rows of weight 0 become zero logits."""
    Z = as_logits("logits", logits)
    weight = as_weights(sample_weight, Z.shape[:-1])
    Y = smooth(as_distributions(targets, Z.shape), label_smoothing)
    Z64 = np.where((weight == 0)[..., None], 0.0, Z.astype(np.float64, copy=False))
    infinite = np.isposinf(Z64).sum(axis=-1)
    bad = np.argwhere(np.isnan(Z64).any(axis=-1) | (infinite > 1) | np.isneginf(Z64).all(axis=-1))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"logits must have a softmax in every row: no NaN, at most one inf, not -inf throughout. "
            f"Got {Z64[index]} in {place(index)}. Give the row the weight 0, or mend what produced it."
        )
    return Rows(Z64, Y, weight, Z.dtype)


def row_losses(Z: Float64, Y: Float64) -> Float64:
    """Return l_i = - sum_k y_ik log p_ik, with 0 log 0 = 0."""
    log_p = _kernels.log_softmax(Z)
    return np.asarray(0.0 - (Y * np.where(Y == 0, 0.0, log_p)).sum(axis=-1))


def reduced(rows: Rows, reduction: str, dtype: npt.DTypeLike) -> Floats | Scalar:
    """Return the weighted losses of the rows, their sum, or their mean."""
    losses = row_losses(rows.Z, rows.Y)
    if checked_reduction(reduction) == "none":
        return np.asarray((rows.weight * losses).astype(dtype))[()]
    return total_loss(losses, rows.weight, reduction, dtype)


def row_residuals(Z: Float64, Y: Float64) -> Float64:
    """Return r = m p - y, m = sum_k y_k (1 up to rounding): the derivative of `row_losses`.

    A residual sums to zero.  Where one target exceeds 1/2, as the true class of a hard label does, its
    residual is minus the sum of the others, so that p near 1 costs no digits.
    """
    R: Float64 = Y.sum(axis=-1, keepdims=True) * _kernels.softmax(Z) - Y
    true_class = Y > 0.5
    return np.where(true_class, 0.0 - np.where(true_class, 0.0, R).sum(axis=-1, keepdims=True), R)


def cross_entropy_with_logits(
    targets: ArrayLike,
    logits: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> Floats | Scalar:
    """Cross-entropy of softmax(logits): l_i = - sum_k y_ik log p_ik = logsumexp(z_i) - y_i'z_i.

    Parameters
    ----------
    targets : array-like of shape (...) or (..., K)
        Labels 0, ..., K - 1, or distributions: rows that are not negative and sum to 1 within 1e-6 (an
        integer one-hot is one).
    logits : array-like of shape (..., K)
        Z; types as in `softmax`.
    sample_weight : array-like of shape (...), optional
        w_i >= 0, 1 by default.  A row of weight 0 counts as if it were not there, whatever its logits.
    label_smoothing : float in [0, 1], default 0.0
        e: the targets become (1 - e) y + e / K.
    reduction : {"sum", "mean", "none"}, default "sum"
        sum_i w_i l_i; the same divided by sum_i w_i; or the array of w_i l_i.

    Returns
    -------
    scalar, or ndarray of shape (...) for "none"
        In the type of `logits`; sums are accumulated in float64.  inf where a class that occurs has p = 0.

    Raises
    ------
    InputError
        A shape, label, distribution, weight or option is not as above, or a row of positive weight has no
        softmax (a NaN, two inf, all -inf); the message names the row.  The mean of weights that sum to 0.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.
    Szegedy, C. et al. (2016). Rethinking the Inception architecture for computer vision. CVPR, section 7
    (smoothing).

    Examples
    --------
    >>> from multilogit.functional import cross_entropy_with_logits
    >>> print(cross_entropy_with_logits([0, 1], [[0.0, 0.0], [-40.0, 0.0]], reduction="none"))
    [6.93147181e-01 4.24835426e-18]
    """
    rows = as_rows(targets, logits, sample_weight, label_smoothing)
    return reduced(rows, reduction, rows.dtype)


def cross_entropy_with_logits_gradient(
    targets: ArrayLike,
    logits: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> Floats:
    """Gradient of `cross_entropy_with_logits` in the logits: w_i (p_ik - y_ik).

    The residual of the true class is taken as minus the sum of the others, never as p - 1: it keeps its
    relative accuracy where p rounds to 1.

    Parameters
    ----------
    targets, logits, sample_weight, label_smoothing
        As in `cross_entropy_with_logits`.
    reduction : {"sum", "mean", "none"}, default "sum"
        The loss that is differentiated.  "mean" divides by sum_i w_i.  "none" gives each row's loss
        differentiated in its own logits, which equals "sum", because no loss depends on another row.

    Returns
    -------
    ndarray of the shape and type of `logits`
        Each row sums to zero.

    Raises
    ------
    InputError, TypeError
        As `cross_entropy_with_logits`.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.109). Springer.

    Examples
    --------
    >>> from multilogit.functional import cross_entropy_with_logits_gradient
    >>> print(cross_entropy_with_logits_gradient(0, [0.0, -40.0]))
    [-4.24835426e-18  4.24835426e-18]
    """
    rows = as_rows(targets, logits, sample_weight, label_smoothing)
    scale = derivative_weights(rows.weight, reduction)
    gradient = scale[..., None] * row_residuals(rows.Z, rows.Y)
    return gradient.astype(rows.dtype, copy=False)


def cross_entropy_with_logits_hessian(
    targets: ArrayLike,
    logits: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> Floats:
    """Hessian of `cross_entropy_with_logits` in the logits: w_i (diag(p_i) - p_i p_i'), one block per row.

    Second derivatives between different rows are zero and not stored.  Targets that sum to one do not
    enter the formula; they are taken, and checked, so that value, gradient and Hessian are called alike.

    Parameters
    ----------
    targets, logits, sample_weight, label_smoothing
        As in `cross_entropy_with_logits`.
    reduction : {"sum", "mean", "none"}, default "sum"
        The loss that is differentiated; "mean" divides by sum_i w_i, and "none" equals "sum".

    Returns
    -------
    ndarray of shape (..., K, K), of the type of `logits`
        Symmetric positive semidefinite blocks whose rows sum to zero.

    Raises
    ------
    InputError, TypeError
        As `cross_entropy_with_logits`.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.110). Springer.

    Examples
    --------
    >>> from multilogit.functional import cross_entropy_with_logits_hessian
    >>> print(cross_entropy_with_logits_hessian(0, [0.0, 0.0]))
    [[ 0.25 -0.25]
     [-0.25  0.25]]
    """
    rows = as_rows(targets, logits, sample_weight, label_smoothing)
    scale = derivative_weights(rows.weight, reduction) * rows.Y.sum(axis=-1)
    hessian: Floats = scale[..., None, None] * softmax_jacobian(rows.Z)
    return hessian.astype(rows.dtype, copy=False)
