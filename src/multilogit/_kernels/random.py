"""Random numbers by counting: number i of a stream is a hash of its key and i, in whatever order they are asked for.

So dropout and the order of the rows depend on the seed, the epoch and the step alone: not on the number of threads, and
an interrupted training goes on as if it had not been. native/random.hpp has the same streams.

References
----------
G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014 (SplitMix64); R. Durstenfeld, Commun. ACM 7 (1964) 420 (shuffling).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from multilogit._arrays import Integers

__all__ = ["shuffled", "stream"]

Words: TypeAlias = npt.NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
WORD = 2**64


def _mixed(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def stream(seed: int, which: int, count: int) -> Words:
    """Return the first ``count`` numbers of stream ``which`` of a seed, each uniform on 0, ..., 2^64 - 1."""
    first = int(_mixed(np.array([seed], dtype=np.uint64))[0])
    key = _mixed(np.array([(first + which * GOLDEN) % WORD], dtype=np.uint64))
    return _mixed(key + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN))


def shuffled(n: int, seed: int, which: int) -> Integers:
    """Return a random order of 0, ..., n - 1: each place, the last first, changes with one at or before it."""
    order = np.arange(n)
    draws = stream(seed, which, n) >> np.uint64(32)
    for i in range(n - 1, 0, -1):
        j = (int(draws[i]) * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    return order
