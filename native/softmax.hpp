// Softmax, log-softmax and logsumexp of one row of K logits.
//
// The formulas, and why each number is carried as hi + lo, stand in
// src/multilogit/_kernels/reference.py.  The operations here are the same ones in the same order, so that
// softmax agrees with the reference to the last bit.  Compile without contraction to fused multiply-add and
// without fast-math: the rounding errors are part of the computation.
//
// K number of classes, z logits, m their maximum, s = z - m, e = 2^scale exp(s),
// u = sum of exp(s) over all classes but one argmax.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace multilogit {

constexpr int scale = 128;
constexpr double unscale = 0x1p-128;
constexpr double smallest = -790.0;
constexpr double moderate = 300.0;
constexpr double infinity = std::numeric_limits<double>::infinity();

// An unevaluated sum hi + lo.
struct Pair {
    double hi, lo;
};

inline Pair two_sum(double a, double b) {
    const double s = a + b;
    const double c = s - a;
    return {s, (a - (s - c)) + (b - c)};
}

// Needs |a| >= |b|.
inline Pair fast_two_sum(double a, double b) {
    const double s = a + b;
    return {s, b - (s - a)};
}

// Dekker's halves, whose products are exact.
inline Pair split(double a) {
    const double c = (0x1p27 + 1.0) * a;
    const double high = c - (c - a);
    return {high, a - high};
}

inline double finite_or_zero(double x) { return x - x == 0.0 ? x : 0.0; }

// 2^scale exp(s + lo): s = n ln 2 + r, |r| <= ln(2)/2, Taylor series of exp(r).
inline Pair exp_pair(double s, double lo) {
    lo = s > smallest ? lo : 0.0;
    s = s < smallest ? smallest : s;  // a NaN stays
    // Adding 3 * 2^51 leaves the integer nearest to s / ln 2 in the low bits: no conversion of a NaN, no branch.
    const double shifted = s * (1.0 / 0x1.62e42fefa39efp-1) + 0x1.8p52;
    const double n = shifted - 0x1.8p52;
    const Pair r = two_sum(s - n * 0x1.62e42fefa3800p-1, -(n * 0x1.ef35793c76730p-45));
    const double r_lo = r.lo + lo;
    double series = 1.0 / 87178291200.0;  // 1/14!, 1/13!, ..., 1/2!
    series = series * r.hi + 1.0 / 6227020800.0;
    series = series * r.hi + 1.0 / 479001600.0;
    series = series * r.hi + 1.0 / 39916800.0;
    series = series * r.hi + 1.0 / 3628800.0;
    series = series * r.hi + 1.0 / 362880.0;
    series = series * r.hi + 1.0 / 40320.0;
    series = series * r.hi + 1.0 / 5040.0;
    series = series * r.hi + 1.0 / 720.0;
    series = series * r.hi + 1.0 / 120.0;
    series = series * r.hi + 1.0 / 24.0;
    series = series * r.hi + 1.0 / 6.0;
    series = series * r.hi + 1.0 / 2.0;
    const double q = (r.hi * r.hi) * series;  // exp(r) - 1 - r
    const Pair one_r = fast_two_sum(1.0, r.hi);
    const Pair e = fast_two_sum(one_r.hi, one_r.lo + (q + r_lo * (one_r.hi + q)));
    std::uint64_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + (1023 + scale)) << 52;  // 2^(n + scale)
    double power;
    std::memcpy(&power, &bits, sizeof power);
    return {e.hi * power, e.lo * power};
}

// What a thread needs to work on one row.
struct Scratch {
    explicit Scratch(std::size_t K) : s(K), s_lo(K), e(K), e_lo(K), sum(K), sum_lo(K) {}
    std::vector<double> s, s_lo, e, e_lo, sum, sum_lo;
};

// Sum of sum[k] + sum_lo[k], destroying both: the upper half is added to the lower half until one is left.
inline Pair sum_by_halving(Scratch& scratch, std::size_t K) {
    double* hi = scratch.sum.data();
    double* lo = scratch.sum_lo.data();
    for (std::size_t n = K; n > 1;) {
        const std::size_t half = (n + 1) / 2;
        for (std::size_t k = 0; k < n - half; ++k) {
            const Pair t = two_sum(hi[k], hi[half + k]);
            lo[k] = t.lo + (lo[k] + lo[half + k]);
            hi[k] = t.hi;
        }
        n = half;
    }
    return fast_two_sum(hi[0], lo[0]);
}

// The first maximum; a NaN wins over everything.
template <typename Real>
std::size_t argmax(const Real* z, std::size_t K) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < K; ++k) {
        if (z[best] != z[best]) break;
        if (z[k] > z[best] || z[k] != z[k]) best = k;
    }
    return best;
}

// Fills s, s_lo, e, e_lo; returns u.
template <typename Real>
Pair exponentials(const Real* z, std::size_t K, Scratch& scratch) {
    const std::size_t winner = argmax(z, K);
    const double m = static_cast<double>(z[winner]);
    for (std::size_t k = 0; k < K; ++k) {
        const Pair s = two_sum(static_cast<double>(z[k]), -m);
        scratch.s[k] = s.hi;
        scratch.s_lo[k] = finite_or_zero(s.lo);
    }
    if (m > -infinity) scratch.s[winner] = 0.0;  // inf - inf where the winner is infinite; a second inf stays NaN
    for (std::size_t k = 0; k < K; ++k) {
        const Pair e = exp_pair(scratch.s[k], scratch.s_lo[k]);
        scratch.e[k] = scratch.sum[k] = e.hi;
        scratch.e_lo[k] = scratch.sum_lo[k] = e.lo;
    }
    scratch.sum[winner] = scratch.sum_lo[winner] = 0.0;
    const Pair u = sum_by_halving(scratch, K);
    return {u.hi * unscale, u.lo * unscale};
}

// p = e / (1 + u), the quotient corrected by its own remainder.
template <typename Real>
void softmax_row(const Real* z, std::size_t K, Real* p, Scratch& scratch) {
    const Pair u = exponentials(z, K, scratch);
    const Pair rounded = two_sum(1.0, u.hi);
    const Pair total = fast_two_sum(rounded.hi, rounded.lo + u.lo);
    const Pair t = split(total.hi);
    for (std::size_t k = 0; k < K; ++k) {
        const double e = scratch.e[k];
        const double q = e / total.hi;
        const Pair h = split(q);
        const double product = q * total.hi;
        const double product_lo = ((h.hi * t.hi - product) + h.hi * t.lo + h.lo * t.hi) + h.lo * t.lo;
        const double remainder = ((e - product) - product_lo) + (scratch.e_lo[k] - q * total.lo);
        p[k] = static_cast<Real>((q + remainder / total.hi) * unscale);
    }
}

// log p = s + s_lo - log1p(u), the small terms joined first.
template <typename Real>
void log_softmax_row(const Real* z, std::size_t K, Real* log_p, Scratch& scratch) {
    const double L = std::log1p(exponentials(z, K, scratch).hi);
    for (std::size_t k = 0; k < K; ++k) log_p[k] = static_cast<Real>(scratch.s[k] - (L - scratch.s_lo[k]));
}

// c + log(sum of exp(z - c)), c = 0 where the maximum is moderate, else the maximum.
template <typename Real>
Real logsumexp_row(const Real* z, std::size_t K, Scratch& scratch) {
    const double m = static_cast<double>(z[argmax(z, K)]);
    if (std::isinf(m)) return static_cast<Real>(m);
    const double c = std::fabs(m) > moderate ? m : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
        const Pair s = two_sum(static_cast<double>(z[k]), -c);
        const Pair e = exp_pair(s.hi, finite_or_zero(s.lo));
        scratch.sum[k] = e.hi;
        scratch.sum_lo[k] = e.lo;
    }
    const Pair sum = sum_by_halving(scratch, K);
    return static_cast<Real>(c + (std::log(sum.hi * unscale) + sum.lo / sum.hi));
}

}  // namespace multilogit
