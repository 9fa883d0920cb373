// The kernels of one x86-64 level behind one table of functions, and the choice among the levels at import.
//
// A chunk is a few rows of A = X - 1 c', packed row-major, `stride` numbers a row (padded with zeros to whole
// vectors) and a multiple of `chunk_lanes` rows (padded with zero rows).  Logits and residuals of a chunk are stored
// by column: column j of row i at [j * ld + i], so that a vector holds one class of neighbouring rows.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exact.hpp"
#include "sparse.hpp"

namespace multilogit {

constexpr std::size_t chunk_lanes = 16;  // rows: a multiple of the lanes of every level and type
constexpr std::size_t logits_rows = 4;   // `pack_*` and `logits` take any multiple of so many rows

// One problem's columns of a chunk on their way from logits to residuals; residual.hpp has the formulas.
template <typename Real>
struct Problem {
    std::size_t rows, K, ld;
    Real* Z;                      // (K, ld) logits in, residuals c (m p - y) out
    Real* P;                      // (K, ld) probabilities out, or null
    const Real* labels;           // (rows,) whole numbers, or null
    const Real* Y;                // (K, ld) masses where labels is null
    const Real* weight;           // (rows,) c_i = C w_i
    const Real* mass;             // (rows,) c_i m_i, m_i = sum_k y_ik
    const std::uint8_t* present;  // (K,) 0 for a class out of play
};

// Sums over the rows of a chunk, added to what is there; a null pointer is not wanted.
struct ClassSums {
    double* value;            // sum of c_i loss_i
    double* probability;      // (K,) sum of c_i m_i p_ik
    double* log_probability;  // (K,) sum of c_i m_i log p_ik
};

// Memory that is needed next, the following chunk's rows of X: a kernel asks for it, a line every few steps, while it
// computes; nothing is read.  `runs` runs of `bytes` bytes, the next one `pitch` bytes on; none: {}.
struct Ahead {
    const char* from;
    std::size_t bytes, pitch, runs;
};

template <typename Real>
struct ChunkKernels {
    // A[i * stride + d] = X[i * row + d * column] - centre[d], zeros beyond n rows and D columns.  `row` and `column`
    // count numbers; fast where one of them is 1.
    void (*pack_float)(const float* X, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t n, std::size_t D,
                       const Real* centre, Real* A, std::size_t rows, std::size_t stride, const Ahead& ahead);
    void (*pack_double)(const double* X, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t n, std::size_t D,
                        const double* centre, Real* A, std::size_t rows, std::size_t stride, const Ahead& ahead);
    // Z[j * ld + i] = b[j] + sum_d A[i * stride + d] Wt[j * stride + d] for j < M.  The bits of a logit depend on its
    // row of A, its row of Wt, b[j] and the stride alone: not on M, rows, or the places of the row and the class.
    void (*logits)(const Real* A, std::size_t rows, std::size_t stride, const Real* Wt, const Real* b, std::size_t M,
                   Real* Z, std::size_t ld, const Ahead& ahead);
    // G[j * stride + d] += sum_i R[j * ld + i] A[i * stride + d] for j < M, summed in Real in the order of the rows and
    // then added in double: the bits do not depend on M or on the other columns of R and A.
    void (*gather)(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
                   double* G, const Ahead& ahead);
    // The same for d <= j only, half the work for a Gram matrix; what G holds for d > j is not defined.
    void (*gather_lower)(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld,
                         std::size_t M, double* G, const Ahead& ahead);
    // sums[j] += sum_i R[j * ld + i] for j < M, in double.
    void (*column_sums)(const Real* R, std::size_t rows, std::size_t ld, std::size_t M, double* sums);
    // diagonal[d] += sum_i s[i] A[i * stride + d]^2, as `gather` sums.
    void (*column_squares)(const Real* A, std::size_t rows, std::size_t stride, const Real* s, double* diagonal);
    // The smallest z_y - max_(k != y) z_k over the rows with weight, at most `smallest`.
    double (*margin)(const Problem<Real>& problem, double smallest);
    // Logits to residuals, probabilities and the sums that are wanted; `lanes` holds 2 K chunk_lanes numbers.
    void (*residual)(const Problem<Real>& problem, const ClassSums& sums, Real* lanes);
    // U to c m P (U - sum_k P U), from the probabilities in problem.P.
    void (*tangent)(const Problem<Real>& problem, Real* U);
    // s[i] = c_i m_i sum_k p_ik (1 - p_ik) / divisor, from the probabilities in problem.P; returns its sum.
    double (*mean_curvature)(const Problem<Real>& problem, Real divisor, Real* s);
    // s[i] = c_i m_i p_ik (1 - p_ik); returns its sum.
    double (*own_curvature)(const Problem<Real>& problem, std::size_t k, Real* s);
    // s[i] = c_i m_i p_ij p_ik; returns its sum.
    double (*pair_curvature)(const Problem<Real>& problem, std::size_t j, std::size_t k, Real* s);
    // B[d * ld + i] = s[i] A[i * stride + d] for d < D, and B[D * ld + i] = s[i].
    void (*scale_columns)(const Real* A, std::size_t rows, std::size_t stride, std::size_t D, const Real* s, Real* B,
                          std::size_t ld);
};

// Rows of K logits, contiguous; out has K numbers a row, for logsumexp one.  scratch holds row_scratch + 3 K numbers.
constexpr std::size_t row_scratch = 6144;
template <typename Real>
struct RowKernels {
    void (*softmax)(const Real* z, std::size_t N, std::size_t K, Real* p, double* scratch);
    void (*log_softmax)(const Real* z, std::size_t N, std::size_t K, Real* log_p, double* scratch);
    void (*logsumexp)(const Real* z, std::size_t N, std::size_t K, Real* value, double* scratch);
    void (*exp)(const Real* x, std::size_t n, Real* y);
    void (*log)(const Real* x, std::size_t n, Real* y);
    void (*log1p)(const Real* x, std::size_t n, Real* y);
};

struct NetworkTables;  // network.hpp

struct Level {
    const char* name;
    ChunkKernels<float> chunk_float;
    ChunkKernels<double> chunk_double;
    RowKernels<float> rows_float;
    RowKernels<double> rows_double;
    const ExactKernels* exact;
    const SparseKernels* sparse;
    const NetworkTables* network;
    // Whether |x_i| <= bound for all i < n, n a multiple of 8; a NaN lies within no bound.
    bool (*within)(const double* x, std::size_t n, double bound);
};

// The levels that this build has and this machine runs, lowest first; the one in use; another one.
std::vector<const Level*> levels();
const Level& level();
void select_level(const std::string& name);

// Its kernels of one type.
template <typename Real>
const ChunkKernels<Real>& chunk_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return level().chunk_float;
    else return level().chunk_double;
}
template <typename Real>
const RowKernels<Real>& row_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return level().rows_float;
    else return level().rows_double;
}

}  // namespace multilogit
