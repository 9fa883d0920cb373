// The gradient of one problem in double-double; src/multilogit/_objective/exact_gradient.py has the formulas.

#pragma once

#include <cstddef>
#include <cstdint>

#include "pool.hpp"

namespace multilogit {

// An array of N rows of any strides, counted in numbers.
template <class T>
struct DenseView {
    const T* first;
    std::ptrdiff_t row, column;
};

// A CSR matrix: the nonzeros start[i], ..., start[i + 1] - 1 are those of row i.
template <class T, class Index>
struct SparseView {
    const T* value;
    const Index *column, *start;
};

struct ExactProblem {
    std::size_t N, D, K;
    const double* centre;                        // (D,)
    const std::int64_t* labels;                  // (N,), or null
    DenseView<double> masses;                    // (N, K) where labels is null
    DenseView<double> offset;                    // (N, K), first null where there is none
    const double *weight, *strength;             // (N,), (D,)
    std::ptrdiff_t weight_step, strength_step;
    double scale;
    const std::uint8_t* present;                 // (K,)
    bool fit_intercept;
    const double* theta;                         // (D', K'), the intercepts in the last row

    std::size_t free_rows() const { return K == 2 ? 1 : K; }
};

// Fills `out`, of theta's shape, with the gradient; returns false, `out` untouched, if it was interrupted.
template <class T>
bool exact_gradient(const DenseView<T>& X, const ExactProblem& problem, int n_threads, Interrupted interrupted,
                    double* out);
template <class T, class Index>
bool exact_gradient(const SparseView<T, Index>& X, const ExactProblem& problem, int n_threads,
                    Interrupted interrupted, double* out);

}  // namespace multilogit
