"""The full steps of Newton's method in one call of compiled code, which Python then continues and proves.

On a small problem Python takes ten times as long to ask for a sweep, factor and step as they take. The steps are those
of `newton`; the first that would have to be shortened ends them. They go on until the duality gap, which costs nothing,
is likely to prove the tolerance: one step more is cheaper than the proof by the Hessian that it saves. Where somebody
wants to see every iterate, Python takes all of the steps.
"""

from multilogit._arrays import Float64
from multilogit._objective.native import Descended
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["descend"]

_MOST = 2**31 - 1  # a number of steps that any compiler counts to


def descend(objective: SoftmaxRegression, theta: Float64, tol: float, max_iter: int) -> Descended:
    """Return a point near the optimum of a penalised problem; ``theta`` where the steps cannot be taken."""
    native = objective.native
    # A class out of play has no curvature, and without a penalty every iterate is asked whether it separates.
    plain = bool(objective.layout.class_mask.all()) and not objective.penalty.unpenalised
    if native is None or not plain or max_iter == 0 or not native.descends():
        return Descended(theta, None, 0, 0)
    return native.descend(theta, objective.penalty.strength[:, 0], tol=tol, most=min(max_iter, _MOST))
