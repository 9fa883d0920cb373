// Exponential and logarithm of a vector, within 1 ulp everywhere, subnormal results and infinities included.
//
//     exp x   = 2^n exp r,       n = rint(x / ln 2), r = x - n ln 2,       exp r = 1 + r + r^2/2 + r^3 q(r)
//     log x   = k ln 2 + log m,  sqrt(1/2) <= m < sqrt 2, f = m - 1, s = f / (2 + f), w = s^2,
//               log m   = log((1 + s) / (1 - s)) = 2 s + s w t(w) = f - f^2/2 + s (f^2/2 + w t(w))
//     log1p x = log(u + c),      u = fl(1 + x) and c its rounding error
//
// q and t are minimax polynomials (Remez, tests/kernels/minimax.py finds the same coefficients).  Fused multiply-add
// is used where the level has it and not needed where it has not: n times the first part of ln 2 is exact.

#pragma once

#include "simd.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace multilogit {
namespace MULTILOGIT_LEVEL {

typedef std::uint64_t UnsignedLongs __attribute__((vector_size(vector_bytes)));
typedef std::uint32_t UnsignedInts __attribute__((vector_size(vector_bytes)));

template <typename Real>
struct Constants;

template <>
struct Constants<double> {
    using Unsigned = UnsignedLongs;
    static constexpr int mantissa_bits = 52, bias = 1023;
    static constexpr double magic = 0x1.8p52;     // x + magic holds the integer nearest to x in its last bits
    static constexpr double lowest = -746, highest = 710;  // beyond, exp is 0 and inf
    static constexpr double smallest_normal = 0x1p-1022, two_to_mantissa = 0x1p52;
    static constexpr double root_half = 0x1.6a09e667f3bcdp-1;
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double ln2_hi = 0x1.62e42fefa3800p-1, ln2_lo = 0x1.ef35793c76730p-45;  // 42 bits, the rest
    static constexpr double exp_terms[] = {
        0x1.5555555555501p-3,  0x1.5555555553208p-5,  0x1.111111112883fp-7,
        0x1.6c16c17cc327ep-10, 0x1.a01a011c34fe6p-13, 0x1.a019ab2cc9c77p-16,
        0x1.71df551bf8758p-19, 0x1.289f8b9692ccdp-22, 0x1.ad204fcf47200p-26};  // relative error of exp 2^-57.4
    static constexpr double log_terms[] = {0x1.5555555555592p-1, 0x1.999999997fdc4p-2, 0x1.24924941f2026p-2,
                                           0x1.c71c5207507cdp-3, 0x1.74663f982a5f0p-3, 0x1.39a1a2a686483p-3,
                                           0x1.2f0690382428ep-3};  // relative error of log m 2^-58.5
};

template <>
struct Constants<float> {
    using Unsigned = UnsignedInts;
    static constexpr int mantissa_bits = 23, bias = 127;
    static constexpr float magic = 0x1.8p23f;
    static constexpr float lowest = -105, highest = 89;
    static constexpr float smallest_normal = 0x1p-126f, two_to_mantissa = 0x1p23f;
    static constexpr float root_half = 0x1.6a09e6p-1f;
    static constexpr float log2_e = 0x1.715476p+0f;
    static constexpr float ln2_hi = 0x1.62e400p-1f, ln2_lo = 0x1.7f7d1cp-20f;  // 15 bits, the rest
    static constexpr float exp_terms[] = {0x1.5554a4p-3f, 0x1.555688p-5f, 0x1.122f8ap-7f, 0x1.6b6d7ap-10f};  // 2^-28.0
    static constexpr float log_terms[] = {0x1.55557ap-1f, 0x1.995eb6p-2f, 0x1.31e38ep-2f};  // 2^-29.2
};

template <typename Real>
using Vector = typename Simd<Real>::Vec;

template <typename Real>
MULTILOGIT_INLINE typename Constants<Real>::Unsigned bits_of(Vector<Real> x) {
    return reinterpret_cast<typename Constants<Real>::Unsigned>(x);
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> from_bits(typename Constants<Real>::Unsigned bits) {
    return reinterpret_cast<Vector<Real>>(bits);
}

// a > b ? a : b and a < b ? a : b, so b where one of them is NaN: one instruction, which GCC does not find by itself.
template <typename Real>
MULTILOGIT_INLINE Vector<Real> maximum(Vector<Real> a, Vector<Real> b) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Real) == 8) return _mm512_maskz_max_pd(0xff, a, b);
    else return _mm512_maskz_max_ps(0xffff, a, b);
#elif defined(__AVX2__)
    if constexpr (sizeof(Real) == 8) return _mm256_max_pd(a, b);
    else return _mm256_max_ps(a, b);
#else
    return a > b ? a : b;
#endif
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> minimum(Vector<Real> a, Vector<Real> b) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Real) == 8) return _mm512_maskz_min_pd(0xff, a, b);
    else return _mm512_maskz_min_ps(0xffff, a, b);
#elif defined(__AVX2__)
    if constexpr (sizeof(Real) == 8) return _mm256_min_pd(a, b);
    else return _mm256_min_ps(a, b);
#else
    return a < b ? a : b;
#endif
}

// c[0] + c[1] x + ... + c[n - 1] x^(n - 1), even and odd powers apart: half as long a chain as Horner's.
template <typename Real, std::size_t n>
MULTILOGIT_INLINE Vector<Real> polynomial(const Real (&c)[n], Vector<Real> x) {
    const Vector<Real> square = x * x;
    Vector<Real> even = broadcast(c[(n - 1) / 2 * 2]), odd = broadcast(c[n / 2 * 2 - 1]);
#pragma GCC unroll 16
    for (std::size_t j = (n - 1) / 2 * 2; j >= 2; j -= 2) even = even * square + c[j - 2];
#pragma GCC unroll 16
    for (std::size_t j = n / 2 * 2 - 1; j >= 2; j -= 2) odd = odd * square + c[j - 2];
    return even + x * odd;
}

// p 2^n for shifted = n + magic, rounded once where the result is subnormal.
template <typename Real>
MULTILOGIT_INLINE Vector<Real> scale(Vector<Real> p, Vector<Real> n, Vector<Real> shifted) {
#if defined(__AVX512F__)
    (void)shifted;
    if constexpr (sizeof(Real) == 8) return _mm512_maskz_scalef_pd(0xff, p, n);
    else return _mm512_maskz_scalef_ps(0xffff, p, n);
#else
    using C = Constants<Real>;
    // Two factors 2^(n/2) and 2^(n - n/2), neither of which over- or underflows.
    const Vector<Real> half = n * Real(0.5) + C::magic;
    const auto first = (bits_of<Real>(half) + C::bias) << C::mantissa_bits;
    const auto second = (bits_of<Real>(shifted) - bits_of<Real>(half) + C::bias) << C::mantissa_bits;
    return p * from_bits<Real>(first) * from_bits<Real>(second);
#endif
}

// x = n ln 2 + r and growth = exp(r) - 1, for x between `lowest` and `highest`; shifted = n + magic.
template <typename Real>
struct Exponent {
    Vector<Real> n, shifted, growth;
};

template <typename Real>
MULTILOGIT_INLINE Exponent<Real> reduced(Vector<Real> x) {
    using C = Constants<Real>;
    using Vec = Vector<Real>;
    const Vec shifted = x * C::log2_e + C::magic;
    const Vec n = shifted - C::magic;
    const Vec r_hi = x - n * C::ln2_hi;
    const Vec r = r_hi - n * C::ln2_lo;
    const Vec r_lo = (r_hi - r) - n * C::ln2_lo;
    const Vec square = r * r, cube = square * r;
    const Vec rest = square * Real(0.5) + (cube * polynomial<Real>(C::exp_terms, r) + r_lo);
    return {n, shifted, r + rest};
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> exp(Vector<Real> x) {
    using C = Constants<Real>;
    using Vec = Vector<Real>;
    const Vec within = minimum<Real>(Vec{} + C::highest, maximum<Real>(Vec{} + C::lowest, x));  // a NaN stays
    const Exponent<Real> parts = reduced<Real>(within);
    return scale<Real>(Real(1) + parts.growth, parts.n, parts.shifted);
}

// exp(-|x|), which has no upper bound to keep and so is ready sooner.
template <typename Real>
MULTILOGIT_INLINE Vector<Real> exp_of_minus(Vector<Real> x) {
    using C = Constants<Real>;
    using Vec = Vector<Real>;
    const Vec negative = from_bits<Real>(bits_of<Real>(x) | bits_of<Real>(-Vec{}));
    const Exponent<Real> parts = reduced<Real>(maximum<Real>(Vec{} + C::lowest, negative));
    return scale<Real>(Real(1) + parts.growth, parts.n, parts.shifted);
}

// x = 2^k m for a positive finite x.
template <typename Real>
struct Mantissa {
    Vector<Real> k, m;
};

template <typename Real>
MULTILOGIT_INLINE Mantissa<Real> split_exponent(Vector<Real> x) {
    using C = Constants<Real>;
    using Vec = Vector<Real>;
    using Bits = typename C::Unsigned;
    const auto subnormal = x < C::smallest_normal;
    const Bits bits = bits_of<Real>(subnormal ? x * C::two_to_mantissa : x);
    const Bits one = bits_of<Real>(Vec{} + Real(1)), root_half = bits_of<Real>(Vec{} + C::root_half);
    // The exponent field of these bits, whose sign is clear, is k + bias.
    const Bits exponent = (bits + (one - root_half)) >> C::mantissa_bits;
    const Bits m = bits - ((exponent - C::bias) << C::mantissa_bits);
    // A whole number becomes a float as the last bits of 2^mantissa_bits.
    const Vec power = Vec{} + C::two_to_mantissa;
    const Vec k = (from_bits<Real>(exponent | bits_of<Real>(power)) - power) - Real(C::bias);
    return {subnormal ? k - Real(C::mantissa_bits) : k, from_bits<Real>(m)};
}

// k ln 2 + log(1 + f) + c, small terms first.
template <typename Real>
MULTILOGIT_INLINE Vector<Real> log_from_parts(Vector<Real> k, Vector<Real> f, Vector<Real> c) {
    using C = Constants<Real>;
    using Vec = Vector<Real>;
    const Vec s = f / (Real(2) + f), w = s * s, half_square = Real(0.5) * f * f;
    const Vec tail = s * (half_square + w * polynomial<Real>(C::log_terms, w));
    return k * C::ln2_hi - ((half_square - (tail + (k * C::ln2_lo + c))) - f);
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> log(Vector<Real> x) {
    using Vec = Vector<Real>;
    const Vec infinity = Vec{} + Real(__builtin_inf());
    const Mantissa<Real> parts = split_exponent<Real>(x);
    const Vec value = log_from_parts<Real>(parts.k, parts.m - Real(1), Vec{});
    const Vec limit = x == infinity ? infinity : x == 0 ? -infinity : Vec{} + Real(__builtin_nan(""));
    return x > 0 && x < infinity ? value : limit;
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> log1p(Vector<Real> x) {
    using Vec = Vector<Real>;
    const Vec infinity = Vec{} + Real(__builtin_inf());
    const Vec u = Real(1) + x;
    const Vec rounding = x >= 1 ? Real(1) - (u - x) : x - (u - Real(1));
    const Mantissa<Real> parts = split_exponent<Real>(u);
    const auto small = parts.k == 0;  // there f = x is exact
    const Vec f = small ? x : parts.m - Real(1), c = small ? Vec{} : rounding / u;
    const Vec value = log_from_parts<Real>(parts.k, f, c);
    const Vec limit = x == -1 ? -infinity : x == infinity || x == 0 ? x : Vec{} + Real(__builtin_nan(""));
    return x > -1 && x < infinity && x != 0 ? value : limit;
}

// y = function(x), number by number; the last vector is filled up with zeros.
template <typename Real, Vector<Real> (*function)(Vector<Real>)>
void map(const Real* x, std::size_t n, Real* y) {
    constexpr std::size_t L = Simd<Real>::lanes;
    std::size_t i = 0;
    for (; i + L <= n; i += L) store(y + i, function(load(x + i)));
    if (i == n) return;
    Vector<Real> rest{};
    std::memcpy(&rest, x + i, (n - i) * sizeof(Real));
    rest = function(rest);
    std::memcpy(y + i, &rest, (n - i) * sizeof(Real));
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
