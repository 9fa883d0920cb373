// Sums over the rows of a chunk, column by column: of residuals for the intercepts, of weighted squares for a diagonal.
#pragma once

#include "gather.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
void column_sums(const Real* R, std::size_t rows, std::size_t ld, std::size_t M, double* sums) {
    for (std::size_t j = 0; j < M; ++j) {
        DoubleSum<Real> sum;
        for (std::size_t i = 0; i < rows; i += Simd<Real>::lanes) sum.add(load(R + j * ld + i));
        sums[j] += sum.total();
    }
}

template <typename Real>
void column_squares(const Real* A, std::size_t rows, std::size_t stride, const Real* s, double* diagonal) {
    constexpr std::size_t L = Simd<Real>::lanes;
    for (std::size_t d = 0; d < stride; d += L) {
        typename Simd<Real>::Vec sum{};
        for (std::size_t i = 0; i < rows; ++i) {
            const auto a = load(A + i * stride + d);
            sum += a * s[i] * a;
        }
        add_to<Real>(diagonal + d, sum);
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
