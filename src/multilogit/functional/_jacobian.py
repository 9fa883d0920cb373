"""The derivative of softmax: J = diag(p) - p p', as a matrix and as a product."""

import numpy as np

from multilogit import _kernels
from multilogit._arrays import ArrayLike, Floats
from multilogit.functional._inputs import as_logits, as_same_shape

__all__ = ["complement", "softmax_jacobian", "softmax_jvp", "softmax_vjp"]


def complement(P: Floats) -> Floats:
    """Return 1 - p without cancellation: above 1/2 it is the sum of the other probabilities."""
    winner = P > 0.5
    others = np.where(winner, 0.0, P).sum(axis=-1, keepdims=True)
    return np.where(winner, others, 1.0 - P)


def softmax_jacobian(logits: ArrayLike) -> Floats:
    """Jacobian of softmax: J_ij = dp_i / dz_j = p_i (delta_ij - p_j), that is diag(p) - p p'.

    It is symmetric and positive semidefinite, and its rows and columns sum to zero: adding a constant to all
    logits changes nothing.

    Parameters
    ----------
    logits : array-like of shape (..., K)
        Types as in `softmax`.

    Returns
    -------
    ndarray of shape (..., K, K)
        One Jacobian per row of logits.  1 - p_i is taken as the sum of the other probabilities where p_i >
        1/2, so that the diagonal keeps its relative accuracy.

    Raises
    ------
    InputError
        `logits` has no class.
    TypeError
        `logits` is complex, text or objects.

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs. In
    Neurocomputing, 227-236. Springer.

    Examples
    --------
    >>> from multilogit.functional import softmax_jacobian
    >>> print(softmax_jacobian([0.0, 0.0]))
    [[ 0.25 -0.25]
     [-0.25  0.25]]
    """
    array = as_logits("logits", logits)
    P = _kernels.softmax(array.astype(np.float64, copy=False))
    J = -(P[..., :, None] * P[..., None, :])
    k = np.arange(P.shape[-1])
    J[..., k, k] = P * complement(P)
    return J.astype(array.dtype, copy=False)


def _product(logits: ArrayLike, name: str, direction: ArrayLike) -> Floats:
    """Return J v = p * (t - p't), t = v - v_a, a the likeliest class: nothing cancels where p_a is near 1."""
    array = as_logits("logits", logits)
    v = as_same_shape(name, direction, "logits", array.shape)
    P = _kernels.softmax(array.astype(np.float64, copy=False))
    a = P.argmax(axis=-1)[..., None]
    with np.errstate(over="ignore", invalid="ignore"):
        t = v.astype(np.float64, copy=False) - np.take_along_axis(v, a, axis=-1)
        product: Floats = P * (t - (P * t).sum(axis=-1, keepdims=True))
        return product.astype(np.result_type(array, v), copy=False)


def softmax_jvp(logits: ArrayLike, tangent: ArrayLike) -> Floats:
    """Jacobian-vector product of softmax: J v = p * (v - p'v), in O(K).

    Parameters
    ----------
    logits : array-like of shape (..., K)
        Types as in `softmax`.
    tangent : array-like of the shape of `logits`
        v, the direction in which the logits move.

    Returns
    -------
    ndarray of the shape of `logits`
        The directions in which the probabilities move; each row sums to zero.  The matrix J is never formed.

    Raises
    ------
    InputError
        `logits` has no class, or the shapes differ.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Griewank, A. and Walther, A. (2008). Evaluating Derivatives, 2nd edition, chapter 3 (forward mode). SIAM.

    Examples
    --------
    >>> from multilogit.functional import softmax_jvp
    >>> print(softmax_jvp([0.0, 0.0], [1.0, 0.0]))
    [ 0.25 -0.25]
    """
    return _product(logits, "tangent", tangent)


def softmax_vjp(logits: ArrayLike, cotangent: ArrayLike) -> Floats:
    """Vector-Jacobian product of softmax: J'u = p * (u - p'u), in O(K).

    The gradient with respect to the logits of any loss whose gradient with respect to the probabilities is u;
    with u = -y / p it is p - y.  J is symmetric, so the formula is that of `softmax_jvp`.

    Parameters
    ----------
    logits : array-like of shape (..., K)
        Types as in `softmax`.
    cotangent : array-like of the shape of `logits`
        u, the derivative of a loss with respect to the probabilities.

    Returns
    -------
    ndarray of the shape of `logits`
        The derivative of that loss with respect to the logits; each row sums to zero.

    Raises
    ------
    InputError
        `logits` has no class, or the shapes differ.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Griewank, A. and Walther, A. (2008). Evaluating Derivatives, 2nd edition, chapter 3 (reverse mode). SIAM.

    Examples
    --------
    >>> from multilogit.functional import softmax_vjp
    >>> print(softmax_vjp([0.0, 0.0], [-2.0, 0.0]))
    [-0.5  0.5]
    """
    return _product(logits, "cotangent", cotangent)
