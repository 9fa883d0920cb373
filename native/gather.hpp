// The transpose of the logits: G += R' A, a register tile of columns of R times vectors along d.
//
// Entry (j, d) sums R[j * ld + i] A[i * stride + d] over the chunk's rows in order, in Real, and the sum is added to G
// in double: no bit of it depends on the tile or on the other columns.
#pragma once

#include "ahead.hpp"
#include "level.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
struct GatherTile {
    static constexpr int vectors = vector_registers == 16 ? 3 : 4;
    static constexpr int columns = vector_registers == 16 ? 4 : 6;
};

template <typename Real>
MULTILOGIT_INLINE void add_to(double* G, typename Simd<Real>::Vec v) {
    if constexpr (sizeof(Real) == sizeof(double)) {
        store(G, load(G) + v);
    } else {
        const Widened w = widen(v);
        store(G, load(G) + w.low);
        store(G + Simd<double>::lanes, load(G + Simd<double>::lanes) + w.high);
    }
}

template <typename Real, int columns, int vectors>
void gather_tile(const Real* __restrict A, std::size_t rows, std::size_t stride, const Real* __restrict R,
                 std::size_t ld, double* __restrict G, Requests& requests) {
    using Vec = typename Simd<Real>::Vec;
    constexpr int L = static_cast<int>(Simd<Real>::lanes);
    Requests own = requests;
    Vec sum[columns][vectors];
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) sum[j][v] = Vec{};
    for (std::size_t i = 0; i < rows; ++i) {
        own.step(i);
        Vec a[vectors];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) a[v] = in_register(load(A + i * stride + v * L));
#pragma GCC unroll 8
        for (int j = 0; j < columns; ++j) {
            const Vec r = in_register(broadcast(R[j * ld + i]));
#pragma GCC unroll 8
            for (int v = 0; v < vectors; ++v) sum[j][v] += a[v] * r;
        }
    }
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) add_to<Real>(G + j * stride + v * L, sum[j][v]);
    requests = own;
}

// The tile function for so many columns and vectors.
template <typename Real, int columns = 1, int vectors = 1>
MULTILOGIT_INLINE auto gather_tile_of(std::size_t column_count, std::size_t vector_count) {
    if constexpr (columns < GatherTile<Real>::columns) {
        if (column_count > columns) return gather_tile_of<Real, columns + 1, vectors>(column_count, vector_count);
    }
    if constexpr (vectors < GatherTile<Real>::vectors) {
        if (vector_count > vectors) return gather_tile_of<Real, columns, vectors + 1>(column_count, vector_count);
    }
    return gather_tile<Real, columns, vectors>;
}

template <typename Real, bool lower>
void gather_tiles(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld,
                  std::size_t M, double* G, const Ahead& ahead) {
    using Tile = GatherTile<Real>;
    constexpr std::size_t L = Simd<Real>::lanes;
    const std::size_t across = (stride / L + Tile::vectors - 1) / Tile::vectors;
    const std::size_t down = (M + Tile::columns - 1) / Tile::columns;
    Requests requests = spread(ahead, across * down * rows, A);
    for (std::size_t s = 0; s < across; ++s) {
        const std::size_t v = s * (stride / L) / across, vectors = (s + 1) * (stride / L) / across - v;
        for (std::size_t t = 0; t < down; ++t) {
            const std::size_t j = t * M / down, columns = (t + 1) * M / down - j;
            if (lower && j + columns <= v * L) continue;
            gather_tile_of<Real>(columns, vectors)(A + v * L, rows, stride, R + j * ld, ld, G + j * stride + v * L,
                                              requests);
        }
    }
}

template <typename Real>
void gather(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
            double* G, const Ahead& ahead) {
    gather_tiles<Real, false>(A, rows, stride, R, ld, M, G, ahead);
}

template <typename Real>
void gather_lower(const Real* A, std::size_t rows, std::size_t stride, const Real* R, std::size_t ld, std::size_t M,
                  double* G, const Ahead& ahead) {
    gather_tiles<Real, true>(A, rows, stride, R, ld, M, G, ahead);
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
