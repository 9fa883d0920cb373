"""The softmax function, its logarithm, its normaliser, and the logistic function."""

from collections.abc import Callable

import numpy as np

from multilogit import _kernels
from multilogit._arrays import ArrayLike, Floats
from multilogit.functional._inputs import as_axis, as_floats, with_classes

__all__ = ["log_softmax", "logistic", "logsumexp", "softmax"]


def _along(axis: int, kernel: Callable[[Floats], Floats], logits: ArrayLike) -> Floats:
    """Return what `kernel` makes of the logits, the classes at `axis`."""
    array = as_floats("logits", logits)
    last = array.ndim - 1
    axis = as_axis(axis, array.ndim) if array.ndim else last
    if axis == last:
        return kernel(with_classes("logits", array))
    result = kernel(with_classes("logits", np.moveaxis(array, axis, -1)))
    return np.moveaxis(result, -1, axis) if result.ndim == array.ndim else result


def softmax(logits: ArrayLike, axis: int = -1) -> Floats:
    """Softmax: p_k = exp(z_k) / sum_j exp(z_j).

    Parameters
    ----------
    logits : array-like of shape (..., K, ...)
        K >= 1 logits along `axis`.  float32 and float64 are kept; float16 gives float32; integers and
        booleans give float64.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    ndarray of the shape of `logits`
        Probabilities, within 1 ulp of the exact softmax of the given logits, in float64 and in float32; below
        the smallest normal number within one spacing.  They are never clipped.
        An infinite logit gives the limit: [inf, 0] -> [1, 0].  A row that has none (all -inf, two +inf, a
        NaN) is NaN, and no other row is.

    Raises
    ------
    InputError
        `logits` has no class, or `axis` is out of range.
    TypeError
        `logits` is complex, text or objects.

    References
    ----------
    Bridle, J. S. (1990). Training stochastic model recognition algorithms as networks can lead to maximum
    mutual information estimation of parameters. NeurIPS 2, 211-217.  Rounding:
    `multilogit._kernels.reference`.

    Examples
    --------
    >>> from multilogit.functional import softmax
    >>> print(softmax([[0.0, 0.0], [1000.0, 0.0]]))
    [[0.5 0.5]
     [1.  0. ]]
    """
    return _along(axis, _kernels.softmax, logits)


def log_softmax(logits: ArrayLike, axis: int = -1) -> Floats:
    """Logarithm of softmax: log p_k = z_k - log sum_j exp(z_j).

    Parameters
    ----------
    logits : array-like of shape (..., K, ...)
        K >= 1 logits along `axis`; types as in `softmax`.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    ndarray of the shape of `logits`
        Log-probabilities, within 4 ulp in float64 and 1 ulp in float32, the winning class included: it is
        -log1p(u), u the sum of exp(z_k - max z) over the others, and keeps its digits where p rounds to 1.
        [inf, 0] -> [0, -inf]; rows without a softmax are NaN.

    Raises
    ------
    InputError
        `logits` has no class, or `axis` is out of range.
    TypeError
        `logits` is complex, text or objects.

    References
    ----------
    Blanchard, P., Higham, D. J. and Higham, N. J. (2021). Accurately computing the log-sum-exp and softmax
    functions. IMA Journal of Numerical Analysis 41, 2311-2330.

    Examples
    --------
    >>> from multilogit.functional import log_softmax
    >>> print(log_softmax([0.0, -40.0]))
    [-4.24835426e-18 -4.00000000e+01]
    """
    return _along(axis, _kernels.log_softmax, logits)


def logsumexp(logits: ArrayLike, axis: int = -1) -> Floats:
    """Logarithm of the sum of exponentials: log sum_k exp(z_k).

    Its gradient is the softmax and its Hessian the softmax Jacobian.

    Parameters
    ----------
    logits : array-like of shape (..., K, ...)
        K >= 1 logits along `axis`; types as in `softmax`.
    axis : int, default -1
        The axis of the classes, which the result no longer has.

    Returns
    -------
    ndarray of the shape of `logits` without `axis`
        Within 4 eps max(1, abs(value)).  A row of -inf gives -inf, one with +inf gives inf, one with a NaN
        gives NaN.

    Raises
    ------
    InputError
        `logits` has no class, or `axis` is out of range.
    TypeError
        `logits` is complex, text or objects.

    References
    ----------
    Blanchard, P., Higham, D. J. and Higham, N. J. (2021). Accurately computing the log-sum-exp and softmax
    functions. IMA Journal of Numerical Analysis 41, 2311-2330.

    Examples
    --------
    >>> from multilogit.functional import logsumexp
    >>> print(logsumexp([[1000.0, 1000.0], [0.0, 0.0]]))
    [1.00069315e+03 6.93147181e-01]
    """
    return _along(axis, _kernels.logsumexp, logits)


def logistic(x: ArrayLike) -> Floats:
    """Logistic function: 1 / (1 + exp(-x)) = softmax([0, x])[1].

    Parameters
    ----------
    x : array-like of any shape
        Types as in `softmax`.

    Returns
    -------
    ndarray of the shape of `x`
        Within 1 ulp, however negative `x` is; logistic(-inf) = 0, logistic(inf) = 1.

    Raises
    ------
    TypeError
        `x` is complex, text or objects.

    References
    ----------
    Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society B
    20, 215-242.

    Examples
    --------
    >>> from multilogit.functional import logistic
    >>> print(logistic([-700.0, 0.0, 40.0]))
    [9.85967654e-305 5.00000000e-001 1.00000000e+000]
    """
    array = as_floats("x", x)
    return _kernels.softmax(np.stack([np.zeros_like(array), array], axis=-1))[..., 1]
