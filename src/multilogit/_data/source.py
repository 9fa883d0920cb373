"""A source yields row blocks; an objective sweeps over them and never asks where they come from."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, Self, TypeVar

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit._data.rows import Rows

__all__ = ["RowBlock", "Source", "Summable", "reduce_blocks"]


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows ``start, start + 1, ...`` of the data.

    ``targets`` are labels (n,) or masses (n, K), rows of mass ``m_i``; ``weight`` is (n, R), one column per
    stacked problem; ``offset`` is (n, K) or None and is added to the logits.
    """

    start: int
    rows: Rows
    targets: Array
    weight: Float64
    offset: Float64 | None

    def masses(self, n_classes: int) -> Float64:
        """Return the targets as Y (n, K): a label is a row of mass one."""
        if self.targets.ndim == 2:
            return self.targets.astype(np.float64, copy=False)
        Y = np.zeros((len(self.targets), n_classes))
        Y[np.arange(len(Y)), self.targets] = 1.0
        return Y


class Source(Protocol):
    """Where the rows are. Block boundaries are multiples of a constant on the global row index."""

    @property
    def n_rows(self) -> int:
        """Number of rows N."""

    @property
    def n_features(self) -> int:
        """Number of features D."""

    @property
    def centre(self) -> Float64:
        """What is subtracted from every row, (D,)."""

    @property
    def n_problems(self) -> int:
        """Number of stacked problems R, the columns of the weights."""

    @property
    def sparse(self) -> bool:
        """Whether the rows are sparse, which decides the metric a solver can afford."""

    @property
    def stored(self) -> int:
        """Numbers of the rows, zeros left out where they are sparse."""

    @property
    def single(self) -> bool:
        """Whether the rows are stored in float32."""

    @property
    def has_offset(self) -> bool:
        """Whether anything is added to the logits."""

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""

    @property
    def rows_per_block(self) -> int:
        """Rows of every block but the last."""

    def block(self, index: int) -> RowBlock:
        """Return one block."""

    def take(self, rows: Integers) -> Self:
        """Return the source restricted to some rows, in the order given."""

    def thin(self, stride: int) -> Self:
        """Return every stride-th row, weighted to stand for all."""

    def select(self, columns: Integers) -> Self:
        """Return the source restricted to some columns."""

    def with_design(self, X: Array) -> Self:
        """Return the source with another, already centred, design."""


class Summable(Protocol):
    """A value that is summed over blocks, threads and workers alike."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""


T = TypeVar("T", bound=Summable)


def reduce_blocks(source: Source, function: Callable[[RowBlock], T], n_threads: int = 1) -> T:
    """Return the sum of ``function(block)`` over the blocks, the same bits for any number of threads.

    Partial sums are merged by a binary counter over the global block index, so the tree of additions
    depends on the number of blocks alone.
    """
    stack: list[tuple[int, T]] = []
    for part in _map_blocks(source, function, n_threads):
        level, total = 0, part
        while stack and stack[-1][0] == level:
            total = stack.pop()[1] + total
            level += 1
        stack.append((level, total))
    total = stack.pop()[1]
    while stack:
        total = stack.pop()[1] + total
    return total


def _map_blocks(source: Source, function: Callable[[RowBlock], T], n_threads: int) -> Iterator[T]:
    def apply(index: int) -> T:
        return function(source.block(index))

    indices = iter(range(source.n_blocks))
    if n_threads == 1 or source.n_blocks == 1:
        yield from map(apply, indices)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        # A few blocks in flight per thread: the results waiting to be merged stay bounded.
        while batch := list(islice(indices, 4 * n_threads)):
            yield from pool.map(apply, batch)
