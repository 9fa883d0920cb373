// The steps of the double-double gradient, one table per x86-64 level; src/multilogit/_objective/exact_gradient.py has
// the formulas, native/exact_gradient.cpp the order of the steps.
//
// A tile is a few rows, stored by column: column d of row i at [d * ld + i], so that a vector holds neighbouring rows.
// `rows` is a multiple of `exact_lanes`; rows beyond the data have weight zero.  The parameters W (D + 1, M) have the
// intercepts in the last row, zeros where there are none; so has a gradient G, whose last row is sum_i R_i.

#pragma once

#include <cstddef>
#include <cstdint>

namespace multilogit {

constexpr std::size_t exact_lanes = 8;   // float64 lanes of the widest level
constexpr std::size_t exact_panel = 64;  // sums that wait for their lanes to be added, or M where that is more

// Double-double numbers in two arrays.
struct PairArray {
    double *high, *low;
};
inline PairArray operator+(PairArray a, std::size_t offset) { return {a.high + offset, a.low + offset}; }

// A tile's rows of K logits on their way to residuals.
struct ExactTargets {
    std::size_t rows, K, ld;
    PairArray Z;                  // (K, ld) logits in, residuals c_i (m_i p_i - y_i) out
    const double* labels;         // (rows,) whole numbers, or null
    const double* Y;              // (K, ld) masses where labels is null
    const double* offset;         // (K, ld), or null
    const double* weight;         // (rows,) w_i, of c_i = C w_i
    double scale;                 // C
    const std::uint8_t* present;  // (K,) 0 for a class out of play
};

// Nonzeros start[i], ..., start[i + 1] - 1 are those of row i.
struct SparseTile {
    std::size_t rows;
    const std::int64_t* start;   // (rows + 1,)
    const std::int64_t* column;
    const double* value;
};

struct ExactKernels {
    // A = X - 1 c' (D, ld), exactly; A.high holds X on entry.
    void (*centre)(PairArray A, std::size_t rows, std::size_t ld, const double* c, std::size_t D);
    // Z = (A W)' (M, ld) for A stored (D + 1, ld).
    void (*logits)(PairArray A, std::size_t rows, std::size_t ld, const double* W, std::size_t n, std::size_t M,
                   PairArray Z);
    void (*residual)(const ExactTargets& tile);
    // G += A' R' (n, M) for A stored (n, ld) and R stored (M, ld); `lanes` holds exact_lanes max(exact_panel, M) pairs.
    void (*gather)(PairArray A, std::size_t rows, std::size_t ld, std::size_t n, PairArray R, std::size_t M,
                   PairArray G, PairArray lanes);
    // base = b - c'W (M,), for rows that are centred virtually.
    void (*base)(const double* c, const double* W, std::size_t D, std::size_t M, PairArray base);
    // Z = (X W + 1 base')' (M, ld), without the intercepts of W.
    void (*sparse_logits)(const SparseTile& X, const double* W, PairArray base, std::size_t M, PairArray Z,
                          std::size_t ld);
    // G += (X, 1)' R' (D + 1, M); `row` holds M pairs.
    void (*sparse_gather)(const SparseTile& X, PairArray R, std::size_t ld, std::size_t D, std::size_t M, PairArray G,
                          PairArray row);
    // out = G - c s' + diag(strength) W, rounded, for the D rows of features; s = G's last row where c is not null.
    void (*finish)(PairArray G, const double* c, const double* strength, const double* W, std::size_t D, std::size_t M,
                   double* out);
    // sum[i] = the sum of row i of a (n, K), rounded.
    void (*row_sums)(const double* a, std::size_t n, std::size_t K, double* sum);
    // out = a + b, a b, a / b and exp(a), n numbers each; out may be a.
    void (*add)(PairArray a, PairArray b, std::size_t n, PairArray out);
    void (*multiply)(PairArray a, PairArray b, std::size_t n, PairArray out);
    void (*divide)(PairArray a, PairArray b, std::size_t n, PairArray out);
    void (*exp)(PairArray a, PairArray, std::size_t n, PairArray out);
};

}  // namespace multilogit
