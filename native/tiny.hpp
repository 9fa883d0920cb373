// Steps of a tiny network over one small batch: a vector per number of a layer, a lane per row.
//
// Such a step is one chain of dependent operations, so what counts is its length.  The rows of heads.hpp and products.hpp
// would go to memory and come back as other vectors at each operation, which a processor waits for; here every number of a
// layer stays one vector, a weight is read where it lies, and a gradient is the sum of the lanes.
#pragma once

#include "heads.hpp"
#include "network.hpp"
#include "products.hpp"
#include "rules.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
MULTILOGIT_INLINE Vector<Real> activated(Activation activation, Vector<Real> z) {
    switch (activation) {
        case Activation::sigmoid: return sigmoid<Real>(z);
        case Activation::tanh: return tanh<Real>(z);
        case Activation::relu: return relu<Real>(z);
        default: return z;
    }
}

template <typename Real>
MULTILOGIT_INLINE Vector<Real> times_derivative(Activation activation, Vector<Real> a, Vector<Real> d) {
    switch (activation) {
        case Activation::sigmoid: return d * (a * (Real(1) - a));
        case Activation::tanh: return d * (Real(1) - a * a);
        case Activation::relu: return a > 0 ? d : Vector<Real>{};
        default: return d;
    }
}

template <typename Real>
MULTILOGIT_INLINE void tiny_forward(const Tiny<Real>& tiny, std::size_t l) {
    constexpr std::size_t L = Simd<Real>::lanes;
    const Operation<Real>& each = *tiny.products[l];
    for (std::size_t j = 0; j < each.M; ++j) {
        Vector<Real> z = broadcast(each.W[each.D * each.stride + j]);
        for (std::size_t d = 0; d < each.D; ++d)
            z += broadcast(each.W[d * each.stride + j]) * load(tiny.values[l] + d * L);
        store(tiny.values[l + 1] + j * L, activated<Real>(tiny.activations[l], z));
    }
}

// From the derivatives with respect to the logits of layer l to those of the layer below.
template <typename Real>
MULTILOGIT_INLINE void tiny_back(const Tiny<Real>& tiny, std::size_t l) {
    constexpr std::size_t L = Simd<Real>::lanes;
    const Operation<Real>& each = *tiny.products[l];
    for (std::size_t d = 0; d < each.D; ++d) {
        Vector<Real> sum{};
        for (std::size_t j = 0; j < each.M; ++j)
            sum += broadcast(each.W[d * each.stride + j]) * load(tiny.deltas[l] + j * L);
        const Vector<Real> a = load(tiny.values[l] + d * L);
        store(tiny.deltas[l - 1] + d * L, times_derivative<Real>(tiny.activations[l - 1], a, sum));
    }
}

// Four numbers, of a vector's lanes or of a row of weights.
template <typename Real>
using Four = typename Lane<Real, 4 * sizeof(Real)>::Vec;

// sum_i x_i delta_ij for j, ..., j + 3 over the first 4 `fours` rows: products, then the lanes of four vectors at once.
template <typename Real>
MULTILOGIT_INLINE Four<Real> sums_of_lanes(const Real* x, const Real* delta, std::size_t fours) {
    using L4 = Lane<Real, 4 * sizeof(Real)>;
    constexpr std::size_t L = Simd<Real>::lanes;
    typedef typename Simd<Real>::Int Bits __attribute__((vector_size(4 * sizeof(Real))));
    Four<Real> v[4];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
        v[j] = L4::load(x) * L4::load(delta + j * L);
        for (std::size_t q = 1; q < fours; ++q) v[j] += L4::load(x + 4 * q) * L4::load(delta + j * L + 4 * q);
    }
    const Bits even{0, 4, 2, 6}, odd{1, 5, 3, 7}, low{0, 1, 4, 5}, high{2, 3, 6, 7};
    const Four<Real> first = __builtin_shuffle(v[0], v[1], even) + __builtin_shuffle(v[0], v[1], odd);
    const Four<Real> second = __builtin_shuffle(v[2], v[3], even) + __builtin_shuffle(v[2], v[3], odd);
    return __builtin_shuffle(first, second, low) + __builtin_shuffle(first, second, high);
}

// Gradient and step of one layer; plain descent needs no gradient in memory.
template <typename Real>
MULTILOGIT_INLINE void descend(const Tiny<Real>& tiny, std::size_t l, const Step<Real>& step, Real* G) {
    using L4 = Lane<Real, 4 * sizeof(Real)>;
    constexpr std::size_t L = Simd<Real>::lanes;
    const Operation<Real>& each = *tiny.products[l];
    const std::size_t rows = each.D + (each.bias ? 1 : 0);
    for (std::size_t d = 0; d < rows; ++d) {
        const Real* x = d < each.D ? tiny.values[l] + d * L : tiny.ones;
        for (std::size_t j = 0; j < each.M; j += 4) {
            const Four<Real> g = sums_of_lanes(x, tiny.deltas[l] + j * L, tiny.fours);
            Real* w = each.W + d * each.stride + j;
            if (step.rule == Rule::sgd) L4::store(w, L4::load(w) - step.rate * g);
            else L4::store(G + d * each.stride + j, g);
        }
    }
    if (step.rule == Rule::sgd) return;
    if (!each.bias) std::memset(G + each.D * each.stride, 0, each.stride * sizeof(Real));
    move<Real>({each.W, each.slots[0], each.slots[1], each.slots[2], G}, (each.D + 1) * each.stride, step);
}

// The loss, and its derivative with respect to the logits of the last layer.
template <typename Real, typename Function>
MULTILOGIT_INLINE double tiny_head(const Tiny<Real>& tiny, Function function) {
    constexpr std::size_t L = Simd<Real>::lanes;
    const std::size_t last = tiny.count - 1;
    const Vector<Real> weight = load(tiny.weights);
    DoubleSum<Real> sum;
    for (std::size_t k = 0; k < tiny.products[last]->M; ++k) {
        const Vector<Real> output = load(tiny.values[last + 1] + k * L);
        const auto found = function(output, load(tiny.targets + k * L));
        sum.add(weight != 0 ? weight * found.loss : Vector<Real>{});
        const Vector<Real> slope = times_derivative<Real>(tiny.activations[last], output, weight * found.slope);
        store(tiny.deltas[last] + k * L, weight != 0 ? slope : Vector<Real>{});
    }
    return sum.total();
}

// Steps over one batch; returns how many, fewer where a loss is not finite, and each one's loss.
template <typename Real>
std::size_t tiny_steps(Loss loss, const Tiny<Real>& tiny, const Step<Real>& step, std::size_t count, double* losses,
                       Real* G) {
    for (std::size_t s = 0; s < count; ++s) {
        for (std::size_t l = 0; l < tiny.count; ++l) tiny_forward(tiny, l);
        losses[s] = loss == Loss::squared_error ? tiny_head(tiny, squared_error<Real>)
                                                : tiny_head(tiny, logistic_cross_entropy<Real>);
        if (!(losses[s] - losses[s] == 0)) return s;
        for (std::size_t l = tiny.count; l-- > 1;) tiny_back(tiny, l);
        for (std::size_t l = tiny.count; l-- > 0;) descend(tiny, l, step, G);
    }
    return count;
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
