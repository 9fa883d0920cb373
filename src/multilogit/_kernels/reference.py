"""The softmax kernels in NumPy: the oracle, the documentation and the fallback of the compiled ones.

Rows run along the last axis, K logits each.  With m = max_j z_j, at one argmax a, everything follows from

    s_k = z_k - m,   e_k = exp(s_k),   u = sum_{k != a} e_k

    softmax      p_k      = e_k / (1 + u)
    log-softmax  log p_k  = s_k - log1p(u)          (-log1p(u) at the argmax: no cancellation near p = 1)
    logsumexp             = c + log sum_k exp(z_k - c),   c = 0 where |m| is moderate, else m

Rounding.  Every number is carried as an unevaluated sum hi + lo: s_k by Knuth's TwoSum, exp by its own
argument reduction (error below 2^-55), u by pairwise TwoSum.  Exponentials are scaled by 2^128, so that none
that matters is subnormal and the last operation rounds to a subnormal result once.  The compiled kernels do
the same operations in the same order; softmax agrees with them to the last bit.

References
----------
Knuth, The Art of Computer Programming 2, 4.2.2 (TwoSum); Dekker, Numerische Mathematik 18 (1971), 224-242
(products); Blanchard, Higham and Higham, IMA J. Numer. Anal. 41 (2021), 2311-2330 (softmax and logsumexp).
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import numpy as np

from multilogit._arrays import Float64, Floats
from multilogit._kernels.double_double import Pair, two_product, two_sum

__all__ = ["log_softmax", "logsumexp", "softmax"]

SCALE = 128  # exponentials are stored times 2^SCALE
SMALLEST = -790.0  # exp(-790) = 2^-1139.7: zero once scaled back, whatever the number of classes
MODERATE = 300.0  # maxima up to here need no shift: K exp(300) is far from overflow

LN2_HI = float.fromhex("0x1.62e42fefa3800p-1")  # ln 2 to 42 bits: n * LN2_HI is exact for |n| < 2^11
LN2_LO = float.fromhex("0x1.ef35793c76730p-45")  # ln 2 - LN2_HI
TAYLOR = tuple(1.0 / math.factorial(j) for j in range(14, 1, -1))  # remainder below 2^-62 on |r| <= ln(2)/2


def _fast_two_sum(a: Float64, b: Float64) -> Pair:
    """Return fl(a + b) and its rounding error, for |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


def _exp(s: Float64, lo: Float64) -> Pair:
    """Return 2^SCALE exp(s + lo) as hi + lo: s = n ln 2 + r, |r| <= ln(2)/2, Taylor series of exp(r)."""
    lo = np.where(s > SMALLEST, lo, 0.0)
    s = np.maximum(s, SMALLEST)
    n = np.rint(s * (1.0 / math.log(2.0)))
    r, r_lo = two_sum(s - n * LN2_HI, -(n * LN2_LO))
    r_lo = r_lo + lo
    series = np.full_like(r, TAYLOR[0])
    for coefficient in TAYLOR[1:]:
        series = series * r + coefficient
    q = (r * r) * series  # exp(r) - 1 - r
    one_r, t = _fast_two_sum(np.ones_like(r), r)
    hi, t = _fast_two_sum(one_r, t + (q + r_lo * (one_r + q)))
    power = np.ldexp(1.0, np.nan_to_num(n).astype(np.int32) + SCALE)
    return hi * power, t * power


def _sum(hi: Float64, lo: Float64) -> Pair:
    """Return the sum of hi + lo along the last axis, adding the upper half to the lower until one is left."""
    while (n := hi.shape[-1]) > 1:
        half = (n + 1) // 2
        s, t = two_sum(hi[..., : n - half], hi[..., half:])
        t = t + (lo[..., : n - half] + lo[..., half:])
        hi = np.concatenate([s, hi[..., n - half : half]], axis=-1)
        lo = np.concatenate([t, lo[..., n - half : half]], axis=-1)
    return _fast_two_sum(hi, lo)


class _Row(NamedTuple):
    """s, its rounding error, 2^SCALE exp(s) as a pair, and u = sum of exp(s) but at the argmax, as a pair."""

    s: Float64
    s_lo: Float64
    e: Float64
    e_lo: Float64
    u: Float64
    u_lo: Float64


def _rows(z: Float64) -> _Row:
    m = z.max(axis=-1, keepdims=True)
    argmax = np.arange(z.shape[-1]) == z.argmax(axis=-1)[..., None]
    s, s_lo = two_sum(z, -m)
    s = np.where(argmax & (m > -np.inf), 0.0, s)  # an infinite winner: inf - inf; a second one stays NaN
    s_lo = np.where(np.isfinite(s_lo), s_lo, 0.0)
    e, e_lo = _exp(s, s_lo)
    u, u_lo = _sum(np.where(argmax, 0.0, e), np.where(argmax, 0.0, e_lo))
    return _Row(s, s_lo, e, e_lo, u * 2.0**-SCALE, u_lo * 2.0**-SCALE)


def _in_float64(kernel: Callable[[Float64], Float64]) -> Callable[[Floats], Floats]:
    """Compute in float64 whatever the input, return the input's type; infinities and NaN raise no warning."""

    @wraps(kernel)
    def wrapped(logits: Floats) -> Floats:
        with np.errstate(all="ignore"):
            result: Floats = kernel(logits.astype(np.float64, copy=False)).astype(logits.dtype, copy=False)
        return result

    return wrapped


@_in_float64
def softmax(logits: Float64) -> Float64:
    """Return p = e / (1 + u), the quotient corrected by its own remainder."""
    row = _rows(logits)
    total, t = two_sum(np.ones_like(row.u), row.u)
    total, total_lo = _fast_two_sum(total, t + row.u_lo)
    q = row.e / total
    product, product_lo = two_product(q, total)
    remainder = ((row.e - product) - product_lo) + (row.e_lo - q * total_lo)
    return np.asarray((q + remainder / total) * 2.0**-SCALE)


@_in_float64
def log_softmax(logits: Float64) -> Float64:
    """Return log p = s + s_lo - log1p(u), rounded once more only: the small terms are joined first."""
    row = _rows(logits)
    return np.asarray(row.s - (np.log1p(row.u) - row.s_lo))


@_in_float64
def logsumexp(logits: Float64) -> Float64:
    """Return c + log(S), S = hi + lo the sum of exp(z - c); log(hi + lo) = log(hi) + lo / hi."""
    m = logits.max(axis=-1, keepdims=True)
    c = np.where(np.abs(m) > MODERATE, m, 0.0)
    s, s_lo = two_sum(logits, -c)
    hi, lo = _sum(*_exp(s, np.where(np.isfinite(s_lo), s_lo, 0.0)))
    value = c + (np.log(hi * 2.0**-SCALE) + lo / hi)
    return np.asarray(np.where(np.isinf(m), m, value)[..., 0])
