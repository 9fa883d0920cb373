"""Stochastic gradient descent, with momentum and Nesterov's look ahead.

::

    w -= rate g                                         momentum 0
    v  = momentum v - rate g,   w += v                  the heavy ball: Polyak, USSR Comput. Math. 4 (1964) 1-17
    v  = momentum v - rate g,   w += momentum v - rate g    Nesterov, Soviet Math. Dokl. 27 (1983) 372-376
"""

from collections.abc import Sequence
from dataclasses import dataclass

from multilogit._arrays import Floats

__all__ = ["SGD"]


@dataclass(frozen=True, slots=True)
class SGD:
    """The rule; its one slot is the velocity."""

    momentum: float = 0.0
    nesterov: bool = False

    @property
    def slots(self) -> int:
        """How many arrays it keeps beside the weights."""
        return int(self.momentum != 0)

    @property
    def kept(self) -> int:
        """How many of them it uses."""
        return self.slots

    def native(self, rate: float) -> tuple[object, ...]:
        """Return the rule as native/network.hpp numbers it."""
        code = 1 if not self.slots else 3 if self.nesterov else 2
        return code, False, False, rate, self.momentum, 0.0, 0.0, 0.0

    def move(self, w: Floats, g: Floats, slots: Sequence[Floats], rate: float, step: int) -> None:  # noqa: ARG002
        """Move the weights, in place; ``step`` counts from 1."""
        move = w.dtype.type(rate) * g
        if not slots:
            w -= move
            return
        v, momentum = slots[0], w.dtype.type(self.momentum)
        v[...] = momentum * v - move
        w += momentum * v - move if self.nesterov else v
