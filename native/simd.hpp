// Vectors as wide as the x86-64 level that this file is compiled for; GCC's and Clang's vector types.
//
// Included by kernel files only, each of which is compiled once per level with MULTILOGIT_LEVEL set to v2, v3, v4 or
// plain.  Everything lives in that level's namespace, and nothing of std:: is instantiated: an inline function that
// two levels shared could be linked from the wrong one and meet an instruction the machine lacks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef MULTILOGIT_LEVEL
#error "MULTILOGIT_LEVEL names the level that a kernel file is compiled for: -DMULTILOGIT_LEVEL=v3"
#endif

#define MULTILOGIT_INLINE inline __attribute__((always_inline))

namespace multilogit {
namespace MULTILOGIT_LEVEL {

#if defined(__AVX512F__)
constexpr std::size_t vector_bytes = 64;
constexpr int vector_registers = 32;
#elif defined(__AVX2__)
constexpr std::size_t vector_bytes = 32;
constexpr int vector_registers = 16;
#else
constexpr std::size_t vector_bytes = 16;
constexpr int vector_registers = 16;
#endif

typedef double Doubles __attribute__((vector_size(vector_bytes)));
typedef float Floats __attribute__((vector_size(vector_bytes)));
typedef std::int64_t Longs __attribute__((vector_size(vector_bytes)));
typedef std::int32_t Ints __attribute__((vector_size(vector_bytes)));

// Vec: a vector of Real.  Bits: integers of the same width, what a comparison yields (-1 where true) and what an
// exponent is built in.
template <typename Real>
struct Simd;
template <>
struct Simd<double> {
    using Vec = Doubles;
    using Bits = Longs;
    using Int = std::int64_t;
    static constexpr std::size_t lanes = vector_bytes / sizeof(double);
};
template <>
struct Simd<float> {
    using Vec = Floats;
    using Bits = Ints;
    using Int = std::int32_t;
    static constexpr std::size_t lanes = vector_bytes / sizeof(float);
};

template <typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec load(const Real* p) {
    typename Simd<Real>::Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}

template <typename Real>
MULTILOGIT_INLINE void store(Real* p, typename Simd<Real>::Vec v) {
    std::memcpy(p, &v, sizeof v);
}

template <typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec broadcast(Real x) {
    return x - typename Simd<Real>::Vec{};  // subtracting zero keeps -0 and costs nothing
}

// Keeps a loaded vector in a register: as the memory operand of several multiply-adds it would be loaded for each.
template <typename Vec>
MULTILOGIT_INLINE Vec in_register(Vec v) {
#if defined(__x86_64__)
    __asm__("" : "+v"(v));
#elif defined(__aarch64__)
    __asm__("" : "+w"(v));
#endif
    return v;
}

// Floats as doubles, lower and upper half.
struct Widened {
    Doubles low, high;
};

MULTILOGIT_INLINE Widened widen(Floats v) {
    typedef float Half __attribute__((vector_size(vector_bytes / 2)));
    Half half[2];
    std::memcpy(half, &v, sizeof v);
#if defined(__AVX512F__)
    // GCC 12 converts quarters and joins them, where one instruction converts a half.  All lanes are asked for: the
    // form without a mask warns of a variable of the header's own.
    return {_mm512_maskz_cvtps_pd(0xff, half[0]), _mm512_maskz_cvtps_pd(0xff, half[1])};
#else
    return {__builtin_convertvector(half[0], Doubles), __builtin_convertvector(half[1], Doubles)};
#endif
}

// Sum of the lanes, halves added to halves.
template <typename Real>
MULTILOGIT_INLINE Real horizontal_sum(typename Simd<Real>::Vec v) {
    Real lane[Simd<Real>::lanes];
    store(lane, v);
    for (std::size_t half = Simd<Real>::lanes / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

// A sum in double, lane by lane until its end.
template <typename Real>
struct DoubleSum {
    Doubles low{}, high{};  // `high` stays zero where Real is double

    MULTILOGIT_INLINE void add(typename Simd<Real>::Vec v) {
        if constexpr (sizeof(Real) == sizeof(double)) {
            low += v;
        } else {
            const Widened w = widen(v);
            low += w.low;
            high += w.high;
        }
    }
    MULTILOGIT_INLINE double total() const { return horizontal_sum<double>(low + high); }
};

template <typename Real>
MULTILOGIT_INLINE double sum_in_double(typename Simd<Real>::Vec v) {
    DoubleSum<Real> sum;
    sum.add(v);
    return sum.total();
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
