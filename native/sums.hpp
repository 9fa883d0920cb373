// The sums of one sweep, as one flat array that adds: segments, threads and workers merge them alike.

#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "sweep.hpp"

namespace multilogit {

// Where each sum starts in the flat array.  Matrices whose rows are features have `stride` numbers a row.
struct SumsLayout {
    std::size_t value, probability, log_probability, curvature, gradient, gradient_intercept;
    std::size_t gram, gram_corner, diagonal, diagonal_corner, hessian, hessian_corner, size;
    std::size_t stride, pairs;

    SumsLayout(const Data& data, const Stack& stack, unsigned want, std::size_t stride_) : stride(stride_) {
        const std::size_t R = stack.R, K = stack.K, M = stack.columns(), square = (data.D + 1) * stride;
        pairs = K * (K - 1) / 2;
        std::size_t end = 0;
        const auto next = [&end](bool wanted, std::size_t count) {
            const std::size_t start = end;
            if (wanted) end += count;
            return start;
        };
        value = next(true, R);
        probability = next(want & want_class_sums, R * K);
        log_probability = next(want & want_class_sums, R * K);
        curvature = next(want & want_class_curvature, R * K * K);
        gradient = next(want & want_gradient, M * stride);
        gradient_intercept = next(want & want_gradient, M);
        gram = next(want & want_gram, R * square);
        gram_corner = next(want & want_gram, R);
        diagonal = next(want & want_diagonal, M * stride);
        diagonal_corner = next(want & want_diagonal, M);
        hessian = next(want & want_hessian, R * pairs * square);
        hessian_corner = next(want & want_hessian, R * pairs);
        size = end;
    }
};

// A partial sum over some rows; margins merge by their minimum.
struct Part {
    std::vector<double> sums, margins;

    void clear(std::size_t size, std::size_t R) {
        sums.assign(size, 0.0);
        margins.assign(R, HUGE_VAL);
    }
    void add(const Part& other) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums[i];
        for (std::size_t r = 0; r < margins.size(); ++r)
            margins[r] = other.margins[r] < margins[r] ? other.margins[r] : margins[r];
    }
};

template <typename Real>
class Worker;

// Adds everything that is wanted of one chunk, already opened and with its logits in worker.Z.
template <typename Real>
void add_chunk(Worker<Real>& worker, const Stack& stack, unsigned want, const SumsLayout& at, Part& part);

// From (M, stride) rows and their intercepts to (D', M).
void columns_to_theta(const double* G, const double* sums, const Data& data, const Stack& stack, std::size_t stride,
                      double* out);

// From the flat array to the layouts of Outputs.
void write(const Data& data, const Stack& stack, const SumsLayout& at, const Part& total, const Outputs& out);

}  // namespace multilogit
