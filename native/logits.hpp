// Logits of a chunk: Z = A W + 1 b', lanes along d, a register tile of rows times classes.
//
// Row i of class j is one dot product: lane l sums the products of the columns d = l mod lanes in order, the lanes are
// added in the binary tree of lane_sums.hpp, and blocks of columns are added to b[j] in order.  Neither the tile that a
// row and a class fall into nor the number of rows and classes changes a bit of it.
#pragma once

#include "ahead.hpp"
#include "lane_sums.hpp"
#include "level.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
struct LogitsTile {
    static constexpr int lanes = static_cast<int>(Simd<Real>::lanes);
    static constexpr int rows = 4, classes = vector_registers == 32 ? 6 : 3;
    static constexpr int sums = rows < lanes ? rows : lanes;  // in one vector of neighbouring rows
    // Bytes of a row in a block of columns, and of the rows that stay in the first-level cache beside the classes of
    // one tile.
    static constexpr std::size_t block = 2560, group = 16384;
};

// z[0], z[1], ... = start + the first lanes of `dots`, with start = *b, or what is there where b is null.
template <typename Real, int count>
MULTILOGIT_INLINE void add_dots(Real* z, const Real* b, typename Simd<Real>::Vec dots) {
    typedef Real Part __attribute__((vector_size(count * sizeof(Real))));
    Part part, start;
    if constexpr (sizeof(Part) == sizeof(dots)) {
        part = dots;
    } else {
#pragma GCC unroll 16
        for (int l = 0; l < count; ++l) part[l] = dots[l];
    }
    if (b != nullptr) {
        start = *b - Part{};
    } else {
        std::memcpy(&start, z, sizeof start);
    }
    start += part;
    std::memcpy(z, &start, sizeof start);
}

template <typename Real, int classes>
void logits_tile(const Real* __restrict A, std::size_t rows, std::size_t stride, const Real* __restrict Wt,
                 std::size_t depth, const Real* __restrict b, Real* __restrict Z, std::size_t ld, Requests& requests) {
    using Vec = typename Simd<Real>::Vec;
    using Tile = LogitsTile<Real>;
    Requests own = requests;
    for (std::size_t i = 0; i < rows; i += Tile::rows) {
        const Real* a = A + i * stride;
        Vec sum[classes][Tile::rows];
#pragma GCC unroll 8
        for (int j = 0; j < classes; ++j)
#pragma GCC unroll 8
            for (int r = 0; r < Tile::rows; ++r) sum[j][r] = Vec{};
        for (std::size_t d = 0; d < depth; d += Tile::lanes) {
            own.step(d / Tile::lanes);
            Vec w[classes];
#pragma GCC unroll 8
            for (int j = 0; j < classes; ++j) w[j] = in_register(load(Wt + j * stride + d));
#pragma GCC unroll 8
            for (int r = 0; r < Tile::rows; ++r) {
                const Vec x = in_register(load(a + r * stride + d));
#pragma GCC unroll 8
                for (int j = 0; j < classes; ++j) sum[j][r] += x * w[j];
            }
        }
#pragma GCC unroll 8
        for (int j = 0; j < classes; ++j)
#pragma GCC unroll 8
            for (int r = 0; r < Tile::rows; r += Tile::sums)
                add_dots<Real, Tile::sums>(Z + j * ld + i + r, b == nullptr ? b : b + j,
                                           sum_each<Real, Tile::sums>(&sum[j][r]));
    }
    requests = own;
}

template <typename Real, int classes = 1>
MULTILOGIT_INLINE auto logits_tile_of(std::size_t count) {
    if constexpr (classes == LogitsTile<Real>::classes) {
        return logits_tile<Real, classes>;
    } else {
        return count == classes ? logits_tile<Real, classes> : logits_tile_of<Real, classes + 1>(count);
    }
}

template <typename Real>
void logits(const Real* A, std::size_t rows, std::size_t stride, const Real* Wt, const Real* b, std::size_t M, Real* Z,
            std::size_t ld, const Ahead& ahead) {
    using Tile = LogitsTile<Real>;
    const std::size_t tiles = (M + Tile::classes - 1) / Tile::classes;
    const std::size_t vectors = stride / Tile::lanes, blocks = (stride * sizeof(Real) + Tile::block - 1) / Tile::block;
    Requests requests = spread(ahead, tiles * (rows / Tile::rows) * vectors, A);
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::size_t d = block * vectors / blocks * Tile::lanes;
        const std::size_t depth = (block + 1) * vectors / blocks * Tile::lanes - d;
        const std::size_t fit = Tile::group / (depth * sizeof(Real)) / Tile::rows * Tile::rows;
        const std::size_t group = fit < Tile::rows ? Tile::rows : fit;
        for (std::size_t i = 0; i < rows; i += group) {
            const std::size_t count = rows - i < group ? rows - i : group;
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                const std::size_t j = tile * M / tiles, classes = (tile + 1) * M / tiles - j;
                logits_tile_of<Real>(classes)(A + i * stride + d, count, stride, Wt + j * stride + d, depth,
                                              block == 0 ? b + j : nullptr, Z + j * ld + i, ld, requests);
            }
        }
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
