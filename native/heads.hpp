// Losses of a chunk of rows: their weighted sum, and their derivative for the way back.
//
//     softmax_cross_entropy        of logits     -sum_k y_k log softmax(z)_k                    delta = m P - Y
//     logistic_cross_entropy       of logits     mean_k of log(1 + exp(z_k)) - y_k z_k          delta = (P - Y) / K
//     squared_error                of outputs    mean_k of (p_k - y_k)^2                        delta = 2 (P - Y) / K
//     binary_cross_entropy         of outputs    -mean_k of y_k log p_k + (1 - y_k) log(1 - p_k)
//     categorical_cross_entropy    of outputs    -sum_k y_k log(p_k / sum_j p_j)
//
// The first is residual.hpp's, which works on columns; the next two are vectors along a row.
#pragma once

#include "activations.hpp"
#include "network.hpp"
#include "residual.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// A chunk of rows: outputs or logits Z (n, stride), their derivatives, what is known of the rows.
template <typename Real>
struct Chunk {
    std::size_t first, n, K, stride;
    Real* Z;
    Real* delta;
    const Batch<Real>* batch;
    Real kept_target, added_target;

    Real target(std::size_t i, std::size_t k) const {
        const Real y = batch->targets ? batch->targets[first + i][k] : Real(batch->labels[first + i] == Real(k));
        return kept_target * y + added_target;
    }
    Real weight(std::size_t i) const { return batch->weight[first + i]; }
};

// Rows to columns of residual.hpp's layout: a few lines back and forth beside an exponential per number.
template <typename Real>
double softmax_head(const Chunk<Real>& chunk, const Workspace<Real>& scratch, bool want_outputs) {
    const std::size_t n = chunk.n, K = chunk.K, ld = (n + chunk_lanes - 1) / chunk_lanes * chunk_lanes;
    const bool labelled = chunk.batch->labels != nullptr && chunk.added_target == 0;
    for (std::size_t i = 0; i < ld; ++i) {
        const bool inside = i < n;
        for (std::size_t k = 0; k < K; ++k) scratch.Z[k * ld + i] = inside ? chunk.Z[i * chunk.stride + k] : Real(0);
        const Real weight = inside ? chunk.weight(i) : Real(0);
        Real mass = labelled ? Real(1) : Real(0);
        if (labelled) scratch.labels[i] = inside ? chunk.batch->labels[chunk.first + i] : Real(0);
        for (std::size_t k = 0; !labelled && k < K; ++k) {
            const Real y = inside ? chunk.target(i, k) : Real(0);
            scratch.Y[k * ld + i] = weight * y;
            mass += y;
        }
        scratch.weight[i] = labelled ? weight : Real(weight > 0);  // masses are weighed already
        scratch.mass[i] = weight * mass;
    }
    double value = 0;
    const Problem<Real> problem{ld, K, ld, scratch.Z, want_outputs ? scratch.P : nullptr,
                                labelled ? scratch.labels : nullptr, labelled ? nullptr : scratch.Y,
                                scratch.weight, scratch.mass, scratch.present};
    residual<Real>(problem, {&value, nullptr, nullptr}, nullptr);
    for (std::size_t i = 0; i < n; ++i) {
        if (chunk.delta)
            for (std::size_t k = 0; k < K; ++k) chunk.delta[i * chunk.stride + k] = scratch.Z[k * ld + i];
        if (want_outputs)
            for (std::size_t k = 0; k < K; ++k) chunk.Z[i * chunk.stride + k] = scratch.P[k * ld + i];
    }
    return value;
}

// loss(z, y) and its derivative, number by number over the padded rows; a weight of zero, as in the padding, leaves out.
template <typename Real, typename Function>
MULTILOGIT_INLINE double each_number(const Chunk<Real>& chunk, bool want_outputs, Function function) {
    using Vec = Vector<Real>;
    const std::size_t at = chunk.first * chunk.stride, count = chunk.n * chunk.stride;
    const Real *targets = chunk.batch->spread_targets + at, *weights = chunk.batch->spread_weights + at;
    DoubleSum<Real> sum;
    for (std::size_t i = 0; i < count; i += Simd<Real>::lanes) {
        const Vec weight = load(weights + i);
        const auto found = function(load(chunk.Z + i), load(targets + i));
        sum.add(weight != 0 ? weight * found.loss : Vec{});
        if (chunk.delta) store(chunk.delta + i, weight != 0 ? weight * found.slope : Vec{});
        if (want_outputs) store(chunk.Z + i, found.output);
    }
    return sum.total();
}

template <typename Real>
struct LossOf {
    Vector<Real> loss, slope, output;
};

template <typename Real>
MULTILOGIT_INLINE LossOf<Real> squared_error(Vector<Real> p, Vector<Real> y) {
    const Vector<Real> error = p - y;
    return {error * error, Real(2) * error, p};
}

template <typename Real>
MULTILOGIT_INLINE LossOf<Real> logistic_cross_entropy(Vector<Real> z, Vector<Real> y) {
    using Vec = Vector<Real>;
    const Vec e = exp_of_minus<Real>(z);
    const Vec p = (z >= 0 ? Vec{} + Real(1) : e) / (Real(1) + e);
    const Vec product = y != 0 ? y * z : Vec{};
    // p - y loses its digits where both are one: from the other side they are all there.
    const Vec slope = y == 1 && z >= 0 ? -e / (Real(1) + e) : p - y;
    return {((z > 0 ? z : Vec{}) - product) + log1p<Real>(e), slope, p};
}

template <typename Real>
MULTILOGIT_INLINE LossOf<Real> binary_cross_entropy(Vector<Real> p, Vector<Real> y) {
    using Vec = Vector<Real>;
    const Vec q = Real(1) - p, x = Real(1) - y;
    const Vec loss = (y != 0 ? y * log<Real>(p) : Vec{}) + (x != 0 ? x * log<Real>(q) : Vec{});
    const Vec slope = (x != 0 ? x / q : Vec{}) - (y != 0 ? y / p : Vec{});
    return {-loss, slope, p};
}

template <typename Real>
double categorical_head(const Chunk<Real>& chunk) {
    using Vec = Vector<Real>;
    double value = 0;
    for (std::size_t i = 0; i < chunk.n; ++i) {
        const Real weight = chunk.weight(i);
        const Real* p = chunk.Z + i * chunk.stride;
        Real total = 0, mass = 0;
        for (std::size_t k = 0; k < chunk.K; ++k) total += p[k], mass += chunk.target(i, k);
        double loss = 0;
        for (std::size_t k = 0; k < chunk.K; ++k) {
            const Real y = chunk.target(i, k);
            if (y != 0) loss -= static_cast<double>(y * log<Real>(Vec{} + p[k] / total)[0]);
            if (!chunk.delta) continue;
            const Real slope = mass / total - (y != 0 ? y / p[k] : Real(0));
            chunk.delta[i * chunk.stride + k] = weight != 0 ? weight * slope : Real(0);
        }
        for (std::size_t k = chunk.K; chunk.delta && k < chunk.stride; ++k) chunk.delta[i * chunk.stride + k] = 0;
        if (weight != 0) value += static_cast<double>(weight) * loss;
    }
    return value;
}

template <typename Real>
double head(Loss loss, const Chunk<Real>& chunk, const Workspace<Real>& scratch, bool want_outputs) {
    switch (loss) {
        case Loss::softmax_cross_entropy: return softmax_head(chunk, scratch, want_outputs);
        case Loss::logistic_cross_entropy:
            return each_number(chunk, want_outputs, logistic_cross_entropy<Real>);
        case Loss::squared_error: return each_number(chunk, false, squared_error<Real>);
        case Loss::binary_cross_entropy: return each_number(chunk, false, binary_cross_entropy<Real>);
        default: return categorical_head(chunk);
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
