// The products of sparse.hpp, and the transpose of a chunk: this file is compiled once per level.
//
// A nonzero x_id adds x_id times row d of W to the logits of row i, and x_id times the residuals of row i to row d of
// G: one run of neighbouring numbers, held in a tile of vectors as wide as registers allow.  Sums over the nonzeros of
// a row, and over rows, are in the order of their indices, so that no cut into rows or columns changes them.

#include "sparse.hpp"

#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

// n neighbouring doubles, at most a vector.
template <std::size_t n>
struct Piece {
    typedef double Vec __attribute__((vector_size(n * sizeof(double))));
};
template <>
struct Piece<1> {
    using Vec = double;
};

template <typename Vec>
MULTILOGIT_INLINE Vec read(const double* p) {
    Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}

template <typename Vec>
MULTILOGIT_INLINE void write(double* p, Vec v) {
    std::memcpy(p, &v, sizeof v);
}

// Unlike x + 0, x - 0 is x for every x: no instruction besides the broadcast.
template <typename Vec>
MULTILOGIT_INLINE Vec spread(double x) {
    return x - Vec{};
}

template <typename Value, typename Index>
MULTILOGIT_INLINE double value_at(const Csr<Value, Index>& X, std::size_t p, std::size_t d) {
    const double x = static_cast<double>(X.value[p]);
    return X.shift ? x - X.shift[d] : x;
}

// The column of nonzero p, hidden from the compiler: it would turn a loop over scalars into one over vectors, whose
// products it rounds before it adds them, and into a remainder, where it fuses them.  A cut of the rows would then move
// the last bits.
template <typename Value, typename Index>
MULTILOGIT_INLINE std::size_t column_at(const Csr<Value, Index>& X, std::size_t p) {
    std::size_t d = static_cast<std::size_t>(X.column[p]);
    __asm__("" : "+r"(d));
    return d;
}

// T vectors of the logits of every row.  A short tile has S partial sums, over the nonzeros of every S-th place, for
// additions that need not wait for each other.
template <typename Vec, std::size_t T, std::size_t S, typename Value, typename Index>
void multiply_tile(const Csr<Value, Index> X, std::size_t begin, std::size_t end, const double* W, std::size_t width,
                   const double* b, double* Z, std::size_t step) {
    constexpr std::size_t L = sizeof(Vec) / sizeof(double);
    for (std::size_t i = begin; i < end; ++i, Z += step) {
        Vec z[S][T];
        for (std::size_t s = 0; s < S; ++s)
            for (std::size_t t = 0; t < T; ++t) z[s][t] = s == 0 ? read<Vec>(b + t * L) : Vec{};
        const auto add = [&](std::size_t p, std::size_t s) {
            const std::size_t d = column_at(X, p);
            const Vec x = spread<Vec>(value_at(X, p, d));
            for (std::size_t t = 0; t < T; ++t) z[s][t] += x * read<Vec>(W + d * width + t * L);
        };
        std::size_t p = static_cast<std::size_t>(X.start[i]);
        const std::size_t last = static_cast<std::size_t>(X.start[i + 1]);
        for (; p + S <= last; p += S)
            for (std::size_t s = 0; s < S; ++s) add(p + s, s);
        for (; p < last; ++p) add(p, 0);
        for (std::size_t half = S / 2; half > 0; half /= 2)
            for (std::size_t s = 0; s < half; ++s)
                for (std::size_t t = 0; t < T; ++t) z[s][t] += z[s + half][t];
        for (std::size_t t = 0; t < T; ++t) write(Z + t * L, z[0][t]);
    }
}

// How many of `count` increasing indices are below `bound`; without a branch that depends on them.
template <typename Index>
MULTILOGIT_INLINE std::size_t count_below(const Index* indices, std::size_t count, std::size_t bound) {
    std::size_t first = 0;
    for (; count > 1; count -= count / 2)
        first += count / 2 * (static_cast<std::size_t>(indices[first + count / 2 - 1]) < bound);
    return first + (count == 1 && static_cast<std::size_t>(indices[first]) < bound);
}

// The rows d < high of G, T vectors of each, from the nonzeros first[i] of row i on.
template <typename Vec, std::size_t T, typename Value, typename Index, bool squares>
void gather_tile(const Csr<Value, Index> X, std::size_t begin, std::size_t end, const std::size_t* first,
                 std::size_t high, const double* R, std::size_t step, double* G, std::size_t width) {
    constexpr std::size_t L = sizeof(Vec) / sizeof(double);
    for (std::size_t i = begin; i < end; ++i, R += step) {
        const std::size_t last = static_cast<std::size_t>(X.start[i + 1]);
        Vec r[T];
        for (std::size_t t = 0; t < T; ++t) r[t] = read<Vec>(R + t * L);
        for (std::size_t p = first[i - begin]; p < last; ++p) {
            const std::size_t d = column_at(X, p);
            if (d >= high) break;
            double x = value_at(X, p, d);
            if (squares) x *= X.rest ? x - 2 * X.rest[d] : x;
            double* g = G + d * width;
            for (std::size_t t = 0; t < T; ++t) write(g + t * L, read<Vec>(g + t * L) + spread<Vec>(x) * r[t]);
        }
    }
}

constexpr std::size_t unit = 8;                         // numbers in the step of a tile's width
constexpr std::size_t unit_vectors = unit / Simd<double>::lanes;
constexpr std::size_t most_units = 8 / unit_vectors;    // eight vectors, half of the fewest registers

// Units of the tile that starts at number j of `width`: as even as can be.
MULTILOGIT_INLINE std::size_t tile_units(std::size_t width, std::size_t j) {
    const std::size_t left = (width - j) / unit, tiles = (left + most_units - 1) / most_units;
    return (left + tiles - 1) / tiles;
}

// Calls run.tile<Vec, T>() with T vectors for `units` units.
template <std::size_t units, typename Run>
MULTILOGIT_INLINE void with_units(std::size_t wanted, const Run& run) {
    if constexpr (units > 1) {
        if (wanted != units) return with_units<units - 1>(wanted, run);
    }
    run.template tile<Doubles, units * unit_vectors>();
}

// Calls run.tile<Vec, T>() for every tile of a row of `width` numbers, run.j numbers from its beginning.
template <typename Run>
MULTILOGIT_INLINE void each_tile(std::size_t width, Run run) {
    if (width == 1) return run.template tile<double, 1>();
    if (width == 2) return run.template tile<Piece<2>::Vec, 1>();
    if (width == 4) return run.template tile<Piece<(vector_bytes < 32 ? 2 : 4)>::Vec, (vector_bytes < 32 ? 2 : 1)>();
    for (run.j = 0; run.j < width;) {
        const std::size_t units = tile_units(width, run.j);
        with_units<most_units>(units, run);
        run.j += units * unit;
    }
}

template <typename Value, typename Index>
struct MultiplyRun {
    const Csr<Value, Index>& X;
    std::size_t begin, end;
    const double* W;
    std::size_t width;
    const double* b;
    double* Z;
    std::size_t step, j;

    template <typename Vec, std::size_t T>
    void tile() const {
        multiply_tile<Vec, T, (T == 1 ? 4 : T <= 4 ? 2 : 1)>(X, begin, end, W + j, width, b + j, Z + j, step);
    }
};

template <typename Value, typename Index>
void multiply(const Csr<Value, Index>& X, std::size_t begin, std::size_t end, const double* W, std::size_t width,
              const double* b, double* Z, std::size_t step) {
    each_tile(width, MultiplyRun<Value, Index>{X, begin, end, W, width, b, Z, step, 0});
}

template <typename Value, typename Index, bool squares>
struct GatherRun {
    const Csr<Value, Index>& X;
    std::size_t begin, end;
    const std::size_t* first;
    std::size_t high;
    const double* R;
    std::size_t step;
    double* G;
    std::size_t width, j;

    template <typename Vec, std::size_t T>
    void tile() const {
        gather_tile<Vec, T, Value, Index, squares>(X, begin, end, first, high, R + j, step, G + j, width);
    }
};

// The searches of a batch of rows come first: they wait for memory together, where each alone would wait for the
// branch at the end of the row before it.
template <typename Value, typename Index, bool squares>
void gather_rows(const Csr<Value, Index>& X, std::size_t begin, std::size_t end, std::size_t low, std::size_t high,
                 const double* R, std::size_t step, double* G, std::size_t width) {
    constexpr std::size_t batch = 64;
    std::size_t first[batch];
    for (; begin < end; begin += batch, R += batch * step) {
        const std::size_t stop = end - begin < batch ? end : begin + batch;
        for (std::size_t i = begin; i < stop; ++i) {
            std::size_t& p = first[i - begin];
            p = static_cast<std::size_t>(X.start[i]);
            if (low > 0) p += count_below(X.column + p, static_cast<std::size_t>(X.start[i + 1]) - p, low);
            __builtin_prefetch(X.column + p);
            __builtin_prefetch(X.value + p);
        }
        each_tile(width, GatherRun<Value, Index, squares>{X, begin, stop, first, high, R, step, G, width, 0});
    }
}

void transpose(const double* A, std::size_t lda, std::size_t rows, std::size_t columns, double* B,
                      std::size_t ldb) {
    constexpr std::size_t side = 8;
    for (std::size_t top = 0; top < rows; top += side) {
        const std::size_t bottom = top + side < rows ? top + side : rows;
        for (std::size_t j = 0; j < columns; ++j)
            for (std::size_t i = top; i < bottom; ++i) B[j * ldb + i] = A[i * lda + j];
    }
}

template <typename Value, typename Index>
constexpr CsrKernels<Value, Index> csr_kernels() {
    return {multiply<Value, Index>, gather_rows<Value, Index, false>, gather_rows<Value, Index, true>};
}

}  // namespace

extern const SparseKernels sparse_kernels;
const SparseKernels sparse_kernels{csr_kernels<float, std::int32_t>(), csr_kernels<float, std::int64_t>(),
                                   csr_kernels<double, std::int32_t>(), csr_kernels<double, std::int64_t>(),
                                   transpose};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
