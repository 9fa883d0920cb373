// From the flat sums to the arrays of src/multilogit/_objective/sums.py.

#include "sums.hpp"

#include <algorithm>

namespace multilogit {
namespace {

// From the lower triangle of (D + 1, stride), its border in the last row, to a symmetric matrix (D', D').
void write_bordered(const double* H, double corner, const Data& data, const Stack& stack, std::size_t stride,
                    double* out) {
    const std::size_t D = data.D, rows = stack.rows(D);
    for (std::size_t d = 0; d < rows; ++d) {
        std::copy_n(H + d * stride, std::min(d + 1, D), out + d * rows);
        for (std::size_t e = 0; e < d; ++e) out[e * rows + d] = H[d * stride + e];
    }
    if (stack.intercept) out[D * rows + D] = corner;
}

// The Hessian (K', D', K', D') of problem r as the Laplacian of a graph between classes: sum over pairs j < k of
// p_j p_k (e_j - e_k)(e_j - e_k)' times x x'.  No cancellation, even where a probability rounds to one.
void write_hessian(const Data& data, const Stack& stack, const SumsLayout& at, const double* sums, std::size_t r,
                   double* out) {
    const std::size_t rows = stack.rows(data.D), F = stack.free, first = stack.reference();
    const std::size_t step = F * rows, square = (data.D + 1) * at.stride;
    std::vector<double> pair_sum(rows * rows);
    std::fill(out, out + step * step, 0.0);
    std::size_t pair = r * at.pairs;
    for (std::size_t j = 0; j < stack.K; ++j) {
        for (std::size_t k = j + 1; k < stack.K; ++k, ++pair) {
            write_bordered(sums + at.hessian + pair * square, sums[at.hessian_corner + pair], data, stack, at.stride,
                           pair_sum.data());
            const auto add = [&](std::size_t a, std::size_t b, double sign) {
                double* block = out + (a - first) * rows * step + (b - first) * rows;
                for (std::size_t d = 0; d < rows; ++d)
                    for (std::size_t e = 0; e < rows; ++e) block[d * step + e] += sign * pair_sum[d * rows + e];
            };
            add(k, k, 1.0);
            if (j < first) continue;
            add(j, j, 1.0);
            add(j, k, -1.0);
            add(k, j, -1.0);
        }
    }
}

// sum_i c_i m_i (diag(p_i) - p_i p_i') from the sums of the products j < k, its rows summing to zero.
void write_curvature(const double* products, std::size_t K, double* out) {
    std::fill(out, out + K * K, 0.0);
    for (std::size_t j = 0; j < K; ++j) {
        for (std::size_t k = j + 1; k < K; ++k) {
            const double product = products[j * K + k];
            out[j * K + k] = out[k * K + j] = -product;
            out[j * K + j] += product;
            out[k * K + k] += product;
        }
    }
}

}  // namespace

void columns_to_theta(const double* G, const double* sums, const Data& data, const Stack& stack, std::size_t stride,
                      double* out) {
    const std::size_t M = stack.columns();
    for (std::size_t d = 0; d < data.D; ++d)
        for (std::size_t j = 0; j < M; ++j) out[d * M + j] = G[j * stride + d];
    if (stack.intercept) std::copy(sums, sums + M, out + data.D * M);
}

void write(const Data& data, const Stack& stack, const SumsLayout& at, const Part& total, const Outputs& out) {
    const double* sums = total.sums.data();
    const std::size_t R = stack.R, K = stack.K, rows = stack.rows(data.D);
    std::copy_n(sums + at.value, R, out.value);
    if (out.gradient)
        columns_to_theta(sums + at.gradient, sums + at.gradient_intercept, data, stack, at.stride, out.gradient);
    if (out.diagonal)
        columns_to_theta(sums + at.diagonal, sums + at.diagonal_corner, data, stack, at.stride, out.diagonal);
    if (out.probability) std::copy_n(sums + at.probability, R * K, out.probability);
    if (out.log_probability) std::copy_n(sums + at.log_probability, R * K, out.log_probability);
    if (out.margin) std::copy_n(total.margins.data(), R, out.margin);
    for (std::size_t r = 0; r < R; ++r) {
        if (out.curvature) write_curvature(sums + at.curvature + r * K * K, K, out.curvature + r * K * K);
        if (out.gram)
            write_bordered(sums + at.gram + r * (data.D + 1) * at.stride, sums[at.gram_corner + r], data, stack,
                           at.stride, out.gram + r * rows * rows);
        if (out.hessian) {
            const std::size_t size = stack.free * rows;
            write_hessian(data, stack, at, sums, r, out.hessian + r * size * size);
        }
    }
}

}  // namespace multilogit
