// Products of a chunk of rows with narrow matrices: packing, logits and their transpose.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Storage, typename Real>
void pack(const Storage* X, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t n, std::size_t D,
          const double* centre, Real* A, std::size_t rows, std::size_t stride) {
    for (std::size_t i = 0; i < rows; ++i) {
        Real* a = A + i * stride;
        const Storage* x = X + static_cast<std::ptrdiff_t>(i) * row;
        const std::size_t filled = i < n ? D : 0;
        if (column == 1) {
            for (std::size_t d = 0; d < filled; ++d) a[d] = static_cast<Real>(static_cast<double>(x[d]) - centre[d]);
        } else {
            for (std::size_t d = 0; d < filled; ++d)
                a[d] = static_cast<Real>(static_cast<double>(x[static_cast<std::ptrdiff_t>(d) * column]) - centre[d]);
        }
        for (std::size_t d = filled; d < stride; ++d) a[d] = 0;
    }
}

template <typename Real>
void logits(const Real* A, std::size_t rows, std::size_t stride, const Real* Wt, const Real* b, std::size_t M, Real* Z,
            std::size_t ld) {
    constexpr std::size_t L = Simd<Real>::lanes;
    for (std::size_t j = 0; j < M; ++j) {
        for (std::size_t i = 0; i < rows; ++i) {
            typename Simd<Real>::Vec sum{};
            for (std::size_t d = 0; d < stride; d += L) sum += load(A + i * stride + d) * load(Wt + j * stride + d);
            Z[j * ld + i] = b[j] + horizontal_sum<Real>(sum);
        }
    }
}

template <typename Real>
void gather(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
            double* G) {
    constexpr std::size_t L = Simd<Real>::lanes;
    for (std::size_t j = 0; j < M; ++j) {
        for (std::size_t d = 0; d < stride; d += L) {
            typename Simd<Real>::Vec sum{};
            for (std::size_t i = 0; i < rows; ++i) sum += load(A + i * stride + d) * R[j * ld + i];
            for (std::size_t l = 0; l < L; ++l) G[j * stride + d + l] += static_cast<double>(sum[l]);
        }
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
