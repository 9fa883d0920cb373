// Products of a chunk of rows with narrow matrices: packing, logits and their transpose.
#pragma once

#include "gather.hpp"
#include "logits.hpp"
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

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
