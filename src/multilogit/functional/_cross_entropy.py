"""Cross-entropy of given probabilities, the formula of the textbooks."""

import numpy as np

from multilogit._arrays import ArrayLike, Float64, Floats
from multilogit.errors import InputError
from multilogit.functional._inputs import as_logits, place
from multilogit.functional._reduction import Scalar, scalar
from multilogit.functional._targets import as_distributions

__all__ = ["cross_entropy", "cross_entropy_gradient"]

NORMALIZED_WITHIN = 0.01  # catches logits and raw scores, and leaves room for the steps of finite differences


def _as_probabilities(probabilities: ArrayLike) -> Floats:
    S = as_logits("probabilities", probabilities)
    bad = np.argwhere(~(S >= 0))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"probabilities must not be negative. Got {S[index]} in {place(index[:-1])}, column {index[-1]}. "
            "For logits use cross_entropy_with_logits."
        )
    total = S.sum(axis=-1, dtype=np.float64)
    bad = np.argwhere(~(np.abs(total - 1) <= NORMALIZED_WITHIN))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"probabilities must sum to 1 in each row. Got {total[index]:.6g} in {place(index)}. "
            "For logits use cross_entropy_with_logits; divide positive scores by their row's sum."
        )
    return S


def cross_entropy(targets: ArrayLike, probabilities: ArrayLike) -> Scalar:
    """Cross-entropy of probabilities: - sum_i sum_k y_ik log s_ik, with 0 log 0 = 0.

    For one-hot targets it is the negative logarithm of the likelihood.  Where the probabilities come from
    logits, use `cross_entropy_with_logits`, which loses no digits.

    Parameters
    ----------
    targets : array-like of shape (...) or (..., K)
        Labels 0, ..., K - 1, or distributions: rows that are not negative and sum to 1.
    probabilities : array-like of shape (..., K)
        s >= 0, rows summing to 1 within 0.01: enough to refuse logits and raw scores, and to let finite
        differences move one entry.  Nothing is normalised or clipped.

    Returns
    -------
    scalar of the type of `probabilities`
        The sum over all rows; inf where a class that occurs has s = 0.

    Raises
    ------
    InputError
        A shape, label, distribution or probability is not as above; the message names the row.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, equation (4.108). Springer.

    Examples
    --------
    >>> from multilogit.functional import cross_entropy
    >>> print(cross_entropy([0, 1], [[0.5, 0.5], [0.0, 1.0]]))
    0.6931471805599453
    """
    S = _as_probabilities(probabilities)
    Y = as_distributions(targets, S.shape)
    with np.errstate(divide="ignore"):
        log_s = np.log(np.where(Y == 0, 1.0, S))
    return scalar(0.0 - (Y * log_s).sum(), S.dtype)


def cross_entropy_gradient(targets: ArrayLike, probabilities: ArrayLike) -> Floats:
    """Gradient of `cross_entropy` in the probabilities: -y_k / s_k, with -0/0 = 0.

    Each s_k is a variable of its own: no constraint ties them to sum to 1.

    Parameters
    ----------
    targets : array-like of shape (...) or (..., K)
        As in `cross_entropy`.
    probabilities : array-like of shape (..., K)
        As in `cross_entropy`.

    Returns
    -------
    ndarray of the shape and type of `probabilities`
        -y / s; -inf where a class that occurs has s = 0.

    Raises
    ------
    InputError
        A shape, label, distribution or probability is not as in `cross_entropy`; the message names the row.
    TypeError
        An argument is complex, text or objects.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, section 4.3.4. Springer.

    Examples
    --------
    >>> from multilogit.functional import cross_entropy_gradient
    >>> print(cross_entropy_gradient(1, [0.5, 0.25, 0.25]))
    [ 0. -4.  0.]
    """
    S = _as_probabilities(probabilities)
    Y = as_distributions(targets, S.shape)
    with np.errstate(divide="ignore", over="ignore"):
        ratio: Float64 = Y / np.where(Y == 0, 1.0, S)
        return (0.0 - ratio).astype(S.dtype)
