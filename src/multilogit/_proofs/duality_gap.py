"""Duality gap of penalised softmax regression: a proof of the distance to the optimum, from sums at hand.

For any probabilities ``P~_i`` whose residuals ``U_i = c_i (m_i P~_i - y_i)`` sum to zero over the rows (which
the unpenalised intercept demands of a dual point), weak duality gives, with ``g~ = sum_i x_i U_i'``::

    f(W, b) - f*  <=  sum_i c_i m_i KL(P~_i | P_i)  +  sum_d |g~_d + lambda_d W_d|^2 / (2 lambda_d)

``P~ = P`` would make the first term vanish, but then the intercept's gradient g_b would have to be exactly zero,
which it never is. Two dual points repair it; in both bounds every term is non-negative, so that nothing cancels
however close the optimum is.

`duality_gap` mixes in a constant row q: ``P~_i = (1 - t) P_i + t q`` with ``q = p + (y - p) / t``, the mean
probabilities p and mean targets y, and the smallest t that keeps ``q >= 0``. The divergence is at most t KL(q | P_i)
by convexity, and ``g~ = (1 - t) g + t sum_i c_i x_i (m_i q - y_i)'``. It costs nothing, and is linear in g_b.

`tilted_gap` tilts every row: ``P~_i = P_i + A_i a`` with ``A_i = diag(p_i) - p_i p_i'`` and the intercept's Newton
step ``a = -(sum_i c_i m_i A_i)^+ g_b``. The divergence is at most ``(1 + rho) / 2  a' (sum_i c_i m_i A_i) a`` with the
range rho of a, because ``(1 + u) log(1 + u) - u <= (1 + |u|) u^2 / 2`` for ``|u| <= 1``; and ``g~ - g`` is the
Hessian times a. It is quadratic in g_b: the bound to ask for near the optimum. From the Hessian's columns of the
intercepts it costs nothing either, without them two sweeps.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate, Product
from multilogit._objective.layout import Layout
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want

__all__ = ["duality_gap", "optimistic_gap", "tilted_gap"]

# What rounding may leave of the residuals' sum, relative to what the tilt took away; that of the gradient besides.
_FEASIBLE = 1e-9
_EPSILON = float(np.finfo(np.float64).eps)


def duality_gap(objective: SoftmaxRegression, theta: Float64, sums: Sums) -> float:
    """Return an upper bound of f(theta) - f*; ``sums`` holds the total gradient and the class sums.

    Infinite where an unpenalised weight has a gradient.
    """
    layout, moments = objective.layout, objective.moments
    assert sums.gradient is not None
    if not layout.fit_intercept:
        return optimistic_gap(objective, sums)
    assert sums.probability is not None
    assert sums.log_probability is not None
    mass = float(moments.mass[0])
    t, q = _feasible_row(sums.probability[0] / mass, _excess(layout, sums.gradient) / mass)
    entropy = -float(q @ np.log(q, out=np.zeros_like(q), where=q > 0))
    divergence = max(-mass * entropy - float(q @ sums.log_probability[0]), 0.0)
    toward = layout.free(moments.features[:, :, None] * q - moments.cross)
    toward += objective.penalty.gradient(layout.weights(theta))
    toward *= t
    toward += (1.0 - t) * layout.weights(sums.gradient)
    return t * divergence + float(objective.penalty.conjugate(toward, objective.n_threads)[0])


def optimistic_gap(objective: SoftmaxRegression, sums: Sums) -> float:
    """Return what either bound would be if the intercept's gradient were zero: whether they can pay."""
    assert sums.gradient is not None
    return float(objective.penalty.conjugate(objective.layout.weights(sums.gradient), objective.n_threads)[0])


def tilted_gap(
    objective: SoftmaxRegression, theta: Float64, sums: Sums, columns: Float64 | None = None
) -> Conversation[float]:
    """Return an upper bound of f(theta) - f*; inf where no tilt within the simplex does it.

    ``columns`` (K', D', K') are those of the Hessian at theta that belong to the intercepts; they save two sweeps;
    the curvature between classes among the sums saves one.
    """
    layout = objective.layout
    assert sums.gradient is not None
    if not layout.fit_intercept:
        return optimistic_gap(objective, sums)
    if columns is None:
        if (between := sums.class_curvature) is None:
            reply = yield Evaluate(objective, theta, Want.CLASS_CURVATURE)
            between = reply.class_curvature
        first = layout.n_classes - layout.free_rows
        curvature = between[0, first:, first:]
    else:
        curvature = columns[:, -1]
    tilt = _intercept_step(layout, curvature, sums.gradient[-1, 0])
    assert sums.probability is not None
    rounding = 4.0 * _EPSILON * float(sums.probability[0].sum())  # the mass of all rows
    # Where a class has lost its curvature no tilt makes the residuals sum to zero, and there is no dual point.
    if tilt.left > _FEASIBLE * np.abs(sums.gradient[-1]).max() + rounding or not tilt.range <= 1.0:
        return np.inf
    if columns is None:
        V = layout.zeros()
        V[-1, 0] = tilt.step
        change = yield Product(objective, theta, V)
    else:
        change = (columns @ tilt.step).T[:, None]
    mixed = layout.weights(sums.gradient + change)
    return 0.5 * (1.0 + tilt.range) * tilt.squared + float(objective.penalty.conjugate(mixed, objective.n_threads)[0])


class _Tilt(NamedTuple):
    """The step a (K',) of the intercepts, what it leaves of their gradient, the range of its logits, and a'C a."""

    step: Float64
    left: float
    range: float
    squared: float


def _intercept_step(layout: Layout, C: Float64, g: Float64) -> _Tilt:
    """Return the Newton step of the intercepts for their gradient g (K',) and its curvature C (K', K')."""
    E = layout.contrasts[0]
    cholesky, info = lapack.dpotrf(E.T @ C @ E, lower=1)
    if info != 0:
        return _Tilt(np.zeros_like(g), np.inf, 0.0, 0.0)
    step = -(E @ lapack.dpotrs(cholesky, E.T @ g, lower=1)[0])
    Ca = C @ step
    return _Tilt(step, float(np.abs(g + Ca).max()), float(np.ptp(layout.with_reference(step))), float(step @ Ca))


def _excess(layout: Layout, gradient: Float64) -> Float64:
    """Return sum_i c_i (m_i p_i - y_i) (K,): the intercept's gradient, which knows it to its last digit."""
    free = gradient[-1, 0]
    return free if layout.free_rows == layout.n_classes else np.concatenate([-free, free])


def _feasible_row(p: Float64, excess: Float64) -> tuple[float, Float64]:
    """Return the least t in [0, 1] and q (K,) with q >= 0 and q = p - (p - y) / t, given the excess p - y."""
    largest = float(np.divide(excess, p, out=np.zeros_like(p), where=p > 0).max())
    t = min(max(largest, 0.0), 1.0)
    q = np.maximum(p - excess / (t if t > 0 else 1.0), 0.0)
    return t, q / q.sum()
