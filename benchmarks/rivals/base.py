"""What an adapter is: a library, the knob it honours, and a fit from arrays to coefficients."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from benchmarks.judge import Coefficients
from benchmarks.ladder import Ladder
from benchmarks.problem import Data, Problem, Shape

__all__ = ["Fit", "Outcome", "Rival", "quietly"]


@dataclass(frozen=True)
class Outcome:
    """What a fit returned: coefficients per piece (None where it has none), and what it said of itself."""

    coefficients: tuple[Coefficients | None, ...]
    ended_early: bool = False
    note: dict[str, Any] = field(default_factory=dict)


# A fit at a setting. Everything that a user of the library would have ready (tensors, compiled functions) is made
# before, and not timed.
Fit: TypeAlias = Callable[[float], Outcome]


class Rival(Protocol):
    """One library with one solver."""

    name: str

    def ladder(self, problem: Problem) -> Ladder:
        """Return the knob and how it is turned."""

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:
        """Return why it cannot fit this, as a sentence, or None."""

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return the fit to be timed."""


def quietly(fit: Callable[[], Any]) -> tuple[Any, int]:
    """Return what ``fit`` returns, and how many warnings it gave: a fit that is cut short is meant to warn."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return fit(), len(caught)
