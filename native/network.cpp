// The kernels of a network, once per level: rows through the operations and back, weights by a rule.

#include "network.hpp"

#include "heads.hpp"
#include "level.hpp"
#include "products.hpp"
#include "rows.hpp"
#include "rules.hpp"
#include "tiny.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

template <typename Real>
void softmax_values(Real* z, std::size_t n, std::size_t M, std::size_t stride, const Workspace<Real>& scratch) {
    for (std::size_t i = 0; i < n; ++i) std::memcpy(scratch.Z + i * M, z + i * stride, M * sizeof(Real));
    softmax_rows<Real>(scratch.Z, n, M, scratch.P, scratch.exact);
    for (std::size_t i = 0; i < n; ++i) std::memcpy(z + i * stride, scratch.P + i * M, M * sizeof(Real));
}

template <typename Real>
void forward(const Layers<Real>& layers, const Operation<Real>& each, std::size_t first, std::size_t n, bool training,
             const Workspace<Real>& scratch) {
    const Place<Real>&in = layers.places[each.in], &out = layers.places[each.out];
    Real* value = out.value + first * out.stride;
    if (each.kind == Operator::dense) {
        product<Real, false>(in.rows + first, 0, each.D, each.W, each.stride, each.W + each.D * each.stride, 0, value, n);
        return;
    }
    if (each.in != each.out)
        for (std::size_t i = 0; i < n; ++i)
            std::memcpy(value + i * out.stride, in.rows[first + i], in.width * sizeof(Real));
    if (each.kind == Operator::dropout) {
        if (!training) return;
        const Real* mask = out.mask + first * out.stride;
        for (std::size_t i = 0; i < n * out.stride; ++i) value[i] *= mask[i];
    } else if (each.activation == Activation::softmax) {
        softmax_values(value, n, out.width, out.stride, scratch);
    } else {
        activate(each.activation, value, n * out.stride);
    }
}

template <typename Real>
void back(const Layers<Real>& layers, const Operation<Real>& each, std::size_t first, std::size_t n) {
    const Place<Real>&in = layers.places[each.in], &out = layers.places[each.out];
    Real* below = in.delta + first * in.stride;
    const Real *value = out.value + first * out.stride, *delta = out.delta + first * out.stride;
    if (each.kind == Operator::dense) {
        product<Real, false>(out.deltas + first, 0, each.M, each.turned, each.turned_stride, layers.zeros, 0, below,
                             n);
    } else if (each.kind == Operator::dropout) {
        const Real* mask = out.mask + first * out.stride;
        for (std::size_t i = 0; i < n * out.stride; ++i) below[i] = delta[i] * mask[i];
    } else if (each.activation == Activation::softmax) {
        softmax_backward(value, delta, below, n, out.width, out.stride);
    } else {
        backward(each.activation, value, delta, below, n * out.stride);
    }
}

template <typename Real>
double rows(const Layers<Real>& layers, std::size_t first, std::size_t end, Pass pass, const Workspace<Real>& scratch,
            bool want_outputs) {
    const std::size_t n = end - first;
    for (std::size_t j = 0; j < layers.count; ++j)
        forward(layers, layers.operations[j], first, n, pass == Pass::gradient, scratch);
    const Place<Real>& last = layers.places[layers.last];
    Real* Z = last.value + first * last.stride;
    const bool activate_last = want_outputs && !layers.keep_logits;
    if (pass == Pass::outputs) {
        if (layers.final == Activation::softmax) softmax_values(Z, n, last.width, last.stride, scratch);
        else activate(layers.final, Z, n * last.stride);
        return 0;
    }
    Real* delta = pass == Pass::gradient ? last.delta + first * last.stride : nullptr;
    const Chunk<Real> chunk{first, n, last.width, last.stride, Z, delta, &layers.batch, layers.kept_target,
                            layers.added_target};
    const double value = head(layers.loss, chunk, scratch, activate_last);
    if (pass == Pass::gradient)
        for (std::size_t j = layers.count; j-- > 0;)
            if (layers.operations[j].below) back(layers, layers.operations[j], first, n);
    return value;
}

template <typename Real>
void sum_of_rows(const Real* delta, std::size_t n, std::size_t stride, Real* sum) {
    for (std::size_t j = 0; j < stride; ++j) sum[j] = 0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < stride; ++j) sum[j] += delta[i * stride + j];
}

template <typename Real>
void update(const Layers<Real>& layers, const Operation<Real>& each, std::size_t d, std::size_t d_end,
            const Step<Real>& step, const Workspace<Real>& scratch) {
    const Place<Real>&in = layers.places[each.in], &out = layers.places[each.out];
    const std::size_t stride = each.stride, weights = (d_end < each.D ? d_end : each.D) - d, n = layers.batch.n;
    product<Real, true>(in.rows, d, n, out.delta, stride, layers.zeros, 0, scratch.G, weights);
    if (d_end > each.D) sum_of_rows(out.delta, each.bias ? n : 0, stride, scratch.G + weights * stride);
    const std::size_t moved = (d_end - d) * stride, at = d * stride;
    const auto slot = [&](int s) { return each.slots[s] ? each.slots[s] + at : nullptr; };
    move<Real>({each.W + at, slot(0), slot(1), slot(2), scratch.G}, moved, step);
    if (each.turned && step.rule != Rule::accumulate)
        for (std::size_t r = 0; r < weights; ++r)
            for (std::size_t j = 0; j < each.M; ++j)
                each.turned[j * each.turned_stride + d + r] = each.W[at + r * stride + j];
}

template <typename Real>
constexpr NetworkKernels<Real> kernels() {
    return {rows<Real>, update<Real>, tiny_steps<Real>, activate<Real>, Simd<Real>::lanes};
}

}  // namespace

extern const NetworkTables network_tables;
const NetworkTables network_tables{kernels<float>(), kernels<double>()};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
