// Double-double arithmetic on vectors: an unevaluated sum high + low of two float64 in every lane, about 106 bits.
//
// src/multilogit/_kernels/double_double.py names the sources; the functions here are its twins, for V a vector
// `Doubles` or one double.  With u = 2^-53 and results that neither over- nor underflow:
//
//     two_sum, two_product      exact
//     add                       3 u^2 (|a| + |b|)
//     multiply                  7 u^2 |a b|
//     divide                    15 u^2 |a / b|
//     exp                       2^-100 exp(a), for a in [-708, 700]
//
// Only right where every sum and product is rounded once, as written: compile with -ffp-contract=off.

#pragma once

#include "simd.hpp"

#if defined(__FMA__)
#include <immintrin.h>
#endif

static_assert(__FLT_EVAL_METHOD__ == 0, "double-double needs sums rounded to double, not to x87's 64 bits: use SSE2");

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename V>
struct Pair {
    V high, low;
};

// The exact a + b as its rounding and the rounding's error [Knuth].
template <typename V>
MULTILOGIT_INLINE Pair<V> two_sum(V a, V b) {
    const V sum = a + b, back = sum - a;
    return {sum, (a - (sum - back)) + (b - back)};
}

// The same where |a| >= |b|, or a = 0 [Dekker].
template <typename V>
MULTILOGIT_INLINE Pair<V> fast_two_sum(V a, V b) {
    const V sum = a + b;
    return {sum, b - (sum - a)};
}

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
// a b + c, rounded once.
MULTILOGIT_INLINE double multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }

// Vector types have no such operation, and lane by lane the compiler may leave it so.
MULTILOGIT_INLINE Doubles multiply_add(Doubles a, Doubles b, Doubles c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX2__)
    return _mm256_fmadd_pd(a, b, c);
#else
    Doubles sum;
    for (std::size_t l = 0; l < Simd<double>::lanes; ++l) sum[l] = __builtin_fma(a[l], b[l], c[l]);
    return sum;
#endif
}

// The exact a b as its rounding and the rounding's error.
template <typename V>
MULTILOGIT_INLINE Pair<V> two_product(V a, V b) {
    const V product = a * b;
    return {product, multiply_add(a, b, -product)};
}
#else
// a b + c, where two roundings do no harm.
template <typename V>
MULTILOGIT_INLINE V multiply_add(V a, V b, V c) {
    return a * b + c;
}

// a as a sum of two numbers of 26 bits each [Dekker]; |a| < 2^996.
template <typename V>
MULTILOGIT_INLINE Pair<V> split(V a) {
    const V shifted = 134217729.0 * a, high = shifted - (shifted - a);
    return {high, a - high};
}

// The exact a b as its rounding and the rounding's error [Dekker, Veltkamp].
template <typename V>
MULTILOGIT_INLINE Pair<V> two_product(V a, V b) {
    const V product = a * b;
    const Pair<V> x = split(a), y = split(b);
    return {product, ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low};
}
#endif

template <typename V>
MULTILOGIT_INLINE Pair<V> add(Pair<V> a, Pair<V> b) {
    const Pair<V> sum = two_sum(a.high, b.high);
    return fast_two_sum(sum.high, sum.low + (a.low + b.low));
}

template <typename V>
MULTILOGIT_INLINE Pair<V> negate(Pair<V> a) {
    return {-a.high, -a.low};
}

template <typename V>
MULTILOGIT_INLINE Pair<V> multiply(Pair<V> a, Pair<V> b) {
    const Pair<V> product = two_product(a.high, b.high);
    const V low = multiply_add(a.low, b.high, multiply_add(a.high, b.low, product.low));
    return fast_two_sum(product.high, low);
}

template <typename V>
MULTILOGIT_INLINE Pair<V> multiply(Pair<V> a, V b) {
    const Pair<V> product = two_product(a.high, b);
    return fast_two_sum(product.high, multiply_add(a.low, b, product.low));
}

// A quotient in float64 and one correction.
template <typename V>
MULTILOGIT_INLINE Pair<V> divide(Pair<V> a, Pair<V> b) {
    const V quotient = a.high / b.high;
    const Pair<V> remainder = add(a, multiply(b, -quotient));
    return fast_two_sum(quotient, remainder.high / b.high);
}

// a b + c for |c| >= |a b|.  The carry from low to high is left out: |low| may reach 4 u |high|, which the next
// multiply_add, multiply or add takes in its stride.
template <typename V>
MULTILOGIT_INLINE Pair<V> multiply_add(Pair<V> a, Pair<V> b, Pair<V> c) {
    const Pair<V> product = two_product(a.high, b.high), sum = fast_two_sum(c.high, product.high);
    const V low = multiply_add(a.low, b.high, multiply_add(a.high, b.low, product.low));
    return {sum.high, sum.low + (c.low + low)};
}

// A sum of products in which one rounding of every term is kept apart: sum + error [Ogita, Rump, Oishi: Dot2].  After
// n terms it errs by n^2 u^2 sum |terms| at most; `settle`, every few terms, makes that n m u^2 for m terms apart.
template <typename V>
struct Accumulator {
    V sum{}, error{};

    MULTILOGIT_INLINE void add_product(V a, V a_low, V b) {
        const Pair<V> product = two_product(a, b);
        add_term(product.high, multiply_add(a_low, b, product.low));
    }
    MULTILOGIT_INLINE void add_product(V a, V a_low, V b, V b_low) {
        const Pair<V> product = two_product(a, b);
        add_term(product.high, multiply_add(a_low, b, multiply_add(a, b_low, product.low)));
    }
    MULTILOGIT_INLINE void add_term(V high, V low) {
        const Pair<V> total = two_sum(sum, high);
        sum = total.high;
        error += total.low + low;
    }
    MULTILOGIT_INLINE void settle() {
        const Pair<V> total = two_sum(sum, error);
        sum = total.high;
        error = total.low;
    }
};

// 2^n for whole n in [-1022, 1023].
MULTILOGIT_INLINE Doubles power_of_two(Longs n) {
    const Longs bits = (n + 1023) << 52;
    Doubles power;
    std::memcpy(&power, &bits, sizeof power);
    return power;
}

// expm1(r) for |r| <= log(2) / 32 by its Taylor series of 13 terms, those above the seventh in float64.
MULTILOGIT_INLINE Pair<Doubles> expm1_near_zero(Pair<Doubles> r) {
    // 1 / n! for n = 13, ..., 8, and as pairs for n = 7, ..., 1.
    constexpr double tail[] = {0x1.6124613a86d09p-33, 0x1.1eed8eff8d898p-29, 0x1.ae64567f544e4p-26,
                               0x1.27e4fb7789f5cp-22, 0x1.71de3a556c734p-19, 0x1.a01a01a01a01ap-16};
    constexpr double head[][2] = {{0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73},
                                  {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
                                  {0x1.1111111111111p-7, 0x1.1111111111111p-63},
                                  {0x1.5555555555555p-5, 0x1.5555555555555p-59},
                                  {0x1.5555555555555p-3, 0x1.5555555555555p-57},
                                  {0x1p-1, 0},
                                  {1, 0}};
    Doubles q = broadcast(tail[0]);
    for (std::size_t n = 1; n < 6; ++n) q = multiply_add(q, r.high, broadcast(tail[n]));
    Pair<Doubles> Q{q, Doubles{}};
    for (const auto& term : head) Q = multiply_add(r, Q, Pair<Doubles>{broadcast(term[0]), broadcast(term[1])});
    return multiply(r, Q);
}

// exp(a) = 2^k (1 + E)^16 with r = (a - k log 2) / 16 and E = expm1(r); E <- 2 E + E^2 squares 1 + E without losing
// the digits of a small E.  Below -760 it is zero.
MULTILOGIT_INLINE Pair<Doubles> exp(Pair<Doubles> a) {
    // log 2; the first part has 21 trailing zero bits, so that its product with k is exact.
    constexpr double log2[] = {0x1.62e42fee00000p-1, 0x1.a39ef35793c76p-33, 0x1.cc01f97b57a08p-87};
    constexpr double rounder = 0x1.8p52, inverse_log2 = 0x1.71547652b82fep0;
    const auto vanishes = a.high < -760.0;
    const Doubles high = vanishes ? broadcast(-760.0) : a.high, low = vanishes ? Doubles{} : a.low;
    const Doubles shifted = high * inverse_log2 + rounder, k = shifted - rounder;
    Pair<Doubles> rest = two_product(-k, broadcast(log2[1]));
    rest.low -= k * log2[2];
    Pair<Doubles> E = add(two_sum(high - k * log2[0], low), rest);
    E = expm1_near_zero({E.high * 0.0625, E.low * 0.0625});
    for (int squaring = 0; squaring < 4; ++squaring) E = multiply_add(E, E, Pair<Doubles>{2.0 * E.high, 2.0 * E.low});
    Pair<Doubles> result = fast_two_sum(broadcast(1.0), E.high);
    result = fast_two_sum(result.high, result.low + E.low);
    Longs n, zero;
    std::memcpy(&n, &shifted, sizeof n);
    const Doubles origin = broadcast(rounder);
    std::memcpy(&zero, &origin, sizeof zero);
    n -= zero;
    const Longs half = n >> 1;  // in two steps, because 2^n alone may be subnormal
    const Doubles first = power_of_two(half), second = power_of_two(n - half);
    return {result.high * first * second, result.low * first * second};
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
