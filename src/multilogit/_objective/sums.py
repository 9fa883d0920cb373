"""What one sweep over the data can return, as sums that blocks, threads and workers merge alike."""

from dataclasses import dataclass, fields
from enum import Flag, auto
from typing import Any

import numpy as np

from multilogit._arrays import Float64

__all__ = ["Sums", "Want"]


_SECOND_AXIS = frozenset({"gradient", "diagonal"})  # the problems are the second axis there, else the first


class Want(Flag):
    """The parts of `Sums` that a sweep computes besides the value."""

    VALUE = 0
    GRADIENT = auto()
    CLASS_SUMS = auto()
    CLASS_CURVATURE = auto()
    MARGIN = auto()
    GRAM = auto()
    DIAGONAL = auto()
    HESSIAN = auto()


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over rows, with ``c_i = C w_i`` and ``D'`` the rows of theta; parts not wanted are None.

    - ``value`` (R,) sum of c_i loss_i, plus the penalty once totalled
    - ``gradient`` (D', R, K')
    - ``probability`` (R, K) sum of c_i m_i p_ik;  ``log_probability`` (R, K) sum of c_i m_i log p_ik
    - ``class_curvature`` (R, K, K) sum of c_i m_i (diag(p_i) - p_i p_i')
    - ``margin`` (R,) the smallest ``z_y - max_(k != y) z_k`` over rows with weight, offsets left out (a minimum)
    - ``gram`` (R, D', D') sum of s_i x_i x_i' with s_i = c_i m_i (1 - |p_i|^2) / (K - 1), halved when K = 2
    - ``hessian`` (R, K', D', K', D');  ``diagonal`` (D', R, K') its diagonal
    """

    value: Float64
    gradient: Float64 | None = None
    probability: Float64 | None = None
    log_probability: Float64 | None = None
    class_curvature: Float64 | None = None
    margin: Float64 | None = None
    gram: Float64 | None = None
    diagonal: Float64 | None = None
    hessian: Float64 | None = None

    def __add__(self, other: "Sums") -> "Sums":
        """Return the merged sums; a margin is merged by the smaller one."""
        merged: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if mine is not None:
                merged[field.name] = np.minimum(mine, theirs) if field.name == "margin" else mine + theirs
        return Sums(**merged)

    def problem(self, r: int) -> "Sums":
        """Return the sums of one problem; those that a solver keeps hold no memory of the others'."""
        parts = {name: getattr(self, name) for name in Sums.__slots__}
        return Sums(
            **{
                name: part[:, r : r + 1].copy() if name in _SECOND_AXIS else part[r : r + 1]
                for name, part in parts.items()
                if part is not None
            }
        )

    def without_curvature(self) -> "Sums":
        """Return the sums that an iterate keeps: all but the matrices of second derivatives."""
        return Sums(self.value, self.gradient, self.probability, self.log_probability, margin=self.margin)
