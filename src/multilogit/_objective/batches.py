"""The random part of training by mini-batches: the order of the rows of an epoch, and what dropout drops at a step."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from multilogit._arrays import Floats, Integers
from multilogit._kernels.random import shuffled, stream
from multilogit._objective.network import Drop, Network

__all__ = ["masks_of", "order_of"]


def order_of(n: int, seed: int, epoch: int) -> Integers:
    """Return the order of n rows in an epoch."""
    return shuffled(n, seed, 1 + 2 * epoch)


def masks_of(network: Network, n: int, seed: int, step: int, dtype: npt.DTypeLike) -> Sequence[Floats | None]:
    """Return the factors (n, M) of each operation that drops numbers, for n rows."""
    found: list[Floats | None] = []
    for j, (each, width) in enumerate(zip(network.operations, network.widths[1:], strict=True)):
        if isinstance(each, Drop):
            draws = stream(seed, 2 + 2 * (step * len(network.operations) + j), n * width) >> np.uint64(32)
            kept = draws >= np.uint64(int(each.rate * 2**32))
            found.append((kept * (1 / (1 - each.rate))).astype(dtype).reshape(n, width))
        else:
            found.append(None)
    return found
