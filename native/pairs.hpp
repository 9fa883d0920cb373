// Vectors of numbers carried as an unevaluated sum hi + lo.
//
// Every function is right only if each operation is rounded as it is written: compile without contraction to fused
// multiply-add.  Where one is called for by name its product is exact, so that levels without it get the same bits.

#pragma once

#include "simd.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace multilogit {
namespace MULTILOGIT_LEVEL {

struct Pair {
    Doubles hi, lo;
};

// Knuth.
MULTILOGIT_INLINE Pair two_sum(Doubles a, Doubles b) {
    const Doubles s = a + b;
    const Doubles c = s - a;
    return {s, (a - (s - c)) + (b - c)};
}

// Dekker; needs |a| >= |b|.
MULTILOGIT_INLINE Pair fast_two_sum(Doubles a, Doubles b) {
    const Doubles s = a + b;
    return {s, b - (s - a)};
}

// Dekker's halves: the first 26 bits of a, and the rest.
MULTILOGIT_INLINE Pair split(Doubles a) {
    const Doubles c = (0x1p27 + 1.0) * a;
    const Doubles high = c - (c - a);
    return {high, a - high};
}

// a b + c, where a b needs no rounding.
MULTILOGIT_INLINE Doubles add_exact_product(Doubles a, Doubles b, Doubles c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX2__)
    return _mm256_fmadd_pd(a, b, c);
#else
    return a * b + c;
#endif
}

// a b and its rounding error, which is the same number however it is found.
MULTILOGIT_INLINE Pair two_product(Doubles a, Doubles b) {
    const Doubles product = a * b;
#if defined(__AVX512F__)
    return {product, _mm512_fmsub_pd(a, b, product)};
#elif defined(__AVX2__)
    return {product, _mm256_fmsub_pd(a, b, product)};
#else
    const Pair x = split(a), y = split(b);
    return {product, ((x.hi * y.hi - product) + x.hi * y.lo + x.lo * y.hi) + x.lo * y.lo};
#endif
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
