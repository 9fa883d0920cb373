"""How weights begin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from multilogit._arrays import Floats
from multilogit.errors import InputError
from multilogit.networks._seed import next_seed
from multilogit.networks._words import choose

__all__ = ["GlorotUniform", "Initializer", "Zeros", "get"]


class Initializer(Protocol):
    """Anything that makes an array of a shape and a type."""

    def __call__(self, shape: tuple[int, ...], dtype: npt.DTypeLike = "float32") -> Floats:
        """Return the array."""


@dataclass(frozen=True)
class GlorotUniform:
    """Uniform on [-L, L] with L = sqrt(6 / (D + M)) for weights (D, M).

    Parameters
    ----------
    seed : int or None
        With a seed, every array of one shape is the same; None draws from what `set_random_seed` has set.

    References
    ----------
    X. Glorot and Y. Bengio, AISTATS 2010, equation 16.

    Examples
    --------
    >>> from multilogit.networks.initializers import GlorotUniform
    >>> W = GlorotUniform(seed=1)((200, 100))
    >>> W.shape, bool(abs(W).max() <= (6 / 300) ** 0.5)
    ((200, 100), True)
    """

    seed: int | None = None

    def __call__(self, shape: tuple[int, ...], dtype: npt.DTypeLike = "float32") -> Floats:
        """Return weights of such a shape (D, M)."""
        limit = np.sqrt(6.0 / sum(shape))
        source = np.random.default_rng(next_seed() if self.seed is None else self.seed)
        return source.uniform(-limit, limit, shape).astype(dtype)


@dataclass(frozen=True)
class Zeros:
    """Zeros."""

    def __call__(self, shape: tuple[int, ...], dtype: npt.DTypeLike = "float32") -> Floats:
        """Return zeros of such a shape."""
        return np.zeros(shape, dtype)


_NAMED: dict[str, Callable[[], Initializer]] = {
    "glorot_uniform": GlorotUniform,
    "GlorotUniform": GlorotUniform,
    "zeros": Zeros,
}


def get(identifier: Any) -> Initializer:
    """Return the initializer of a name, or one as it is.

    Raises
    ------
    InputError
        For an unknown name, or something that cannot be called.
    """
    if isinstance(identifier, str):
        return choose("initializer", identifier, _NAMED)()
    if isinstance(identifier, type):
        return get(identifier())
    if not callable(identifier):
        raise InputError(f"An initializer is a name or a function of shape and dtype. Got {identifier!r}.")
    made: Initializer = identifier
    return made
