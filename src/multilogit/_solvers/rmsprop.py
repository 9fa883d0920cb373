"""RMSprop: each gradient over the root of a running mean of its squares.

::

    v = rho v + (1 - rho) g^2,   a = rho a + (1 - rho) g
    s = rate g / sqrt(v + epsilon),   centred: rate g / sqrt(v - a^2 + epsilon)
    w -= s,   with momentum: u = momentum u + s,  w -= u

T. Tieleman and G. Hinton, Neural Networks for Machine Learning, Coursera 2012, lecture 6.5; centred: A. Graves,
arXiv:1308.0850 (2013), section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Floats

__all__ = ["RMSprop"]


@dataclass(frozen=True, slots=True)
class RMSprop:
    """The rule; its slots are v, u and a."""

    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    @property
    def slots(self) -> int:
        """How many arrays it keeps beside the weights."""
        return 3 if self.centered else 2 if self.momentum > 0 else 1

    @property
    def kept(self) -> int:
        """How many of them it uses."""
        return 1 + (self.momentum > 0) + self.centered

    def native(self, rate: float) -> tuple[object, ...]:
        """Return the rule as native/network.hpp numbers it."""
        return 4, self.centered, False, rate, self.momentum, self.rho, 0.0, self.epsilon

    def move(self, w: Floats, g: Floats, slots: Sequence[Floats], rate: float, step: int) -> None:  # noqa: ARG002
        """Move the weights, in place; ``step`` counts from 1."""
        real = w.dtype.type
        rho, v = real(self.rho), slots[0]
        v[...] = rho * v + (1 - rho) * (g * g)
        spread = v
        if self.centered:
            a = slots[2]
            a[...] = rho * a + (1 - rho) * g
            spread = v - a * a
        s = real(rate) * g / np.sqrt(spread + real(self.epsilon))
        if self.momentum > 0:
            s += real(self.momentum) * slots[1]
            slots[1][...] = s
        w -= s
