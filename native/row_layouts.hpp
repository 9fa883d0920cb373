// How rows of logits become vectors of float64 and results become rows again.
//
//     AcrossRows   a lane is a row: a tile of as many rows as there are lanes, transposed; for few classes
//     AlongRow     a vector holds neighbouring classes of one row, padded with -inf; for many

#pragma once

#include "elementary.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

constexpr std::size_t lanes = Simd<double>::lanes;
typedef float HalfFloats __attribute__((vector_size(vector_bytes / 2)));

MULTILOGIT_INLINE Doubles load_as_doubles(const double* p) { return load(p); }
MULTILOGIT_INLINE Doubles load_as_doubles(const float* p) {
    HalfFloats v;
    std::memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, Doubles);
}
MULTILOGIT_INLINE void store_doubles(double* p, Doubles v) { store(p, v); }
MULTILOGIT_INLINE void store_doubles(float* p, Doubles v) {
    const HalfFloats narrow = __builtin_convertvector(v, HalfFloats);
    std::memcpy(p, &narrow, sizeof narrow);
}

template <std::size_t... J>
struct Indices {};
template <std::size_t n, std::size_t... J>
struct FirstIndices : FirstIndices<n - 1, n - 1, J...> {};
template <std::size_t... J>
struct FirstIndices<0, J...> {
    using type = Indices<J...>;
};

// Exchanges the upper half of each 2 h lanes of a with the lower half of b's.
template <std::size_t h, std::size_t... J>
MULTILOGIT_INLINE void exchange(Doubles& a, Doubles& b, Indices<J...>) {
    const Doubles low = __builtin_shufflevector(a, b, static_cast<int>(J & h ? lanes + J - h : J)...);
    b = __builtin_shufflevector(a, b, static_cast<int>(J & h ? lanes + J : J + h)...);
    a = low;
}

template <std::size_t h = lanes / 2>
MULTILOGIT_INLINE void transpose(Doubles (&v)[lanes]) {
    if constexpr (h > 0) {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < lanes; ++i)
            if (!(i & h)) exchange<h>(v[i], v[i + h], typename FirstIndices<lanes>::type{});
        transpose<h / 2>(v);
    }
}

struct AcrossRows {
    static MULTILOGIT_INLINE std::size_t vectors(std::size_t K) { return K; }
    static MULTILOGIT_INLINE Doubles maximum_of(Doubles v) { return v; }
    static MULTILOGIT_INLINE Doubles sum(Doubles v) { return v; }

    // Z[k * lanes + l] = z[l * K + k]; the maximum of each row.  Reads up to `lanes` numbers beyond the rows.
    template <typename Real>
    static MULTILOGIT_INLINE Doubles fill(const Real* z, std::size_t K, double* Z) {
        Doubles top = Doubles{} - __builtin_inf();
        for (std::size_t k = 0; k < K; k += lanes) {
            Doubles v[lanes];
#pragma GCC unroll 8
            for (std::size_t l = 0; l < lanes; ++l) v[l] = load_as_doubles(z + l * K + k);
            transpose(v);
#pragma GCC unroll 8
            for (std::size_t j = 0; j < lanes; ++j) {
                if (k + j >= K) break;
                store(Z + (k + j) * lanes, v[j]);
                top = maximum<double>(v[j], top);  // a NaN is passed over
            }
        }
        return top;
    }

    // out[l * K + k] = vector(k)[l].  Writes up to `lanes` numbers beyond the rows; from the last class to the first,
    // so that what spills into the next row is written over.
    template <typename Real, typename Vector>
    static MULTILOGIT_INLINE void emit(Real* out, std::size_t K, Vector vector) {
        for (std::size_t end = (K + lanes - 1) / lanes * lanes; end > 0; end -= lanes) {
            const std::size_t k = end - lanes;
            Doubles v[lanes]{};
#pragma GCC unroll 8
            for (std::size_t j = 0; j < lanes; ++j)
                if (k + j < K) v[j] = vector(k + j);
            transpose(v);
#pragma GCC unroll 8
            for (std::size_t l = 0; l < lanes; ++l) store_doubles(out + l * K + k, v[l]);
        }
    }

    template <typename Real>
    static MULTILOGIT_INLINE void emit_value(Real* out, Doubles v) {
        store_doubles(out, v);
    }
};

struct AlongRow {
    static MULTILOGIT_INLINE std::size_t vectors(std::size_t K) { return (K + lanes - 1) / lanes; }
    static MULTILOGIT_INLINE Doubles maximum_of(Doubles v) {
        double top = v[0];
        for (std::size_t l = 1; l < lanes; ++l) top = v[l] > top ? v[l] : top;
        return Doubles{} + top;
    }
    static MULTILOGIT_INLINE Doubles sum(Doubles v) { return Doubles{} + horizontal_sum<double>(v); }

    template <typename Real>
    static MULTILOGIT_INLINE Doubles fill(const Real* z, std::size_t K, double* Z) {
        Doubles top = Doubles{} - __builtin_inf();
        std::size_t k = 0;
        for (; k + lanes <= K; k += lanes) {
            const Doubles v = load_as_doubles(z + k);
            store(Z + k, v);
            top = maximum<double>(v, top);
        }
        if (k < K) {
            Doubles v = Doubles{} - __builtin_inf();
            for (std::size_t l = 0; k + l < K; ++l) v[l] = static_cast<double>(z[k + l]);
            store(Z + k, v);
            top = maximum<double>(v, top);
        }
        return maximum_of(top);
    }

    template <typename Real, typename Vector>
    static MULTILOGIT_INLINE void emit(Real* out, std::size_t K, Vector vector) {
        std::size_t k = 0;
        for (; k + lanes <= K; k += lanes) store_doubles(out + k, vector(k / lanes));
        if (k == K) return;
        Real rest[lanes];
        store_doubles(rest, vector(k / lanes));
        std::memcpy(out + k, rest, (K - k) * sizeof(Real));
    }

    template <typename Real>
    static MULTILOGIT_INLINE void emit_value(Real* out, Doubles v) {
        *out = static_cast<Real>(v[0]);
    }
};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
