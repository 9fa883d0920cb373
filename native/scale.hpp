// The columns of a chunk scaled row by row: B = diag(s) [A 1], stored by column, for weighted Gram matrices.
#pragma once

#include "simd.hpp"
#include "transpose.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
void scale_columns(const Real* A, std::size_t rows, std::size_t stride, std::size_t D, const Real* s, Real* B,
                   std::size_t ld) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    for (std::size_t d = 0; d < D; d += L) {
        const std::size_t columns = D - d < L ? D - d : L;
        for (std::size_t i = 0; i < rows; i += L) {
            Vec square[L];
#pragma GCC unroll 16
            for (std::size_t k = 0; k < L; ++k) square[k] = load(A + (i + k) * stride + d);
            transpose<Real>(square);
            const Vec scale = load(s + i);
#pragma GCC unroll 16
            for (std::size_t k = 0; k < L; ++k)
                if (k < columns) store(B + (d + k) * ld + i, scale * square[k]);
        }
    }
    std::memcpy(B + D * ld, s, rows * sizeof(Real));
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
