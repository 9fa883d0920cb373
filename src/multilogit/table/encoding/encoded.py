"""What encoding a column gives, and what it met on the way."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64

__all__ = ["Encoded", "with_mark"]


@dataclass(frozen=True)
class Encoded:
    """The terms of a column (N, T), dense or CSR, and which rows had no value, or one that training never saw."""

    block: Any
    missing: Array
    unseen: Array


def with_mark(values: Float64, missing: Array, *, has_mark: bool) -> Encoded:
    """Return one term (N,), and the mark of a missing value as a second one."""
    columns = [values, missing.astype(np.float64)] if has_mark else [values]
    return Encoded(np.column_stack(columns), missing, np.zeros(len(missing), dtype=np.bool_))
