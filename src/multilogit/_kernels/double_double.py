"""Double-double arithmetic: numbers as an unevaluated sum ``high + low`` of two float64, about 106 bits.

The polish needs a gradient whose error is far below one rounding of float64: at the optimum the gradient
is a difference of large equal sums, and its rounding error is what limits the coefficients. Elementwise
sums and products are error-free transformations; matrix products are made exact by splitting.

References
----------
.. [1] D. E. Knuth, "The Art of Computer Programming", vol. 2, section 4.2.2 (TwoSum).
.. [2] T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18
   (1971) 224-242 (splitting, products).
.. [3] K. Ozaki, T. Ogita, S. Oishi and S. M. Rump, "Error-free transformations of matrix multiplication by
   using fast routines of matrix multiplication", Numer. Algorithms 59 (2012) 95-118.
"""

from typing import TypeAlias

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64

__all__ = ["Pair", "add", "divide", "exp", "matmul", "multiply", "row_sums", "sum_last_axis", "two_product", "two_sum"]

Pair: TypeAlias = tuple[Float64, Float64]

# log 2 as three doubles; the first has 21 trailing zero bits, so that k * _LOG2[0] is exact for |k| < 2^20.
_LOG2 = (
    float.fromhex("0x1.62e42fee00000p-1"),
    float.fromhex("0x1.a39ef35793c76p-33"),
    float.fromhex("0x1.cc01f97b57a08p-87"),
)
_SQUARINGS = 9
_TERMS = 9
# Bits of each factor that a matrix product keeps, relative to its row or column: two roundings of float64 and more.
_DIGITS = 88


def two_sum(a: Float64, b: Float64) -> Pair:
    """Return fl(a + b) and its error, exactly [1]_."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def _fast_two_sum(a: Float64, b: Float64) -> Pair:
    """Return fl(a + b) and its error, for |a| >= |b|."""
    total = a + b
    return total, b - (total - a)


def _split(a: Float64) -> Pair:
    """Return a as a sum of two numbers of 26 bits each [2]_."""
    shifted = 134217729.0 * a
    high = shifted - (shifted - a)
    return high, a - high


def two_product(a: Float64, b: Float64) -> Pair:
    """Return fl(a b) and its error, exactly where nothing over- or underflows [2]_."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def add(a: Pair, b: Pair) -> Pair:
    """Return a + b."""
    high, low = two_sum(a[0], b[0])
    return _fast_two_sum(high, low + (a[1] + b[1]))


def multiply(a: Pair, b: Pair) -> Pair:
    """Return a b."""
    high, low = two_product(a[0], b[0])
    return _fast_two_sum(high, low + (a[0] * b[1] + a[1] * b[0]))


def divide(a: Pair, b: Pair) -> Pair:
    """Return a / b: a float64 quotient and one correction."""
    quotient = a[0] / b[0]
    remainder = add(a, multiply((-quotient, np.zeros_like(quotient)), b))
    return _fast_two_sum(quotient, remainder[0] / b[0])


def sum_last_axis(a: Pair) -> Pair:
    """Return the sum over the last axis, by halving."""
    high, low = a
    while high.shape[-1] > 1:
        half = high.shape[-1] // 2
        odd = (high[..., 2 * half :], low[..., 2 * half :])
        pair = add((high[..., :half], low[..., :half]), (high[..., half : 2 * half], low[..., half : 2 * half]))
        high, low = (np.concatenate(parts, axis=-1) for parts in zip(pair, odd, strict=True))
    return high[..., 0], low[..., 0]


def row_sums(a: Float64) -> Float64:
    """Return the sum over the last axis of float64 numbers, rounded once."""
    if _kernels.native is None:
        return sum_last_axis((a, np.zeros_like(a)))[0]
    sums = np.empty(a.shape[:-1])
    _kernels.native.row_sums(np.ascontiguousarray(a).reshape(sums.size, a.shape[-1]), sums.reshape(-1))
    return sums


def exp(a: Pair) -> Pair:
    """Return exp(a) for a <= 700, to about 2^-98 relative; exp(-inf) = 0.

    ``exp(a) = 2^k (1 + E)^512`` with ``r = (a - k log 2) / 512`` and ``E = expm1(r)`` by its Taylor series;
    ``E <- 2E + E^2`` squares ``1 + E`` without losing the digits of a small E.
    """
    high = np.maximum(a[0], -800.0)
    k = np.rint(high / _LOG2[0])
    low = np.where(a[0] < -800.0, 0.0, a[1])
    r = add((high - k * _LOG2[0], low - k * _LOG2[2]), two_product(-k, np.full_like(k, _LOG2[1])))
    r = (r[0] / 2.0**_SQUARINGS, r[1] / 2.0**_SQUARINGS)
    zero = np.zeros_like(high)
    E = (zero, zero)
    for n in range(_TERMS, 0, -1):  # Horner: E = r (1 + E) / n
        E = multiply(r, divide(add((zero + 1.0, zero), E), (zero + n, zero)))
    for _ in range(_SQUARINGS):
        E = add((2.0 * E[0], 2.0 * E[1]), multiply(E, E))
    result = add((zero + 1.0, zero), E)
    power = k.astype(np.int64)
    return np.ldexp(result[0], power), np.ldexp(result[1], power)


def _slices(A: Pair, axis: int, bits: int, count: int) -> list[Array]:
    """Return ``count`` arrays that sum to A, each a multiple of a grid per row or column, of at most ``bits`` bits."""
    rest, low = A
    slices: list[Array] = []
    for _ in range(count):
        largest = np.max(np.abs(rest), axis=axis, keepdims=True, initial=0.0)
        # Adding and subtracting 3/4 * 2^(e + 53 - bits) rounds to multiples of 2^(e + 1 - bits).
        exponent = np.frexp(largest)[1]
        grid = np.where(largest > 0, np.ldexp(0.75, exponent + 54 - bits), 0.0)
        top = (rest + grid) - grid
        slices.append(top)
        rest, low = two_sum(rest - top, low)
    return slices


def matmul(A: Pair, B: Pair) -> Pair:
    """Return A B for A (n, m), B (m, p), exact but for about 2^-80 of |A| |B| per entry [3]_.

    Rows of A and columns of B are cut into slices so short that a float64 product of two slices commits no
    rounding at all, whatever the order of its sums; the products are then added in double-double.
    """
    inner = A[0].shape[1]
    bits = (53 - int(inner - 1).bit_length()) // 2
    count = -(-_DIGITS // bits)
    left, right = _slices(A, 1, bits, count), _slices(B, 0, bits, count)
    shape = (A[0].shape[0], B[0].shape[1])
    total: Pair = (np.zeros(shape), np.zeros(shape))
    for order in range(count):
        for i in range(order + 1):
            total = add(total, (left[i] @ right[order - i], np.zeros(shape)))
    return total
