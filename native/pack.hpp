// A chunk of X as A = X - 1 c', row-major and padded with zeros.
#pragma once

#include "ahead.hpp"
#include "level.hpp"
#include "simd.hpp"
#include "transpose.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename A, typename B, bool first = (sizeof(A) >= sizeof(B))>
struct WiderOf {
    typedef A Type;
};
template <typename A, typename B>
struct WiderOf<A, B, false> {
    typedef B Type;
};

// The type of a centre: rows far from zero lose nothing but what Real cannot hold of the difference.  (For two floats
// float is enough: their difference rounded to double and then to float is their difference rounded to float.)
template <typename Storage, typename Real>
using Centre = typename WiderOf<Storage, Real>::Type;

template <typename Storage, typename Real>
MULTILOGIT_INLINE Real centred(Storage x, Centre<Storage, Real> c) {
    return static_cast<Real>(x - c);
}

template <typename Storage, typename Real>
MULTILOGIT_INLINE typename Simd<Real>::Vec centred_vector(const Storage* x, const Centre<Storage, Real>* centre) {
    constexpr std::size_t L = Simd<Real>::lanes;
    if constexpr (sizeof(Storage) == sizeof(Real)) {
        return load(x) - load(centre);
    } else {
        Real a[L];
        for (std::size_t l = 0; l < L; ++l) a[l] = centred<Storage, Real>(x[l], centre[l]);
        return load(a);
    }
}

template <typename Storage, typename Real>
void pack_row(const Storage* __restrict x, std::size_t D, const Centre<Storage, Real>* __restrict centre,
              Real* __restrict a, std::size_t stride, Requests& requests) {
    constexpr std::size_t L = Simd<Real>::lanes;
    const std::size_t whole = D / L * L;
    Requests own = requests;
    for (std::size_t d = whole; d < stride; d += L) store(a + d, typename Simd<Real>::Vec{});
    for (std::size_t d = 0; d < whole; d += L) {
        own.step(d / L);
        store(a + d, centred_vector<Storage, Real>(x + d, centre + d));
    }
    requests = own;
    if (D >= L) {
        if (D > whole) store(a + D - L, centred_vector<Storage, Real>(x + D - L, centre + D - L));
    } else {
        for (std::size_t d = 0; d < D; ++d) a[d] = centred<Storage, Real>(x[d], centre[d]);
    }
}

// Columns of X that lie contiguous: L columns of L rows at a time.
template <typename Storage, typename Real>
void pack_columns(const Storage* X, std::ptrdiff_t column, std::size_t n, std::size_t D,
                  const Centre<Storage, Real>* centre, Real* A, std::size_t stride, const Ahead& ahead) {
    using Vec = typename Simd<Real>::Vec;
    constexpr std::size_t L = Simd<Real>::lanes;
    Requests requests = spread(ahead, stride / L * (n / L) * L, A);
    for (std::size_t d = 0; d < stride; d += L) {
        const std::size_t columns = d >= D ? 0 : D - d < L ? D - d : L;
        const Storage* x = X + static_cast<std::ptrdiff_t>(d) * column;
        for (std::size_t i = 0; i + L <= n; i += L) {
            Vec square[L];
#pragma GCC unroll 16
            for (std::size_t k = 0; k < L; ++k) requests.step(k);
#pragma GCC unroll 16
            for (std::size_t k = 0; k < L; ++k) {
                if (k < columns) {
                    Centre<Storage, Real> c[L];
                    for (std::size_t l = 0; l < L; ++l) c[l] = centre[d + k];
                    square[k] = centred_vector<Storage, Real>(x + static_cast<std::ptrdiff_t>(k) * column + i, c);
                } else {
                    square[k] = Vec{};
                }
            }
            transpose<Real>(square);
#pragma GCC unroll 16
            for (std::size_t k = 0; k < L; ++k) store(A + (i + k) * stride + d, square[k]);
        }
    }
}

template <typename Storage, typename Real>
void pack(const Storage* X, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t n, std::size_t D,
          const Centre<Storage, Real>* centre, Real* A, std::size_t rows, std::size_t stride, const Ahead& ahead) {
    constexpr std::size_t L = Simd<Real>::lanes;
    std::size_t i = 0;
    if (column == 1) {
        Requests requests = spread(ahead, n * (D / L), A);
        for (; i < n; ++i)
            pack_row<Storage, Real>(X + static_cast<std::ptrdiff_t>(i) * row, D, centre, A + i * stride, stride,
                                    requests);
    } else if (row == 1) {
        pack_columns<Storage, Real>(X, column, n, D, centre, A, stride, ahead);
        i = n / L * L;
    }
    for (; i < n; ++i) {
        const Storage* x = X + static_cast<std::ptrdiff_t>(i) * row;
        Real* a = A + i * stride;
        for (std::size_t d = 0; d < D; ++d)
            a[d] = centred<Storage, Real>(x[static_cast<std::ptrdiff_t>(d) * column], centre[d]);
        for (std::size_t d = D; d < stride; ++d) a[d] = 0;
    }
    std::memset(A + n * stride, 0, (rows - n) * stride * sizeof(Real));
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
