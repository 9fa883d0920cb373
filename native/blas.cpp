#include "blas.hpp"

#include <cmath>

namespace multilogit {
namespace {

Gemm<float> sgemm = nullptr;
Gemm<double> dgemm = nullptr;
Posv dposv = nullptr;

template <typename Real>
Gemm<Real> gemm();
template <>
Gemm<float> gemm<float>() { return sgemm; }
template <>
Gemm<double> gemm<double>() { return dgemm; }

// C += op(A) B in Fortran's column-major order; op is the transpose where `transposed`.
template <typename Real>
void add_product(Gemm<Real> function, bool transposed, std::size_t m, std::size_t n, std::size_t k, const Real* A,
                 std::size_t lda, const Real* B, std::size_t ldb, Real* C, std::size_t ldc) {
    char ta = transposed ? 'T' : 'N', tb = 'N';
    std::int64_t sizes[] = {static_cast<std::int64_t>(m), static_cast<std::int64_t>(n), static_cast<std::int64_t>(k)};
    std::int64_t steps[] = {static_cast<std::int64_t>(lda), static_cast<std::int64_t>(ldb),
                            static_cast<std::int64_t>(ldc)};
    Real one = 1;
    function(&ta, &tb, sizes, sizes + 1, sizes + 2, &one, const_cast<Real*>(A), steps, const_cast<Real*>(B), steps + 1,
             &one, C, steps + 2);
}

// (2 x 3)'(3 x 1)-sized check with a wrong answer for every wrong reading of the arguments.
template <typename Real>
bool works(Gemm<Real> function) {
    if (function == nullptr) return false;
    const Real A[] = {1, 2, 3, 4, 5, 6}, B[] = {7, 8, 9};
    Real C[] = {1, 1};
    add_product(function, true, 2, 1, 3, A, 3, B, 3, C, 2);
    return C[0] == 51 && C[1] == 123;
}

bool solve(Posv function, double* A, std::size_t n, double* b) {
    char lower = 'L';
    std::int64_t sizes[] = {static_cast<std::int64_t>(n), 1}, info = 0;
    function(&lower, sizes, sizes + 1, A, sizes, b, sizes, &info);
    return info == 0;
}

// (4 2; 2 5)^-1 (8, 8), and a matrix that has no factor.
bool works(Posv function) {
    if (function == nullptr) return false;
    double A[] = {4, 2, 2, 5}, b[] = {8, 8}, none[] = {1, 2, 2, 1}, c[] = {1, 1};
    return solve(function, A, 2, b) && std::fabs(b[0] - 1.5) < 1e-15 && std::fabs(b[1] - 1) < 1e-15 &&
           !solve(function, none, 2, c);
}

}  // namespace

bool give_blas(Gemm<float> single, Gemm<double> twice, Posv posv) {
    if (!works(single) || !works(twice) || !works(posv)) return false;
    sgemm = single;
    dgemm = twice;
    dposv = posv;
    return true;
}

bool have_blas() { return dgemm != nullptr; }

template <typename Real>
void blas_logits(const Real* A, std::size_t rows, std::size_t stride, const Real* Wt, std::size_t M, Real* Z,
                 std::size_t ld) {
    add_product(gemm<Real>(), true, rows, M, stride, A, stride, Wt, stride, Z, ld);
}

template <typename Real>
void blas_gather(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
                 Real* G) {
    add_product(gemm<Real>(), false, stride, M, rows, A, stride, R, ld, G, stride);
}

void blas_products(const double* A, const double* B, std::size_t rows, std::size_t K, std::size_t ld, double* C) {
    add_product(dgemm, true, K, K, rows, A, ld, B, ld, C, K);
}

bool blas_solve(double* A, std::size_t n, double* b) { return solve(dposv, A, n, b); }

template void blas_logits(const float*, std::size_t, std::size_t, const float*, std::size_t, float*, std::size_t);
template void blas_logits(const double*, std::size_t, std::size_t, const double*, std::size_t, double*, std::size_t);
template void blas_gather(const float*, std::size_t, std::size_t, const float*, std::size_t, std::size_t, float*);
template void blas_gather(const double*, std::size_t, std::size_t, const double*, std::size_t, std::size_t, double*);

}  // namespace multilogit
