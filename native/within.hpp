// Whether numbers lie within a bound.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// Whether |x_i| <= bound for all i < n, n a multiple of the lanes; a NaN lies within no bound.
inline bool within(const double* x, std::size_t n, double bound) {
    constexpr std::size_t L = Simd<double>::lanes;
    const Doubles high = broadcast(bound), low = broadcast(-bound);
    Longs outside{};
    for (std::size_t i = 0; i < n; i += L) {
        const Doubles v = load(x + i);
        outside |= ~((v <= high) & (v >= low));
    }
    std::int64_t any = 0;
    for (std::size_t l = 0; l < L; ++l) any |= outside[l];
    return any == 0;
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
