"""A source over arrays in memory, dense (any float dtype, any strides) or CSR."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Array, Float64, Integers
from multilogit._data.rows import DenseRows, SparseRows
from multilogit._data.source import RowBlock

__all__ = ["MemorySource", "block_rows", "canonical_rows"]

_LARGEST_BLOCK = 2048
_BLOCK_BYTES = 4 << 20
_NARROW = 256  # columns of a sparse block that is as well made dense


def block_rows(n_classes: int, n_problems: int) -> int:
    """Return the rows of a block: a power of two that keeps one (n, R, K) array within 4 MiB."""
    affordable = max(_BLOCK_BYTES // (8 * n_classes * n_problems), 16)
    return min(_LARGEST_BLOCK, 1 << (affordable.bit_length() - 1))


def canonical_rows(X: Any) -> Any:
    """Return CSR rows whose columns increase, duplicates summed: ``X`` itself where it is so, else a copy."""
    X = sparse.csr_array(X)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


@dataclass(frozen=True)
class MemorySource:
    """Rows of ``X`` minus ``centre``, with targets, weights (N, R) and an optional offset (N, K)."""

    X: Any
    targets: Array
    weight: Float64
    offset: Float64 | None
    centre: Float64
    rows_per_block: int

    @property
    def n_rows(self) -> int:
        """Number of rows N."""
        return int(self.X.shape[0])

    @property
    def n_features(self) -> int:
        """Number of features D."""
        return int(self.X.shape[1])

    @property
    def n_problems(self) -> int:
        """Number of stacked problems R."""
        return int(self.weight.shape[1])

    @property
    def sparse(self) -> bool:
        """Whether X is sparse."""
        return bool(sparse.issparse(self.X))

    @property
    def stored(self) -> int:
        """Numbers of X, zeros left out where it is sparse."""
        return int(self.X.nnz if self.sparse else self.X.size)

    @property
    def single(self) -> bool:
        """Whether X is stored in float32."""
        return bool(self.X.dtype == np.float32)

    @property
    def has_offset(self) -> bool:
        """Whether anything is added to the logits."""
        return self.offset is not None

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return -(-self.n_rows // self.rows_per_block)

    def block(self, index: int) -> RowBlock:
        """Return one block."""
        start = index * self.rows_per_block
        span = slice(start, min(start + self.rows_per_block, self.n_rows))
        X = self.X[span]
        if self.sparse and self.n_features <= _NARROW:  # exact centring, at no more than a block's memory
            X = X.toarray()
        rows = (SparseRows if sparse.issparse(X) else DenseRows).of(X, self.centre)
        offset = None if self.offset is None else self.offset[span]
        return RowBlock(start, rows, self.targets[span], self.weight[span], offset)

    def select(self, columns: Integers) -> "MemorySource":
        """Return the source restricted to some columns."""
        X = self.X[:, columns]
        return replace(self, X=canonical_rows(X) if self.sparse else X, centre=self.centre[columns])

    def take(self, rows: Integers) -> "MemorySource":
        """Return the source restricted to some rows, in the order given."""
        offset = None if self.offset is None else self.offset[rows]
        return replace(self, X=self.X[rows], targets=self.targets[rows], weight=self.weight[rows], offset=offset)

    def thin(self, stride: int) -> "MemorySource":
        """Return every stride-th row, weighted to stand for all: a sample for a metric."""
        pick = slice(None, None, stride)
        offset = None if self.offset is None else self.offset[pick]
        weight = self.weight[pick] * stride
        return replace(self, X=self.X[pick], targets=self.targets[pick], weight=weight, offset=offset)

    def with_design(self, X: Array) -> "MemorySource":
        """Return the source with another, already centred, design."""
        return replace(self, X=X, centre=np.zeros(X.shape[1]))
