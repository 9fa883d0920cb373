// From logits to residuals, lanes across rows; src/multilogit/_kernels/residual.py has the formulas.
//
// With the largest logit z_t of a row, s_k = z_k - z_t and u = sum_(k != t) exp(s_k):
//
//     log p_k = s_k - log1p(u)      p_k = exp(s_k) / (1 + u)      loss = m log1p(u) - sum_k y_k s_k
//     residual R_k = c (m p_k - y_k) for k != t,   R_t = -sum_(k != t) R_k
//
// so that nothing is lost where the probability of class t rounds to one.

#pragma once

#include "elementary.hpp"
#include "level.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// The targets y_k of the rows i, i + 1, ..., from their labels or their masses.
template <typename Real, bool labelled>
struct Targets {
    using Vec = typename Simd<Real>::Vec;
    const Real* mass;  // of class 0
    std::size_t ld;
    Vec label;

    MULTILOGIT_INLINE Targets(const Problem<Real>& q, std::size_t i)
        : mass(labelled ? nullptr : q.Y + i), ld(q.ld), label(labelled ? load(q.labels + i) : Vec{}) {}

    // y_k v, zero where y_k is; `number` is k as a vector.
    MULTILOGIT_INLINE Vec times(std::size_t k, Vec number, Vec v) const {
        if constexpr (labelled) return label == number ? v : Vec{};
        const Vec y = load(mass + k * ld);
        return y != 0 ? y * v : Vec{};
    }
};

// The largest logit of each row, and its class as a number.
template <typename Real>
struct Top {
    typename Simd<Real>::Vec value, index;
};

template <typename Real>
MULTILOGIT_INLINE Top<Real> top_of(const Problem<Real>& q, std::size_t i) {
    using Vec = typename Simd<Real>::Vec;
    Top<Real> top{Vec{} - Real(__builtin_inf()), Vec{}};
    Vec number{};
    for (std::size_t k = 0; k < q.K; ++k, number += Real(1)) {
        if (!q.present[k]) continue;
        const Vec z = load(q.Z + k * q.ld + i);
        const auto larger = z > top.value;
        top.value = larger ? z : top.value;
        top.index = larger ? number : top.index;
    }
    return top;
}

// u and sum_k y_k s_k of the rows i, ...; the exponentials replace the logits, zero for class t.
template <typename Real>
struct Exponentials {
    typename Simd<Real>::Vec others, target;
};

template <typename Real, bool labelled>
MULTILOGIT_INLINE Exponentials<Real> exponentials(const Problem<Real>& q, std::size_t i, const Top<Real>& top,
                                                  Real* shifted_sums) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    const Targets<Real, labelled> targets(q, i);
    const Vec mass = load(q.mass + i);
    Exponentials<Real> sum{Vec{}, Vec{}};
    Vec number{};
    for (std::size_t k = 0; k < q.K; ++k, number += Real(1)) {
        Real* z = q.Z + k * q.ld + i;
        if (!q.present[k]) {
            store(z, Vec{});
            continue;
        }
        const Vec s = load(z) - top.value;
        const Vec e = top.index == number ? Vec{} : exp<Real>(s);
        sum.others += e;
        sum.target += targets.times(k, number, s);
        if (shifted_sums) store(shifted_sums + k * L, load(shifted_sums + k * L) + mass * s);
        store(z, e);
    }
    return sum;
}

// The residuals of the rows i, ... from their exponentials; that of class t is minus the sum of the others.
template <typename Real, bool labelled>
MULTILOGIT_INLINE void subtract_targets(const Problem<Real>& q, std::size_t i, const Top<Real>& top,
                                        typename Simd<Real>::Vec others, Real* probability_sums) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    const Targets<Real, labelled> targets(q, i);
    const Vec inverse = Real(1) / (Real(1) + others);
    const Vec mass = load(q.mass + i), weight = load(q.weight + i);
    Vec rest{}, number{};
    for (std::size_t k = 0; k < q.K; ++k, number += Real(1)) {
        Real* z = q.Z + k * q.ld + i;
        const auto is_top = top.index == number;
        const Vec p = is_top ? inverse : load(z) * inverse;
        const Vec r = mass * p - targets.times(k, number, weight);
        rest -= is_top ? Vec{} : r;
        if (probability_sums) store(probability_sums + k * L, load(probability_sums + k * L) + mass * p);
        if (q.P) store(q.P + k * q.ld + i, p);
        store(z, r);
    }
    for (std::size_t l = 0; l < L; ++l) q.Z[static_cast<std::size_t>(top.index[l]) * q.ld + i + l] = rest[l];
}

template <typename Real, bool labelled>
void residual_of(const Problem<Real>& q, const ClassSums& sums, Real* lanes) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    Real* probability_sums = sums.probability ? lanes : nullptr;
    Real* shifted_sums = sums.log_probability ? lanes + q.K * L : nullptr;
    if (sums.probability || sums.log_probability) std::memset(lanes, 0, 2 * q.K * L * sizeof(Real));
    DoubleSum<Real> value, normalisers;
    for (std::size_t i = 0; i < q.rows; i += L) {
        const Top<Real> top = top_of(q, i);
        const Exponentials<Real> sum = exponentials<Real, labelled>(q, i, top, shifted_sums);
        const Vec mass = load(q.mass + i), weight = load(q.weight + i);
        const Vec normaliser = mass * log1p<Real>(sum.others);
        value.add(weight > 0 ? normaliser - weight * sum.target : Vec{});
        if (shifted_sums) normalisers.add(normaliser);
        subtract_targets<Real, labelled>(q, i, top, sum.others, probability_sums);
    }
    *sums.value += value.total();
    for (std::size_t k = 0; k < q.K; ++k) {
        if (probability_sums) sums.probability[k] += sum_in_double<Real>(load(probability_sums + k * L));
        if (shifted_sums && q.present[k])
            sums.log_probability[k] += sum_in_double<Real>(load(shifted_sums + k * L)) - normalisers.total();
    }
}

template <typename Real>
void residual(const Problem<Real>& q, const ClassSums& sums, Real* lanes) {
    q.labels ? residual_of<Real, true>(q, sums, lanes) : residual_of<Real, false>(q, sums, lanes);
}

template <typename Real, bool labelled>
double margin_of(const Problem<Real>& q, double smallest) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    const Vec infinity = Vec{} + Real(__builtin_inf()), one = Vec{} + Real(1);
    Vec least = broadcast(static_cast<Real>(smallest));
    for (std::size_t i = 0; i < q.rows; i += L) {
        const Targets<Real, labelled> targets(q, i);
        Vec own = infinity, other = -infinity, count{}, number{};
        for (std::size_t k = 0; k < q.K; ++k, number += Real(1)) {
            if (!q.present[k]) continue;
            const Vec z = load(q.Z + k * q.ld + i);
            const auto mine = targets.times(k, number, one) > 0;
            own = mine && z < own ? z : own;
            other = !mine && z > other ? z : other;
            count += mine ? one : Vec{};
        }
        // A soft target is separated by a tie of its classes at best, never strictly.
        const Vec value = count > 1 ? -infinity : own - other;
        least = load(q.weight + i) > 0 && value < least ? value : least;
    }
    for (std::size_t l = 0; l < L; ++l) smallest = static_cast<double>(least[l]) < smallest ? least[l] : smallest;
    return smallest;
}

template <typename Real>
double margin(const Problem<Real>& q, double smallest) {
    return q.labels ? margin_of<Real, true>(q, smallest) : margin_of<Real, false>(q, smallest);
}

template <typename Real>
void tangent(const Problem<Real>& q, Real* U) {
    using Vec = typename Simd<Real>::Vec;
    for (std::size_t i = 0; i < q.rows; i += Simd<Real>::lanes) {
        Vec mean{};
        for (std::size_t k = 0; k < q.K; ++k) mean += load(q.P + k * q.ld + i) * load(U + k * q.ld + i);
        const Vec mass = load(q.mass + i);
        for (std::size_t k = 0; k < q.K; ++k) {
            Real* u = U + k * q.ld + i;
            store(u, mass * load(q.P + k * q.ld + i) * (load(u) - mean));
        }
    }
}

template <typename Real>
double mean_curvature(const Problem<Real>& q, Real divisor, Real* s) {
    using Vec = typename Simd<Real>::Vec;
    double sum = 0;
    for (std::size_t i = 0; i < q.rows; i += Simd<Real>::lanes) {
        Vec spread{};
        for (std::size_t k = 0; k < q.K; ++k) {
            const Vec p = load(q.P + k * q.ld + i);
            spread += p * (Real(1) - p);
        }
        const Vec curvature = load(q.mass + i) * spread / divisor;
        store(s + i, curvature);
        sum += sum_in_double<Real>(curvature);
    }
    return sum;
}

template <typename Real>
double own_curvature(const Problem<Real>& q, std::size_t k, Real* s) {
    using Vec = typename Simd<Real>::Vec;
    DoubleSum<Real> sum;
    for (std::size_t i = 0; i < q.rows; i += Simd<Real>::lanes) {
        const Vec p = load(q.P + k * q.ld + i), curvature = load(q.mass + i) * p * (Real(1) - p);
        store(s + i, curvature);
        sum.add(curvature);
    }
    return sum.total();
}

template <typename Real>
double pair_curvature(const Problem<Real>& q, std::size_t j, std::size_t k, Real* s) {
    using Vec = typename Simd<Real>::Vec;
    DoubleSum<Real> sum;
    for (std::size_t i = 0; i < q.rows; i += Simd<Real>::lanes) {
        const Vec product = load(q.mass + i) * load(q.P + j * q.ld + i) * load(q.P + k * q.ld + i);
        store(s + i, product);
        sum.add(product);
    }
    return sum.total();
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
