// What a rule does with weights w, their gradient g and what it remembers, number by number.
//
//     sgd         w -= rate g
//     momentum    v = mu v - rate g,  w += v;          nesterov: w += mu v - rate g
//     rmsprop     v = rho v + (1 - rho) g^2,  s = rate g / sqrt(v [- a^2] + eps),  w -= s, or through u = mu u + s
//     adam        m += (1 - b1) (g - m),  v += (1 - b2) (g^2 - v),  w -= rate m / (sqrt(v) + eps)
//
// D. P. Kingma and J. Ba, ICLR 2015 (adam, its epsilon as in the text below their algorithm); T. Tieleman and G. Hinton,
// Coursera 2012, lecture 6.5 (rmsprop); Y. Nesterov, Soviet Math. Dokl. 27 (1983) 372-376.
#pragma once

#include "network.hpp"
#include "simd.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// Correctly rounded, in one instruction, which GCC does not find by itself.
template <typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec square_root(typename Simd<Real>::Vec x) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Real) == 8) return _mm512_maskz_sqrt_pd(0xff, x);
    else return _mm512_maskz_sqrt_ps(0xffff, x);
#elif defined(__AVX2__)
    if constexpr (sizeof(Real) == 8) return _mm256_sqrt_pd(x);
    else return _mm256_sqrt_ps(x);
#else
    for (std::size_t l = 0; l < Simd<Real>::lanes; ++l) {
        if constexpr (sizeof(Real) == 8) x[l] = __builtin_sqrt(x[l]);
        else x[l] = __builtin_sqrtf(x[l]);
    }
    return x;
#endif
}

template <typename Real>
struct Weights {
    Real *w, *first, *second, *third;
    const Real* g;
};

template <typename Real>
MULTILOGIT_INLINE void rmsprop(const Weights<Real>& at, std::size_t i, const Step<Real>& step) {
    using Vec = typename Simd<Real>::Vec;
    const Vec g = load(at.g + i);
    const Vec v = step.decay * load(at.first + i) + (Real(1) - step.decay) * (g * g);
    store(at.first + i, v);
    Vec spread = v;
    if (step.centred) {
        const Vec mean = step.decay * load(at.third + i) + (Real(1) - step.decay) * g;
        store(at.third + i, mean);
        spread = v - mean * mean;
    }
    Vec move = step.rate * g / square_root<Real>(spread + step.epsilon);
    if (step.momentum > 0) {
        move += step.momentum * load(at.second + i);
        store(at.second + i, move);
    }
    store(at.w + i, load(at.w + i) - move);
}

template <typename Real>
MULTILOGIT_INLINE void adam(const Weights<Real>& at, std::size_t i, const Step<Real>& step) {
    using Vec = typename Simd<Real>::Vec;
    const Vec g = load(at.g + i);
    Vec m = load(at.first + i), v = load(at.second + i);
    m += (g - m) * (Real(1) - step.decay);
    v += (g * g - v) * (Real(1) - step.second_decay);
    store(at.first + i, m);
    store(at.second + i, v);
    if (step.largest) {
        const Vec before = load(at.third + i);
        v = v > before ? v : before;
        store(at.third + i, v);
    }
    store(at.w + i, load(at.w + i) - step.rate * m / (square_root<Real>(v) + step.epsilon));
}

// n numbers, rounded up to whole vectors.
template <typename Real>
void move(const Weights<Real>& at, std::size_t n, const Step<Real>& step) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    switch (step.rule) {
        case Rule::accumulate:
            for (std::size_t i = 0; i < n; i += L) store(at.first + i, load(at.first + i) + load(at.g + i));
            break;
        case Rule::sgd:
            for (std::size_t i = 0; i < n; i += L) store(at.w + i, load(at.w + i) - step.rate * load(at.g + i));
            break;
        case Rule::momentum:
        case Rule::nesterov:
            for (std::size_t i = 0; i < n; i += L) {
                const Vec g = step.rate * load(at.g + i), v = step.momentum * load(at.first + i) - g;
                store(at.first + i, v);
                store(at.w + i, load(at.w + i) + (step.rule == Rule::nesterov ? step.momentum * v - g : v));
            }
            break;
        case Rule::rmsprop:
            for (std::size_t i = 0; i < n; i += L) rmsprop(at, i, step);
            break;
        case Rule::adam:
            for (std::size_t i = 0; i < n; i += L) adam(at, i, step);
            break;
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
