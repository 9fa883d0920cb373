// Activation functions of vectors, and their derivatives in terms of their values.
//
//     sigmoid   a = 1 / (1 + exp(-z))           a' = a (1 - a)
//     tanh      a = t / (t + 2), t = exp(2 z) - 1     a' = 1 - a^2
//     relu      a = max(z, 0)                   a' = 1 where a > 0
//
// exp(-|z|) never overflows, and t = (2^n - 1) + 2^n (exp(r) - 1) keeps the digits of small z.

#pragma once

#include "elementary.hpp"
#include "network.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
MULTILOGIT_INLINE Vector<Real> magnitude(Vector<Real> x) {
    return maximum<Real>(x, -x);
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> sigmoid(Vector<Real> z) {
    const Vector<Real> e = exp_of_minus<Real>(z);
    return (z >= 0 ? Vector<Real>{} + Real(1) : e) / (Real(1) + e);
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> tanh(Vector<Real> z) {
    using Vec = Vector<Real>;
    const Vec whole = Vec{} + Real(20);  // from here on 1 to the last digit
    const Vec x = magnitude<Real>(z);
    const Exponent<Real> parts = reduced<Real>(Real(2) * (x < whole ? x : whole));
    const Vec power = scale<Real>(Vec{} + Real(1), parts.n, parts.shifted);
    const Vec t = (power - Real(1)) + power * parts.growth;
    const Vec a = t / (t + Real(2));
    return z != z ? z : z < 0 ? -a : a;
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> relu(Vector<Real> z) {
    return z < 0 ? Vector<Real>{} : z;  // a NaN stays
}

template <typename Real, typename Function>
MULTILOGIT_INLINE void each_vector(Real* z, std::size_t n, Function function) {
    for (std::size_t i = 0; i < n; i += Simd<Real>::lanes) store(z + i, function(load(z + i)));
}

// z becomes f(z): n numbers, rounded up to whole vectors.
template <typename Real>
void activate(Activation activation, Real* z, std::size_t n) {
    using Vec = Vector<Real>;
    switch (activation) {
        case Activation::sigmoid: each_vector(z, n, [](Vec v) { return sigmoid<Real>(v); }); break;
        case Activation::tanh: each_vector(z, n, [](Vec v) { return tanh<Real>(v); }); break;
        case Activation::relu: each_vector(z, n, [](Vec v) { return relu<Real>(v); }); break;
        default: break;
    }
}

template <typename Real, typename Function>
MULTILOGIT_INLINE void each_pair(const Real* a, const Real* d, Real* out, std::size_t n, Function derivative) {
    for (std::size_t i = 0; i < n; i += Simd<Real>::lanes) store(out + i, load(d + i) * derivative(load(a + i)));
}

// out = d f'(z) for a = f(z), softmax excepted; out may be d.
template <typename Real>
void backward(Activation activation, const Real* a, const Real* d, Real* out, std::size_t n) {
    using Vec = Vector<Real>;
    const Vec one = Vec{} + Real(1);
    switch (activation) {
        case Activation::sigmoid: each_pair(a, d, out, n, [=](Vec v) { return v * (one - v); }); break;
        case Activation::tanh: each_pair(a, d, out, n, [=](Vec v) { return one - v * v; }); break;
        case Activation::relu: each_pair(a, d, out, n, [=](Vec v) { return v > 0 ? one : Vec{}; }); break;
        default:
            if (out != d) std::memcpy(out, d, n * sizeof(Real));
    }
}

// The same of rows of M probabilities: out = p (d - sum_k p_k d_k).
template <typename Real>
void softmax_backward(const Real* p, const Real* d, Real* out, std::size_t rows, std::size_t M, std::size_t stride) {
    for (std::size_t i = 0; i < rows; ++i, p += stride, d += stride, out += stride) {
        Real mean = 0;
        for (std::size_t k = 0; k < M; ++k) mean += p[k] * d[k];
        for (std::size_t k = 0; k < M; ++k) out[k] = p[k] * (d[k] - mean);
        for (std::size_t k = M; k < stride; ++k) out[k] = 0;
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
