"""Adam: running means of the gradient and of its squares, corrected for their start at zero.

::

    m += (1 - beta_1) (g - m),   v += (1 - beta_2) (g^2 - v)
    w -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)

D. P. Kingma and J. Ba, ICLR 2015, in the order of computation that its section 2 ends with, so that epsilon is their
"epsilon hat"; amsgrad (v replaced by its largest value so far): S. J. Reddi, S. Kale and S. Kumar, ICLR 2018.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Floats

__all__ = ["Adam"]


@dataclass(frozen=True, slots=True)
class Adam:
    """The rule; its slots are m, v and, with amsgrad, the largest v."""

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    amsgrad: bool = False

    @property
    def slots(self) -> int:
        """How many arrays it keeps beside the weights."""
        return 3 if self.amsgrad else 2

    @property
    def kept(self) -> int:
        """How many of them it uses."""
        return self.slots

    def native(self, rate: float) -> tuple[object, ...]:
        """Return the rule as native/network.hpp numbers it."""
        return 5, False, self.amsgrad, rate, 0.0, self.beta_1, self.beta_2, self.epsilon

    def move(self, w: Floats, g: Floats, slots: Sequence[Floats], rate: float, step: int) -> None:
        """Move the weights, in place; ``step`` counts from 1."""
        real = w.dtype.type
        corrected = rate * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        m, v = slots[:2]
        m += (g - m) * (1 - real(self.beta_1))
        v += (g * g - v) * (1 - real(self.beta_2))
        if self.amsgrad:
            np.maximum(slots[2], v, out=slots[2])
            v = slots[2]
        w -= real(corrected) * m / (np.sqrt(v) + real(self.epsilon))
