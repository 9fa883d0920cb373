"""Cross-entropy of the linear softmax layer: value, gradient, Hessian and Hessian-vector product."""

from typing import Any, NamedTuple

import numpy as np

from multilogit._arrays import ArrayLike, Float64, Floats
from multilogit.errors import InputError
from multilogit.functional._cross_entropy_with_logits import (
    Rows,
    as_rows,
    reduced,
    row_losses,
    row_residuals,
)
from multilogit.functional._inputs import as_same_shape, as_weights, place
from multilogit.functional._jacobian import softmax_jacobian, softmax_jvp
from multilogit.functional._linear import as_layer, logits_of
from multilogit.functional._reduction import Scalar, checked_reduction, derivative_weights, total_loss

__all__ = [
    "linear_cross_entropy",
    "linear_cross_entropy_gradient",
    "linear_cross_entropy_hessian",
    "linear_cross_entropy_hvp",
]

ONE_NUMBER = ("sum", "mean")


class _Problem(NamedTuple):
    """X (..., D), the intercepts or None, the rows of logits and targets, the common type."""

    X: Float64
    b: Float64 | None
    rows: Rows
    dtype: np.dtype[Any]


def _problem(
    targets: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    b: ArrayLike | None,
    sample_weight: ArrayLike | None,
    label_smoothing: float,
) -> _Problem:
    X_, W_, b_, dtype = as_layer(X, W, b)
    weight = as_weights(sample_weight, X_.shape[:-1])
    X_ = np.where((weight > 0)[..., None], X_, 0.0)  # weight 0 is as if deleted, even where the row holds NaN
    bad = np.argwhere(~np.isfinite(X_))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"X must be finite. Got {X_[index]} in {place(index[:-1])}, column {index[-1]}. "
            "Drop the row, fill the entry, or give the row the weight 0."
        )
    rows = as_rows(targets, logits_of(X_, W_, b_), weight, label_smoothing)
    return _Problem(X_, b_, rows, dtype)


def _transposed_product(X: Float64, R: Float64) -> Float64:
    """X'R summed over all leading axes: (D, K)."""
    return np.asarray(X.reshape(-1, X.shape[-1]).T @ R.reshape(-1, R.shape[-1]))


def linear_cross_entropy(
    targets: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    b: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> Floats | Scalar:
    """Cross-entropy of softmax(X W + b): sum_i w_i l_i, l_i = - sum_k y_ik log p_ik.

    Parameters
    ----------
    targets : array-like of shape (...) or (..., K)
        Labels or distributions, as in `cross_entropy_with_logits`.
    X : array-like of shape (..., D)
        Rows of features, or one row.
    W : array-like of shape (D, K)
        Weights: features in rows, classes in columns.
    b : array-like of shape (K,), optional
        Intercepts; None means none.
    sample_weight, label_smoothing, reduction
        As in `cross_entropy_with_logits`.

    Returns
    -------
    scalar, or ndarray of shape (...) for reduction="none"
        In the common type of X, W and b, computed in float64.

    Raises
    ------
    InputError
        The shapes do not fit, or as `cross_entropy_with_logits`.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.108). Springer.

    Examples
    --------
    >>> from multilogit.functional import linear_cross_entropy
    >>> print(linear_cross_entropy([0, 1], [[1.0], [2.0]], [[0.0, 0.0]]))
    1.3862943611198906
    """
    problem = _problem(targets, X, W, b, sample_weight, label_smoothing)
    return reduced(problem.rows, reduction, problem.dtype)


def linear_cross_entropy_gradient(
    targets: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    b: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> tuple[Scalar, Floats, Floats | None]:
    """Value and gradient of `linear_cross_entropy`: dW = X' R, db = sum_i r_i, r_i = w_i (p_i - y_i).

    This shortcut is the chain rule multiplied out: gradient of the loss in p, times the softmax Jacobian,
    times the derivative of the layer.  dW has W's own layout (D, K).  A text that lists the weights class by
    class prints the same numbers as `dW.T.ravel()`; reshaping that list to (D, K) does not give dW.

    Parameters
    ----------
    targets, X, W, b, sample_weight, label_smoothing
        As in `linear_cross_entropy`.
    reduction : {"sum", "mean"}, default "sum"
        The loss that is differentiated; "mean" divides by sum_i w_i.

    Returns
    -------
    loss : scalar
        The value.
    dW : ndarray of shape (D, K)
        d loss / dW.
    db : ndarray of shape (K,), or None
        d loss / db; None where `b` is None.

    Raises
    ------
    InputError, TypeError
        As `linear_cross_entropy`.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.109). Springer.

    Examples
    --------
    >>> from multilogit.functional import linear_cross_entropy_gradient
    >>> loss, dW, db = linear_cross_entropy_gradient([0, 1], [[1.0], [3.0]], [[0.0, 0.0]], [0.0, 0.0])
    >>> print(dW, db)
    [[ 1. -1.]] [0. 0.]
    """
    checked_reduction(reduction, ONE_NUMBER)
    X_, b_, rows, dtype = _problem(targets, X, W, b, sample_weight, label_smoothing)
    loss = total_loss(row_losses(rows.Z, rows.Y), rows.weight, reduction, dtype)
    R = derivative_weights(rows.weight, reduction)[..., None] * row_residuals(rows.Z, rows.Y)
    dW = _transposed_product(X_, R).astype(dtype, copy=False)
    db = None if b_ is None else R.reshape(-1, R.shape[-1]).sum(axis=0).astype(dtype, copy=False)
    return loss, dW, db


def linear_cross_entropy_hvp(
    targets: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    b: ArrayLike | None,
    V: ArrayLike,
    v: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> tuple[Floats, Floats | None]:
    """Hessian-vector product of `linear_cross_entropy`: (X' T, sum_i t_i), t_i = w_i J_i (x_i V + v).

    J_i = diag(p_i) - p_i p_i' is applied as p * (u - p'u); neither it nor the Hessian is formed.

    Parameters
    ----------
    targets, X, W, b, sample_weight, label_smoothing
        As in `linear_cross_entropy`.  Targets that sum to one do not enter the Hessian; they are checked.
    V : array-like of shape (D, K)
        Direction in W.
    v : array-like of shape (K,), optional
        Direction in b; zeros by default.  Refused where `b` is None.
    reduction : {"sum", "mean"}, default "sum"
        The loss that is differentiated; "mean" divides by sum_i w_i.

    Returns
    -------
    HV : ndarray of shape (D, K)
        The W part of the product.
    Hv : ndarray of shape (K,), or None
        The b part; None where `b` is None.

    Raises
    ------
    InputError, TypeError
        As `linear_cross_entropy`, or V or v does not fit.

    References
    ----------
    Pearlmutter, B. A. (1994). Fast exact multiplication by the Hessian. Neural Computation 6, 147-160.

    Examples
    --------
    >>> from multilogit.functional import linear_cross_entropy_hvp
    >>> HV, Hv = linear_cross_entropy_hvp([0], [[2.0]], [[0.0, 0.0]], None, [[1.0, 0.0]])
    >>> print(HV, Hv)
    [[ 1. -1.]] None
    """
    checked_reduction(reduction, ONE_NUMBER)
    X_, b_, rows, dtype = _problem(targets, X, W, b, sample_weight, label_smoothing)
    shape = (X_.shape[-1], rows.Z.shape[-1])
    if b_ is None and v is not None:
        raise InputError("v is a direction in b, and b is None. Pass b, or leave v out.")
    v_ = np.zeros(shape[1:]) if v is None else as_same_shape("v", v, "b", shape[1:]).astype(np.float64)
    V_ = as_same_shape("V", V, "W", shape).astype(np.float64)
    weight = derivative_weights(rows.weight, reduction) * rows.Y.sum(axis=-1)
    T = weight[..., None] * softmax_jvp(rows.Z, X_ @ V_ + v_)
    Hv = None if b_ is None else T.reshape(-1, T.shape[-1]).sum(axis=0).astype(dtype, copy=False)
    return _transposed_product(X_, T).astype(dtype, copy=False), Hv


def linear_cross_entropy_hessian(
    targets: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    b: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "sum",
) -> Floats:
    """Hessian of `linear_cross_entropy`: H[d, k, e, l] = sum_i w_i x_id x_ie p_ik (delta_kl - p_il).

    Parameters
    ----------
    targets, X, W, b, sample_weight, label_smoothing
        As in `linear_cross_entropy`.  Targets that sum to one do not enter the Hessian; they are checked.
    reduction : {"sum", "mean"}, default "sum"
        The loss that is differentiated; "mean" divides by sum_i w_i.

    Returns
    -------
    ndarray of shape (D, K, D, K), or (D + 1, K, D + 1, K) with intercepts
        The intercepts come last, as the weights of a feature that is always 1.  `H.reshape(n, n)`, n = D K or
        (D + 1) K, is the matrix for the parameters in row-major order.  It is symmetric and positive
        semidefinite, and singular along any shift common to all classes.

    Raises
    ------
    InputError, TypeError
        As `linear_cross_entropy`.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.110). Springer.
    Boehning, D. (1992). Multinomial logistic regression algorithm. Annals of the Institute of Statistical
    Mathematics 44, 197-200.

    Examples
    --------
    >>> from multilogit.functional import linear_cross_entropy_hessian
    >>> print(linear_cross_entropy_hessian([0], [[2.0]], [[0.0, 0.0]]).reshape(2, 2))
    [[ 1. -1.]
     [-1.  1.]]
    """
    checked_reduction(reduction, ONE_NUMBER)
    X_, b_, rows, dtype = _problem(targets, X, W, b, sample_weight, label_smoothing)
    weight = (derivative_weights(rows.weight, reduction) * rows.Y.sum(axis=-1)).ravel()
    A = X_.reshape(-1, X_.shape[-1])
    A = A if b_ is None else np.column_stack([A, np.ones(len(A))])
    K = rows.Z.shape[-1]
    J = softmax_jacobian(rows.Z.reshape(-1, K))
    H: Floats = np.einsum("nd,nkl,ne->dkel", weight[:, None] * A, J, A, optimize=True)
    return H.astype(dtype, copy=False)
