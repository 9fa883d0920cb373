// Sums over the lanes of several vectors at once, by transposition.
//
// Whatever the number of vectors, the lanes of each are added in the same binary tree, neighbours first: l and l ^ 1,
// then l and l ^ 2, and so on.  The sum of a vector has the same bits wherever it stands.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// Lane numbers for __builtin_shuffle, which counts those of the second vector on from those of the first.
// own: lane l of the first vector where l has not the bit `step`, of the second where it has; other: lane l ^ step.
template <typename Real, int step>
struct Lanes {
    using Bits = typename Simd<Real>::Bits;
    static constexpr int L = static_cast<int>(Simd<Real>::lanes);
    static MULTILOGIT_INLINE Bits own() {
        Bits lanes{};
#pragma GCC unroll 16
        for (int l = 0; l < L; ++l) lanes[l] = l & step ? L + l : l;
        return lanes;
    }
    static MULTILOGIT_INLINE Bits other() {
        Bits lanes{};
#pragma GCC unroll 16
        for (int l = 0; l < L; ++l) lanes[l] = (l & step ? L + l : l) ^ step;
        return lanes;
    }
};

// Lane l: the sum of lanes l and l ^ step of u where l has not the bit `step`, of v where it has.
template <typename Real, int step>
MULTILOGIT_INLINE typename Simd<Real>::Vec add_across(typename Simd<Real>::Vec u, typename Simd<Real>::Vec v) {
    return __builtin_shuffle(u, v, Lanes<Real, step>::own()) + __builtin_shuffle(u, v, Lanes<Real, step>::other());
}

// Lane l of the result: the sum of all lanes of vector l mod `count`, a power of two up to the number of lanes.
template <typename Real, int count, int step = 1>
MULTILOGIT_INLINE typename Simd<Real>::Vec sum_each(const typename Simd<Real>::Vec* vectors) {
    using Vec = typename Simd<Real>::Vec;
    constexpr int L = static_cast<int>(Simd<Real>::lanes);
    if constexpr (step == L) {
        return vectors[0];
    } else if constexpr (count == 1) {
        const Vec v = add_across<Real, step>(vectors[0], vectors[0]);
        return sum_each<Real, 1, 2 * step>(&v);
    } else {
        Vec halves[count / 2];
#pragma GCC unroll 8
        for (int i = 0; i < count / 2; ++i) halves[i] = add_across<Real, step>(vectors[2 * i], vectors[2 * i + 1]);
        return sum_each<Real, count / 2, 2 * step>(halves);
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
