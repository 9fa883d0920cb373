"""One source of random numbers for the process: initial weights, the order of rows, dropout."""

import numpy as np

from multilogit.errors import InputError

__all__ = ["next_seed", "set_random_seed"]

_source = np.random.default_rng()


def set_random_seed(seed: int) -> None:
    """Make what follows reproducible: initial weights, the order of the rows, what dropout drops.

    The same calls after the same seed give the same bits, on one machine, with any number of threads.

    Parameters
    ----------
    seed : int
        Not negative.

    Raises
    ------
    InputError
        If it is not a whole number from 0 on.

    Examples
    --------
    >>> from multilogit import networks
    >>> networks.set_random_seed(0)
    >>> first = networks.Sequential([networks.Input((2,)), networks.Dense(1)]).get_weights()[0]
    >>> networks.set_random_seed(0)
    >>> again = networks.Sequential([networks.Input((2,)), networks.Dense(1)]).get_weights()[0]
    >>> bool((first == again).all())
    True
    """
    global _source  # noqa: PLW0603  (one state per process, as Keras has it)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed must be a whole number, 0 or more. Got {seed!r}.")
    _source = np.random.default_rng(int(seed))


def next_seed() -> int:
    """Return a seed of 63 bits."""
    return int(_source.integers(2**63))
