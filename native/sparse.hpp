// Products of CSR rows with row-major matrices, one table per x86-64 level.

#pragma once

#include <cstddef>
#include <cstdint>

namespace multilogit {

// Rows of a CSR matrix X (N, D), its columns increasing within a row.  Stored values are read as x - shift[d]; missing
// ones are zero.  Either centre may be null.
template <typename Value, typename Index>
struct Csr {
    const Index* start;   // (N + 1,)
    const Index* column;  // (nnz,)
    const Value* value;   // (nnz,)
    const double* shift;  // (D,)
    const double* rest;   // (D,) what remains to be subtracted from every row
};

// Products of rows [begin, end) with matrices of `width` numbers a row: 1, 2, 4 or a multiple of 8.
template <typename Value, typename Index>
struct CsrKernels {
    // Z[(i - begin) * step + j] = b[j] + sum_d x_id W[d * width + j].
    void (*multiply)(const Csr<Value, Index>& X, std::size_t begin, std::size_t end, const double* W,
                     std::size_t width, const double* b, double* Z, std::size_t step);
    // G[d * width + j] += sum_i x_id R[(i - begin) * step + j] for low <= d < high, rows in order.
    void (*gather)(const Csr<Value, Index>& X, std::size_t begin, std::size_t end, std::size_t low, std::size_t high,
                   const double* R, std::size_t step, double* G, std::size_t width);
    // G[d * width + j] += sum_i ((x_id - rest[d])^2 - rest[d]^2) S[(i - begin) * step + j], likewise.
    void (*gather_squares)(const Csr<Value, Index>& X, std::size_t begin, std::size_t end, std::size_t low,
                           std::size_t high, const double* S, std::size_t step, double* G, std::size_t width);
};

struct SparseKernels {
    CsrKernels<float, std::int32_t> float_int;
    CsrKernels<float, std::int64_t> float_long;
    CsrKernels<double, std::int32_t> double_int;
    CsrKernels<double, std::int64_t> double_long;
    // B[j * ldb + i] = A[i * lda + j] for i < rows, j < columns.
    void (*transpose)(const double* A, std::size_t lda, std::size_t rows, std::size_t columns, double* B,
                      std::size_t ldb);
};

}  // namespace multilogit
