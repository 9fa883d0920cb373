"""What an adapter gives: a network as its library's users write it, in the parts that are timed and not timed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["SEED", "Outcome", "Training"]

SEED = 0


@dataclass(frozen=True)
class Outcome:
    """What a trained network predicts of the training rows, (N, K), and the steps that it took."""

    predictions: np.ndarray
    steps: int


@dataclass(frozen=True)
class Training:
    """A model with new weights (``build``, not timed), its training (timed), and what came of it.

    Weights are drawn as the library does when it is not told. What a user would have ready (tensors, a compiled
    function) is made before.
    """

    build: Callable[[], Any]
    train: Callable[[Any], Any]
    outcome: Callable[[Any], Outcome]
    note: dict[str, Any] = field(default_factory=dict)
