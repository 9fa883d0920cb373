// Transposition of a square of lanes times lanes numbers in registers.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// Exchanges the off-diagonal blocks of every square of 2 step vectors and lanes.
template <typename Real, int step>
MULTILOGIT_INLINE void exchange(typename Simd<Real>::Vec& upper, typename Simd<Real>::Vec& lower) {
    typename Simd<Real>::Bits first{}, second{};
    constexpr int L = static_cast<int>(Simd<Real>::lanes);
#pragma GCC unroll 16
    for (int l = 0; l < L; ++l) {
        first[l] = l & step ? L + (l ^ step) : l;
        second[l] = l & step ? L + l : l ^ step;
    }
    const typename Simd<Real>::Vec kept = upper;
    upper = __builtin_shuffle(kept, lower, first);
    lower = __builtin_shuffle(kept, lower, second);
}

template <typename Real, int step = 1>
MULTILOGIT_INLINE void transpose(typename Simd<Real>::Vec* square) {
    constexpr int L = static_cast<int>(Simd<Real>::lanes);
    if constexpr (step < L) {
#pragma GCC unroll 16
        for (int i = 0; i < L; ++i)
            if ((i & step) == 0) exchange<Real, step>(square[i], square[i + step]);
        transpose<Real, 2 * step>(square);
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
