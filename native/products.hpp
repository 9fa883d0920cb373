// Products of a layer: rows of numbers times W, and their transpose times the rows' derivatives.
//
//     C_i = start_i + sum_k x_ik B_k          (values forward with B = W and the bias, derivatives backward with B = W')
//     G_d = sum_i x_id delta_i                (the gradient)
//
// Lanes run along the columns of B, so rows of x are read one number at a time, where they lie.  An entry sums over k, or
// i, in order, in one lane: no bit of it depends on the tile, on the other rows or on the number of threads.
#pragma once

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

// Vectors of `bytes`, narrower ones for narrow layers.
template <typename Real, int bytes>
struct Lane {
    typedef Real Vec __attribute__((vector_size(bytes)));
    static constexpr std::size_t count = bytes / sizeof(Real);
    static MULTILOGIT_INLINE Vec load(const Real* p) {
        Vec v;
        std::memcpy(&v, p, sizeof v);
        return v;
    }
    static MULTILOGIT_INLINE void store(Real* p, Vec v) { std::memcpy(p, &v, sizeof v); }
};

constexpr int most_vectors = vector_registers == 32 ? 4 : 2;
constexpr int most_rows(int vectors) { return vectors * 8 + vectors < vector_registers - 1 ? 8 : 4; }
constexpr std::size_t block_depth = 128;  // rows of B that stay in the first-level cache: 32 KiB

// Rows of x as an array of pointers; `turned`: x_kr lies at rows[k][at + r], else x_rk at rows[r][at + k].
template <typename Real, int bytes, int R, int V, bool turned>
MULTILOGIT_INLINE void product_tile(const Real* const* rows, std::size_t at, std::size_t depth, const Real* B, std::size_t ldb,
                       const Real* start, std::size_t start_step, Real* C, std::size_t ldc) {
    using L = Lane<Real, bytes>;
    using Vec = typename L::Vec;
    Vec sum[R][V];
    const Real* x[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
        x[r] = turned ? nullptr : rows[r] + at;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[r][v] = L::load(start + r * start_step + v * L::count);
    }
    for (std::size_t k = 0; k < depth; ++k) {
        Vec b[V];
        const Real* number = turned ? rows[k] + at : nullptr;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) b[v] = L::load(B + k * ldb + v * L::count);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const Vec factor = (turned ? number[r] : x[r][k]) - Vec{};
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) sum[r][v] += factor * b[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) L::store(C + r * ldc + v * L::count, sum[r][v]);
}

// The next R rows, as long as there are so many, then half as many.
template <typename Real, int bytes, int V, bool turned, int R = most_rows(V)>
void product_rows(const Real* const* rows, std::size_t at, std::size_t depth, const Real* B, std::size_t ldb,
                  const Real* start, std::size_t start_step, Real* C, std::size_t ldc, std::size_t count) {
    while (count >= R) {
        product_tile<Real, bytes, R, V, turned>(rows, at, depth, B, ldb, start, start_step, C, ldc);
        if (turned) at += R;
        else rows += R;
        start += R * start_step, C += R * ldc, count -= R;
    }
    if constexpr (R > 1)
        if (count) product_rows<Real, bytes, V, turned, R / 2>(rows, at, depth, B, ldb, start, start_step, C, ldc, count);
}

template <typename Real, bool turned, int V = 1>
void product_panel(int vectors, const Real* const* rows, std::size_t at, std::size_t depth, const Real* B, std::size_t ldb,
                   const Real* start, std::size_t start_step, Real* C, std::size_t ldc, std::size_t count) {
    if constexpr (V < most_vectors)
        if (vectors > V)
            return product_panel<Real, turned, V + 1>(vectors, rows, at, depth, B, ldb, start, start_step, C, ldc, count);
    product_rows<Real, vector_bytes, V, turned>(rows, at, depth, B, ldb, start, start_step, C, ldc, count);
}

// Layers of fewer numbers than a vector has lanes are as wide as half a vector, or a quarter.
template <typename Real, bool turned, int bytes = 16>
void product_narrow(std::size_t width, const Real* const* rows, std::size_t at, std::size_t depth, const Real* B,
                    const Real* start, std::size_t start_step, Real* C, std::size_t ldc, std::size_t count) {
    if constexpr (bytes < static_cast<int>(vector_bytes)) {
        if (width > Lane<Real, bytes>::count)
            return product_narrow<Real, turned, 2 * bytes>(width, rows, at, depth, B, start, start_step, C, ldc, count);
        product_rows<Real, bytes, 1, turned>(rows, at, depth, B, width, start, start_step, C, ldc, count);
    }
}

// C (count, ldb) of B (depth, ldb); start_step 0 begins every row with the same numbers.
template <typename Real, bool turned>
void product(const Real* const* rows, std::size_t at, std::size_t depth, const Real* B, std::size_t ldb, const Real* start,
             std::size_t start_step, Real* C, std::size_t count) {
    constexpr std::size_t L = Simd<Real>::lanes;
    if (ldb < L) return product_narrow<Real, turned>(ldb, rows, at, depth, B, start, start_step, C, ldb, count);
    const std::size_t vectors = ldb / L, panels = (vectors + most_vectors - 1) / most_vectors;
    const std::size_t blocks = depth == 0 ? 1 : (depth + block_depth - 1) / block_depth;
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::size_t k = block * depth / blocks, here = (block + 1) * depth / blocks - k;
        for (std::size_t panel = 0; panel < panels; ++panel) {
            const std::size_t v = panel * vectors / panels, next = (panel + 1) * vectors / panels;
            product_panel<Real, turned>(static_cast<int>(next - v), turned ? rows + k : rows, turned ? at : at + k, here,
                                        B + k * ldb + v * L, ldb, start + v * L, start_step, C + v * L, ldb, count);
        }
        start = C, start_step = ldb;
    }
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
