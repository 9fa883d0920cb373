"""Softmax, cross-entropy and the linear softmax layer, with every derivative, on arrays.

::

    logits z     ->  softmax, log_softmax, logsumexp; softmax_jacobian, softmax_jvp, softmax_vjp
    loss         ->  cross_entropy(targets, probabilities), cross_entropy_with_logits(targets, logits)
                     and their _gradient and _hessian
    layer X, W   ->  linear_logits, linear_softmax_jacobian, linear_cross_entropy
                     and its _gradient, _hvp and _hessian
    any function ->  gradient_check

Arguments are array-likes with any number of leading axes (the batch, which may be empty).  float32 and
float64 are kept, float16 gives float32, integers and booleans give float64; anything else is refused.
Probabilities are never clipped.
"""

from multilogit.functional._cross_entropy import cross_entropy, cross_entropy_gradient
from multilogit.functional._cross_entropy_with_logits import (
    cross_entropy_with_logits,
    cross_entropy_with_logits_gradient,
    cross_entropy_with_logits_hessian,
)
from multilogit.functional._gradient_check import GradientCheck, gradient_check
from multilogit.functional._jacobian import softmax_jacobian, softmax_jvp, softmax_vjp
from multilogit.functional._linear import linear_logits, linear_softmax_jacobian
from multilogit.functional._linear_cross_entropy import (
    linear_cross_entropy,
    linear_cross_entropy_gradient,
    linear_cross_entropy_hessian,
    linear_cross_entropy_hvp,
)
from multilogit.functional._softmax import log_softmax, logistic, logsumexp, softmax
from multilogit.functional._targets import one_hot

__all__ = [
    "GradientCheck",
    "cross_entropy",
    "cross_entropy_gradient",
    "cross_entropy_with_logits",
    "cross_entropy_with_logits_gradient",
    "cross_entropy_with_logits_hessian",
    "gradient_check",
    "linear_cross_entropy",
    "linear_cross_entropy_gradient",
    "linear_cross_entropy_hessian",
    "linear_cross_entropy_hvp",
    "linear_logits",
    "linear_softmax_jacobian",
    "log_softmax",
    "logistic",
    "logsumexp",
    "one_hot",
    "softmax",
    "softmax_jacobian",
    "softmax_jvp",
    "softmax_vjp",
]
