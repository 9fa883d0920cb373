// Matrix products and a linear solver by the BLAS and LAPACK that SciPy carries, whose function pointers Python hands
// over once.
//
// Fortran's interface by pointers; integers are passed as 64-bit numbers, of which an interface of 32-bit integers
// reads the lower half on a little-endian machine.  `give_blas` tries each on a small problem and refuses pointers that
// get it wrong.

#pragma once

#include <cstddef>
#include <cstdint>

namespace multilogit {

template <typename Real>
using Gemm = void (*)(char* transa, char* transb, std::int64_t* m, std::int64_t* n, std::int64_t* k, Real* alpha,
                      Real* a, std::int64_t* lda, Real* b, std::int64_t* ldb, Real* beta, Real* c, std::int64_t* ldc);

using Posv = void (*)(char* uplo, std::int64_t* n, std::int64_t* nrhs, double* a, std::int64_t* lda, double* b,
                      std::int64_t* ldb, std::int64_t* info);

bool give_blas(Gemm<float> sgemm, Gemm<double> dgemm, Posv dposv);
bool have_blas();

// Z[j * ld + i] += sum_d A[i * stride + d] Wt[j * stride + d] for i < rows, j < M.
template <typename Real>
void blas_logits(const Real* A, std::size_t rows, std::size_t stride, const Real* Wt, std::size_t M, Real* Z,
                 std::size_t ld);

// G[j * stride + d] += sum_i R[j * ld + i] A[i * stride + d] for j < M, in Real.
template <typename Real>
void blas_gather(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
                 Real* G);

// C[k * K + j] += sum_i A[j * ld + i] B[k * ld + i] for j, k < K.
void blas_products(const double* A, const double* B, std::size_t rows, std::size_t K, std::size_t ld, double* C);

// b (n,) = A^-1 b for a symmetric A (n, n), which its Cholesky factor replaces; false where there is none.
bool blas_solve(double* A, std::size_t n, double* b);

}  // namespace multilogit
