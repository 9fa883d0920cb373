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
Hessian times a. It costs two more sweeps and is quadratic in g_b: the bound to ask for near the optimum.
"""

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.layout import Layout
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want

__all__ = ["duality_gap", "optimistic_gap", "tilted_gap"]

# What rounding may leave of the residuals' sum, relative to what the tilt took away; that of the gradient besides.
_FEASIBLE = 1e-9


def duality_gap(objective: SoftmaxRegression, theta: Float64, sums: Sums) -> Float64:
    """Return an upper bound (R,) of f(theta) - f*; ``sums`` holds the total gradient and the class sums.

    Infinite where an unpenalised weight has a gradient.
    """
    layout, moments = objective.layout, objective.moments
    assert sums.gradient is not None
    G = layout.weights(sums.gradient)
    if not layout.fit_intercept:
        return objective.penalty.conjugate(G)
    assert sums.probability is not None
    assert sums.log_probability is not None
    mass = moments.mass[:, None]
    t, q = _feasible_row(sums.probability / mass, _excess(layout, sums.gradient) / mass)
    entropy = -np.einsum("rk,rk->r", q, np.log(q, out=np.zeros_like(q), where=q > 0))
    divergence = np.maximum(-moments.mass * entropy - np.einsum("rk,rk->r", q, sums.log_probability), 0.0)
    toward = layout.free(moments.features[:, :, None] * q - moments.cross)
    toward = toward + objective.penalty.gradient(layout.weights(theta))
    mixed = (1.0 - t)[:, None] * G + t[:, None] * toward
    return np.asarray(t * divergence + objective.penalty.conjugate(mixed))


def optimistic_gap(objective: SoftmaxRegression, sums: Sums) -> Float64:
    """Return what either bound would be (R,) if the intercept's gradient were zero: whether `tilted_gap` can pay."""
    assert sums.gradient is not None
    return objective.penalty.conjugate(objective.layout.weights(sums.gradient))


def tilted_gap(objective: SoftmaxRegression, theta: Float64, sums: Sums) -> Float64:
    """Return an upper bound (R,) of f(theta) - f*, at two sweeps; inf where no tilt within the simplex does it."""
    layout = objective.layout
    assert sums.gradient is not None
    if not layout.fit_intercept:
        return optimistic_gap(objective, sums)
    curvature = objective.evaluate(theta, Want.CLASS_CURVATURE).class_curvature
    assert curvature is not None
    excess = _excess(layout, sums.gradient)
    step = -np.einsum("rjk,rk->rj", np.linalg.pinv(curvature, hermitian=True), excess)
    left = np.abs(excess + np.einsum("rjk,rk->rj", curvature, step)).max(axis=1)
    squared = np.einsum("rjk,rj,rk->r", curvature, step, step)
    rho = np.ptp(step, axis=1)
    V = layout.zeros()
    V[-1] = layout.free(step - step[:, :1] if layout.free_rows == 1 else step)
    mixed = layout.weights(sums.gradient + objective.hvp(theta, V))
    bound = 0.5 * (1.0 + rho) * squared + objective.penalty.conjugate(mixed)
    # Where a class has lost its curvature no tilt makes the residuals sum to zero, and there is no dual point.
    rounding = np.finfo(np.float64).eps * objective.moments.mass
    feasible = left <= _FEASIBLE * np.abs(excess).max(axis=1) + 4.0 * rounding
    return np.where(feasible & (rho <= 1.0), bound, np.inf)


def _excess(layout: Layout, gradient: Float64) -> Float64:
    """Return sum_i c_i (m_i p_i - y_i) (R, K): the intercept's gradient, which knows it to its last digit."""
    free = layout.intercept(gradient)
    return free if layout.free_rows == layout.n_classes else np.concatenate([-free, free], axis=-1)


def _feasible_row(p: Float64, excess: Float64) -> tuple[Float64, Float64]:
    """Return the least t in [0, 1] (R,) and q (R, K) with q >= 0 and q = p - (p - y) / t, given the excess p - y."""
    t = np.divide(excess, p, out=np.zeros_like(p), where=p > 0).max(axis=1).clip(0.0, 1.0)
    safe = np.where(t > 0, t, 1.0)[:, None]
    q = np.maximum(p - excess / safe, 0.0)
    return t, q / q.sum(axis=1, keepdims=True)
