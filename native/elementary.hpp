// Exponential and logarithm of a vector.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec exp(typename Simd<Real>::Vec x) {
    for (std::size_t i = 0; i < Simd<Real>::lanes; ++i) x[i] = __builtin_exp(x[i]);
    return x;
}

template <typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec log1p(typename Simd<Real>::Vec x) {
    for (std::size_t i = 0; i < Simd<Real>::lanes; ++i) x[i] = __builtin_log1p(x[i]);
    return x;
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
