"""What a solver is: `init`, then `step` from one frozen iterate to the next; the loop does the rest.

Both are conversations: a solver asks for sums and never sees who computes them, nor who else is served by the sweep.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want
from multilogit._solvers.factor import HessianFactor

__all__ = ["NO_EFFORT", "Effort", "Iterate", "Solver", "basic", "effort_of", "newton_length", "with_hessian"]

_INVISIBLE = 1e-20

_PENALISED, _UNPENALISED = Want.GRADIENT | Want.CLASS_SUMS, Want.GRADIENT | Want.MARGIN
_WITH_HESSIAN = {want: want | Want.HESSIAN for want in (_PENALISED, _UNPENALISED)}


def basic(objective: SoftmaxRegression) -> Want:
    """Return what every iterate carries: enough for the next direction and for the certificate."""
    return _UNPENALISED if objective.penalty.unpenalised else _PENALISED


def with_hessian(objective: SoftmaxRegression) -> Want:
    """Return the same with the Hessian."""
    return _WITH_HESSIAN[basic(objective)]


def newton_length(gradient: Float64, step: Float64) -> float:
    """Return ``sqrt(<g, s>)``: the Newton decrement for ``s = H^-1 g``."""
    return math.sqrt(max(float(np.vdot(gradient, step)), 0.0))


@dataclass(frozen=True, slots=True)
class Effort:
    """Sweeps over the data, and their cost in gradient equivalents."""

    passes: int = 0
    work: float = 0.0

    def __add__(self, other: "Effort") -> "Effort":
        """Return the joint effort."""
        return Effort(self.passes + other.passes, self.work + other.work)


NO_EFFORT = Effort()


def effort_of(objective: SoftmaxRegression, want: Want) -> Effort:
    """Return the effort of one sweep."""
    return Effort(1, objective.work(want))


@dataclass(frozen=True, slots=True, kw_only=True)
class Iterate:
    """A point, its sums and what it cost to reach; solvers extend it by what they remember.

    ``decrement`` is ``sqrt(g'H^-1 g)`` as far as the solver knows H; ``factor`` is the Hessian at ``theta``, where the
    solver has it and the decrement is exact; ``stalled`` says that rounding allows no further step.
    """

    theta: Float64
    sums: Sums
    effort: Effort = NO_EFFORT
    decrement: float = math.inf
    factor: HessianFactor | None = None
    stalled: bool = False

    @property
    def estimate(self) -> float:
        """What the next step can gain, to first order: half the squared decrement."""
        return 0.5 * self.decrement**2

    @property
    def invisible(self) -> bool:
        """Whether that gain is far below the rounding of the value, so that no step can be judged."""
        return self.estimate <= _INVISIBLE * abs(self.value)

    @property
    def value(self) -> float:
        """Value of the objective."""
        return float(self.sums.value[0])

    @property
    def gradient(self) -> Float64:
        """Gradient, which every iterate has."""
        assert self.sums.gradient is not None
        return self.sums.gradient


class Solver(Protocol):
    """One algorithm. ``name`` is what ``solver_`` reports."""

    @property
    def name(self) -> str:
        """Scikit-learn's name of the method where it has one."""

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Return the first iterate, at ``theta``."""

    def step(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Return the next iterate."""
