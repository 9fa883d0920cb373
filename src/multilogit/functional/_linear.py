"""The linear softmax layer: logits X W + b, and the derivative of its probabilities in W."""

from typing import Any

import numpy as np

from multilogit._arrays import ArrayLike, Float64, Floats
from multilogit.errors import InputError
from multilogit.functional._inputs import as_floats
from multilogit.functional._jacobian import softmax_jacobian

__all__ = ["as_layer", "linear_logits", "linear_softmax_jacobian", "logits_of"]


def as_layer(X: ArrayLike, W: ArrayLike, b: ArrayLike | None) -> tuple[Float64, Float64, Float64 | None, np.dtype[Any]]:
    """X (..., D), W (D, K) and b (K,) or None in float64, and their common type."""
    arrays = [as_floats("X", X), as_floats("W", W)] + ([] if b is None else [as_floats("b", b)])
    X_, W_ = arrays[:2]
    if W_.ndim != 2 or W_.shape[1] == 0:
        raise InputError(f"W must have shape (D, K), D features by K >= 1 classes. Got {W_.shape}.")
    if X_.ndim == 0 or X_.shape[-1] != W_.shape[0]:
        raise InputError(
            f"X must have shape (..., {W_.shape[0]}), one column per row of W. Got {X_.shape}. "
            "W has features in rows and classes in columns; transpose it if it is class-major."
        )
    if b is not None and arrays[2].shape != W_.shape[1:]:
        raise InputError(f"b must have shape {W_.shape[1:]}, one intercept per column of W. Got {arrays[2].shape}.")
    wide = [array.astype(np.float64, copy=False) for array in arrays]
    return wide[0], wide[1], None if b is None else wide[2], np.result_type(*arrays)


def logits_of(X: Float64, W: Float64, b: Float64 | None) -> Float64:
    """Return Z = X W + b; an overflow gives inf, an undefined sum NaN, which the losses refuse by row."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(X @ W if b is None else X @ W + b)


def linear_logits(X: ArrayLike, W: ArrayLike, b: ArrayLike | None = None) -> Floats:
    """Logits of the linear layer: Z = X W + b, z_k = sum_d x_d W_dk + b_k.

    Parameters
    ----------
    X : array-like of shape (..., D)
        Rows of features, or one row.
    W : array-like of shape (D, K)
        Weights: features in rows, classes in columns.
    b : array-like of shape (K,), optional
        Intercepts; None means none.

    Returns
    -------
    ndarray of shape (..., K)
        In the common type of the arguments, computed in float64.

    Raises
    ------
    InputError
        The shapes do not fit.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.

    Examples
    --------
    >>> from multilogit.functional import linear_logits
    >>> print(linear_logits([1.0, 2.0], [[1.0, 0.0], [0.0, 1.0]], [10.0, 20.0]))
    [11. 22.]
    """
    X_, W_, b_, dtype = as_layer(X, W, b)
    return logits_of(X_, W_, b_).astype(dtype, copy=False)


def linear_softmax_jacobian(x: ArrayLike, W: ArrayLike, b: ArrayLike | None = None) -> Floats:
    """Jacobian of p = softmax(x W + b) in the weights: dp_i / dW_dk = p_i (delta_ik - p_k) x_d.

    Parameters
    ----------
    x : array-like of shape (D,) or (..., D)
        One row of features, or several.
    W : array-like of shape (D, K)
        Weights: features in rows, classes in columns.
    b : array-like of shape (K,), optional
        Intercepts; None means none.  dp/db is the softmax Jacobian.

    Returns
    -------
    ndarray of shape (..., K, D, K)
        Entry [i, d, k] is dp_i / dW_dk: the last two axes are laid out as W is.  Texts that number the
        weights class by class have the entries [i, k, d] instead: `numpy.swapaxes(result, -1, -2)`.

    Raises
    ------
    InputError
        The shapes do not fit.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bendersky, E. (2016). The softmax function and its derivative.
    https://eli.thegreenplace.net/2016/the-softmax-function-and-its-derivative/

    Examples
    --------
    >>> from multilogit.functional import linear_softmax_jacobian
    >>> print(linear_softmax_jacobian([2.0], [[0.0, 0.0]]))
    [[[ 0.5 -0.5]]
    <BLANKLINE>
     [[-0.5  0.5]]]
    """
    x_, W_, b_, dtype = as_layer(x, W, b)
    J = softmax_jacobian(logits_of(x_, W_, b_))
    derivative = J[..., :, None, :] * x_[..., None, :, None]  # [i, d, k] = J_ik x_d
    return derivative.astype(dtype, copy=False)
