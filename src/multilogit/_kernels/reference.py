"""The softmax kernels in NumPy: the oracle, the documentation and the fallback of the compiled ones.

Rows run along the last axis, K logits each.  With m = max_k z_k and n_m the number of classes that have it::

    softmax      p_k      = e_k / sum_j e_j,         e_k = exp(z_k - m)
    log-softmax  log p_k  = z_k - m - log1p(u),      u = n_m - 1 + sum_(z_j < m) exp(z_j - m)
    logsumexp             = c + log sum_k exp(z_k - c)

log1p of the others keeps the digits of the winning class where p rounds to 1.

Rounding, float32 logits.  Everything in float64, rounded to float32 at the end; c = m.

Rounding, float64 logits.  The rounding error of z - m is kept, and exp is carried as hi + lo: with
s = (16 N + j) ln(2) / 16 + r, |r| <= ln(2)/32, it is 2^N 2^(j/16) (1 + growth), and the first 27 bits of 2^(j/16)
are hi.  The inverse of the sum is split as well, so that the large product is exact and the quotient is rounded
about once.  Numbers are scaled by 2^512, so that none that matters is subnormal and a subnormal result is rounded
once, too.  logsumexp does not shift where |m| <= 128: c = 0; else c = m.

Sums.  Each term is rounded to a grid so coarse that the sum of 256 terms is exact (for float64: twice, the
remainders on a finer grid).  The order of the classes changes no bit, nor does the order of the computation.

The compiled kernels do the same operations, so softmax agrees with them to the last bit; the other two end in
a logarithm of another library.

References
----------
Knuth, The Art of Computer Programming 2, 4.2.2 (TwoSum); Dekker, Numerische Mathematik 18 (1971), 224-242
(products); Demmel and Nguyen, IEEE Trans. Computers 64 (2015), 2060-2070 (sums on a grid); Blanchard, Higham and
Higham, IMA J. Numer. Anal. 41 (2021), 2311-2330 (softmax and logsumexp).
"""

from collections.abc import Callable, Sequence
from functools import wraps
from math import isqrt
from typing import Any

import numpy as np

from multilogit._arrays import Float64, Floats
from multilogit._kernels.double_double import Pair, two_product, two_sum

__all__ = ["log_softmax", "logsumexp", "softmax"]

BLOCK = 256  # classes whose sum is exact
LOG2_E = float.fromhex("0x1.71547652b82fep+0")
ROUND = 1.5 * 2.0**52  # x + ROUND - ROUND is the integer nearest to x


def _grid(bits: int) -> float:
    """Return g such that x + g - g is the multiple of 2^bits nearest to x."""
    return 1.5 * 2.0 ** (52 + bits)


def _floats(*hexadecimal: str) -> tuple[float, ...]:
    return tuple(map(float.fromhex, hexadecimal))


def _root_of_two(j: int) -> tuple[float, float]:
    """Return 2^(j/16) as a number with 26 bits behind the point, and the rest."""
    exact = isqrt(isqrt(isqrt(isqrt(1 << (16 * 100 + j)))))  # 2^100 times it, rounded down
    first = (exact + (1 << 73)) >> 74
    return first * 2.0**-26, (exact - (first << 74)) * 2.0**-100


def _fast_two_sum(a: Float64, b: Float64) -> Pair:
    """Return fl(a + b) and its rounding error, for |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


def _to_grid(x: Float64, grid: float) -> Float64:
    return (x + grid) - grid


def _polynomial(c: Sequence[float], x: Float64) -> Float64:
    """Return c_0 + c_1 x + ..., even and odd powers apart."""
    square = x * x
    even, odd = (np.full_like(x, part[-1]) for part in (c[0::2], c[1::2]))
    for coefficient in c[0::2][-2::-1]:
        even = even * square + coefficient
    for coefficient in c[1::2][-2::-1]:
        odd = odd * square + coefficient
    return even + x * odd


def _difference(a: Float64, b: Float64) -> Float64:
    """Return a - b, and 0 where they are equal, infinite ones included."""
    return np.where(a == b, 0.0, a - b)


def _finite_or_zero(x: Float64) -> Float64:
    return np.where(np.isfinite(x), x, 0.0)


def _power_of_two(n: Float64) -> Float64:
    """Return 2^n for whole n; anything for a NaN."""
    return np.ldexp(1.0, np.nan_to_num(n).astype(np.int32))


def _top(z: Float64) -> Float64:
    """Return the maximum, passing over NaN, which the exponentials will show."""
    return np.asarray(np.fmax.reduce(z, axis=-1, keepdims=True, initial=-np.inf))


def _checked(z: Float64, top: Float64) -> Float64:
    """Return top, and NaN where there is no softmax: -inf throughout, or inf twice."""
    infinite = np.isposinf(z).sum(axis=-1, keepdims=True)
    return np.where(np.isneginf(top) | (infinite > 1), np.nan, top)


class Plain:
    """exp(z - shift) in float64, for logits that were float32."""

    SMALLEST = -150.0  # float32 has nothing below exp(-104)
    GRID = _grid(-44)
    LN2 = float.fromhex("0x1.62e42fefa3a00p-1")  # 45 bits: n LN2 is exact
    TERMS = _floats(  # relative error of exp 2^-34
        *("0x1.0000003a0c938p-1", "0x1.55555440a6fa6p-3", "0x1.55548dda2b6fep-5"),
        *("0x1.111273a6a650bp-7", "0x1.6d8cfd59dd441p-10", "0x1.9f0541dce61dbp-13"),
    )

    def __init__(self, z: Float64, shift: Float64, peak: Float64) -> None:
        """Take the exponentials of z from their peak, or not far below shift."""
        self.shift = np.fmax(shift + self.SMALLEST, peak)
        self.e = self._exp(_difference(z, self.shift))
        blocks = (self.e[..., k : k + BLOCK] for k in range(0, z.shape[-1], BLOCK))
        self.sum: Float64 = sum(_to_grid(e, self.GRID).sum(axis=-1, keepdims=True) for e in blocks)

    @classmethod
    def _exp(cls, s: Float64) -> Float64:
        s = np.maximum(s, cls.SMALLEST)
        n = (s * LOG2_E + ROUND) - ROUND
        r = s - n * cls.LN2
        return (1.0 + (r + (r * r) * _polynomial(cls.TERMS, r))) * _power_of_two(n)

    def quotient(self) -> Float64:
        """Return e / sum."""
        return self.e * (1.0 / self.sum)

    def relative_to(self, top: Float64) -> Float64:
        """Return the sum of exp(z - top), 0 below every float32."""
        u = self.sum * self._exp(_difference(self.shift, top))
        return np.where(u < 2.0**-170, 0.0, u)

    def log_sum(self) -> Float64:
        """Return shift + log sum."""
        return self.shift + np.log(self.sum)


class Paired:
    """2^512 exp(z - shift) / 2^N as hi + lo, for float64 logits."""

    MODERATE = 128.0  # logsumexp counts from 0 up to here
    SMALLEST = -880.0  # exp(-880 + 128) = 2^-1084.9: zero once scaled back, whatever the number of classes
    SCALE, UNSCALE = 512, 2.0**-512
    GRID, FINE_GRID = _grid(SCALE - 43), _grid(SCALE - 71)
    LN2_HI, LN2_LO = _floats("0x1.62e42fefa0000p-5", "0x1.cf79abc9e0000p-44")  # ln(2) / 16, 38 bits each
    TERMS = _floats(  # relative error of exp 2^-66
        *("0x1.0000000000004p-1", "0x1.5555555555545p-3", "0x1.55555554801f6p-5"),
        *("0x1.111111125218dp-7", "0x1.6c1840fd24235p-10", "0x1.a0191e30c6484p-13"),
    )
    ROOTS, ROOT_RESTS = np.array([_root_of_two(j) for j in range(16)]).T

    def __init__(self, z: Float64, shift: Float64, peak: Float64) -> None:
        """Take the exponentials of z - shift, of which that of peak is the largest."""
        self.shift = shift
        self.N = self._sixteenths(np.fmax(self.SMALLEST, _difference(peak, shift))) // 16
        self.hi, self.lo = self._exp(z)
        self.sum, self.sum_lo = np.zeros_like(shift), np.zeros_like(shift)
        for k in range(0, z.shape[-1], BLOCK):
            self._add(self.hi[..., k : k + BLOCK], self.lo[..., k : k + BLOCK])

    @staticmethod
    def _sixteenths(s: Float64) -> Float64:
        return np.asarray((s * (16 * LOG2_E) + ROUND) - ROUND)

    def _exp(self, z: Float64) -> Pair:
        s = _difference(z, self.shift)
        s_lo = np.where(s > self.SMALLEST, _finite_or_zero(two_sum(z, -self.shift)[1]), 0.0)
        s = np.maximum(s, self.SMALLEST)
        n = self._sixteenths(s)
        r = (s - n * self.LN2_HI) + (s_lo - n * self.LN2_LO)
        growth = r + (r * r) * _polynomial(self.TERMS, r)  # exp(r) - 1
        j = np.nan_to_num(n).astype(np.int64) % 16
        root, root_rest = self.ROOTS[j], self.ROOT_RESTS[j]
        power = _power_of_two(n // 16 - self.N + self.SCALE)
        return root * power, ((root + root_rest) * growth + root_rest) * power

    def _add(self, hi: Float64, lo: Float64) -> None:
        coarse = _to_grid(hi + lo, self.GRID)
        fine = _to_grid((hi - coarse) + lo, self.FINE_GRID)
        self.sum, t = two_sum(self.sum, coarse.sum(axis=-1, keepdims=True))
        self.sum_lo = self.sum_lo + (t + fine.sum(axis=-1, keepdims=True))

    def _total(self) -> Pair:
        return _fast_two_sum(self.sum * self.UNSCALE, self.sum_lo * self.UNSCALE)

    def quotient(self) -> Float64:
        """Return (hi + lo) / sum; `first` has 26 bits of the inverse, whose products with hi are exact."""
        total, total_lo = self._total()
        inverse = 1.0 / total
        product, product_lo = two_product(total, inverse)
        shifted = (2.0**27 + 1) * inverse
        first = shifted - (shifted - inverse)
        rest = (inverse - first) + inverse * (((1.0 - product) - product_lo) - total_lo * inverse)
        return np.asarray((self.hi * first + (self.lo * inverse + self.hi * rest)) * self.UNSCALE)

    def relative_to(self, top: Float64) -> Float64:  # noqa: ARG002  (top is the shift)
        """Return the sum of exp(z - top)."""
        return np.asarray((self.sum + self.sum_lo) * self.UNSCALE * _power_of_two(self.N + self.SCALE) * self.UNSCALE)

    def log_sum(self) -> Float64:
        """Return shift + log(hi + lo) = shift + (log(hi) + lo / hi)."""
        total, total_lo = self._total()
        return self.shift + (np.log(total * _power_of_two(self.N + self.SCALE) * self.UNSCALE) + total_lo / total)


def _exponentials(z: Float64, shift: Float64, peak: Float64, dtype: np.dtype[Any]) -> Plain | Paired:
    return (Plain if dtype == np.float32 else Paired)(z, shift, peak)


def _in_float64(kernel: Callable[..., Float64]) -> Callable[[Floats], Floats]:
    """Compute in float64 whatever the input, return the input's type; infinities and NaN raise no warning."""

    @wraps(kernel)
    def wrapped(logits: Floats) -> Floats:
        with np.errstate(all="ignore"):
            result: Floats = kernel(logits.astype(np.float64, copy=False), logits.dtype)
            return result.astype(logits.dtype, copy=False)

    return wrapped


@_in_float64
def softmax(z: Float64, dtype: np.dtype[Any]) -> Float64:
    """Return p = e / sum of e."""
    top = _checked(z, _top(z))
    return _exponentials(z, top, top, dtype).quotient()


@_in_float64
def log_softmax(z: Float64, dtype: np.dtype[Any]) -> Float64:
    """Return log p = (z - m) - log1p(u), rounded once more only: the small terms are joined first."""
    top = _checked(z, _top(z))
    others = np.where(z == top, -np.inf, z)
    u = _exponentials(others, top, _top(others), dtype).relative_to(top)
    log_total = np.log1p(u + ((z == top).sum(axis=-1, keepdims=True) - 1.0))
    return np.asarray(_difference(z, top) - (log_total - _finite_or_zero(two_sum(z, -top)[1])))


@_in_float64
def logsumexp(z: Float64, dtype: np.dtype[Any]) -> Float64:
    """Return c + log of the sum of exp(z - c)."""
    top = _top(z)
    shift = np.where(np.abs(top) <= Paired.MODERATE, 0.0, top)
    return np.asarray(_exponentials(z, shift, top, dtype).log_sum()[..., 0])
