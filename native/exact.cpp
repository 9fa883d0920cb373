// The double-double gradient's kernels of one level: this file is compiled once per level, without contraction.

#include "exact.hpp"

#include "double_double.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

constexpr std::size_t L = Simd<double>::lanes;
constexpr std::size_t settled = 32;  // terms of a sum between two carries
constexpr std::size_t block = vector_registers / 8;

template <typename V>
MULTILOGIT_INLINE V load_as(const double* p) {
    V v;
    std::memcpy(&v, p, sizeof v);
    return v;
}

template <typename V>
MULTILOGIT_INLINE Pair<V> load_pair(PairArray a, std::size_t i) {
    return {load_as<V>(a.high + i), load_as<V>(a.low + i)};
}

template <typename V>
MULTILOGIT_INLINE void store_pair(PairArray a, std::size_t i, Pair<V> pair) {
    std::memcpy(a.high + i, &pair.high, sizeof pair.high);
    std::memcpy(a.low + i, &pair.low, sizeof pair.low);
}

// f(V{}, k) for k = 0, ..., n - 1 in whole vectors, then one by one.
template <typename F>
MULTILOGIT_INLINE void each_column(std::size_t n, F f) {
    std::size_t k = 0;
    for (; k + L <= n; k += L) f(Doubles{}, k);
    for (; k < n; ++k) f(double{}, k);
}

MULTILOGIT_INLINE std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

void centre(PairArray A, std::size_t rows, std::size_t ld, const double* c, std::size_t D) {
    for (std::size_t d = 0; d < D; ++d)
        for (std::size_t i = d * ld; i < d * ld + rows; i += L)
            store_pair(A, i, two_sum(load(A.high + i), broadcast(-c[d])));
}

// Columns k, ..., k + B - 1 of the logits.
template <std::size_t B>
void logits_block(PairArray A, std::size_t rows, std::size_t ld, const double* W, std::size_t n, std::size_t M,
                  PairArray Z, std::size_t k) {
    for (std::size_t i = 0; i < rows; i += L) {
        Accumulator<Doubles> z[B];
        for (std::size_t first = 0; first < n; first += settled) {
            for (std::size_t d = first; d < smaller(first + settled, n); ++d) {
                const Pair<Doubles> x = load_pair<Doubles>(A, d * ld + i);
#pragma GCC unroll 4
                for (std::size_t b = 0; b < B; ++b) z[b].add_product(x.high, x.low, broadcast(W[d * M + k + b]));
            }
#pragma GCC unroll 4
            for (std::size_t b = 0; b < B; ++b) z[b].settle();
        }
#pragma GCC unroll 4
        for (std::size_t b = 0; b < B; ++b) store_pair<Doubles>(Z, (k + b) * ld + i, {z[b].sum, z[b].error});
    }
}

void logits(PairArray A, std::size_t rows, std::size_t ld, const double* W, std::size_t n, std::size_t M,
            PairArray Z) {
    std::size_t k = 0;
    for (; k + block <= M; k += block) logits_block<block>(A, rows, ld, W, n, M, Z, k);
    for (; k < M; ++k) logits_block<1>(A, rows, ld, W, n, M, Z, k);
}

// Row d's products with columns k, ..., k + B - 1 of R, lane l at lanes[l * stride + b].
template <std::size_t B>
void gather_block(PairArray A, std::size_t rows, PairArray R, std::size_t ld, PairArray lanes, std::size_t stride) {
    Accumulator<Doubles> g[B];
    for (std::size_t first = 0; first < rows; first += settled * L) {
        for (std::size_t i = first; i < smaller(first + settled * L, rows); i += L) {
            const Pair<Doubles> x = load_pair<Doubles>(A, i);
#pragma GCC unroll 4
            for (std::size_t b = 0; b < B; ++b) {
                const Pair<Doubles> r = load_pair<Doubles>(R, b * ld + i);
                g[b].add_product(x.high, x.low, r.high, r.low);
            }
        }
#pragma GCC unroll 4
        for (std::size_t b = 0; b < B; ++b) g[b].settle();
    }
#pragma GCC unroll 4
    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t l = 0; l < L; ++l) {
            lanes.high[l * stride + b] = g[b].sum[l];
            lanes.low[l * stride + b] = g[b].error[l];
        }
}

// G[e] += sum_l lanes[l * n + e].
void add_lanes(PairArray lanes, std::size_t n, PairArray G) {
    each_column(n, [=](auto like, std::size_t e) {
        using V = decltype(like);
        Pair<V> part[L];
        for (std::size_t l = 0; l < L; ++l) part[l] = load_pair<V>(lanes, l * n + e);
        for (std::size_t half = L / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) part[l] = add(part[l], part[l + half]);
        store_pair(G, e, add(load_pair<V>(G, e), part[0]));
    });
}

void gather(PairArray A, std::size_t rows, std::size_t ld, std::size_t n, PairArray R, std::size_t M, PairArray G,
            PairArray lanes) {
    const std::size_t features = M < exact_panel ? exact_panel / M : 1;
    for (std::size_t first = 0; first < n; first += features) {
        const std::size_t last = smaller(first + features, n), sums = (last - first) * M;
        for (std::size_t d = first; d < last; ++d) {
            std::size_t k = 0;
            const PairArray a = A + d * ld, row = lanes + (d - first) * M;
            for (; k + block <= M; k += block) gather_block<block>(a, rows, R + k * ld, ld, row + k, sums);
            for (; k < M; ++k) gather_block<1>(a, rows, R + k * ld, ld, row + k, sums);
        }
        add_lanes(lanes, sums, G + first * M);
    }
}

void base(const double* c, const double* W, std::size_t D, std::size_t M, PairArray result) {
    each_column(M, [=](auto like, std::size_t k) {
        using V = decltype(like);
        Pair<V> total{load_as<V>(W + D * M + k), V{}};
        for (std::size_t d = 0; d < D; ++d)
            if (c[d] != 0) total = add(total, two_product(V{} - c[d], load_as<V>(W + d * M + k)));
        store_pair(result, k, total);
    });
}

void sparse_logits(const SparseTile& X, const double* W, PairArray start, std::size_t M, PairArray Z, std::size_t ld) {
    for (std::size_t i = 0; i < X.rows; ++i) {
        each_column(M, [=](auto like, std::size_t k) {
            using V = decltype(like);
            Accumulator<V> z{load_as<V>(start.high + k), load_as<V>(start.low + k)};
            for (std::int64_t first = X.start[i]; first < X.start[i + 1]; first += settled) {
                const std::int64_t end = first + static_cast<std::int64_t>(settled);
                for (std::int64_t e = first; e < end && e < X.start[i + 1]; ++e)
                    z.add_product(load_as<V>(W + static_cast<std::size_t>(X.column[e]) * M + k), V{},
                                  V{} + X.value[e]);
                z.settle();
            }
            double high[L], low[L];
            std::memcpy(high, &z.sum, sizeof z.sum);
            std::memcpy(low, &z.error, sizeof z.error);
            for (std::size_t l = 0; l < sizeof like / sizeof(double); ++l) {
                Z.high[(k + l) * ld + i] = high[l];
                Z.low[(k + l) * ld + i] = low[l];
            }
        });
    }
}

void sparse_gather(const SparseTile& X, PairArray R, std::size_t ld, std::size_t D, std::size_t M, PairArray G,
                   PairArray row) {
    for (std::size_t i = 0; i < X.rows; ++i) {
        for (std::size_t k = 0; k < M; ++k) {
            row.high[k] = R.high[k * ld + i];
            row.low[k] = R.low[k * ld + i];
        }
        each_column(M, [=](auto like, std::size_t k) {
            using V = decltype(like);
            const Pair<V> r = load_pair<V>(row, k);
            for (std::int64_t e = X.start[i]; e < X.start[i + 1]; ++e) {
                const std::size_t at = static_cast<std::size_t>(X.column[e]) * M + k;
                store_pair(G, at, add(load_pair<V>(G, at), multiply(r, V{} + X.value[e])));
            }
            store_pair(G, D * M + k, add(load_pair<V>(G, D * M + k), r));
        });
    }
}

// y_k of the rows i, i + 1, ...
MULTILOGIT_INLINE Doubles target(const ExactTargets& q, std::size_t k, std::size_t i) {
    if (q.labels == nullptr) return load(q.Y + k * q.ld + i);
    return load(q.labels + i) == static_cast<double>(k) ? broadcast(1.0) : Doubles{};
}

// m_i = sum_k y_ik.
MULTILOGIT_INLINE Pair<Doubles> mass(const ExactTargets& q, std::size_t i) {
    Pair<Doubles> total{Doubles{}, Doubles{}};
    if (q.labels) return {broadcast(1.0), Doubles{}};
    for (std::size_t k = 0; k < q.K; ++k) total = add(total, {target(q, k, i), Doubles{}});
    return total;
}

// The largest logit of each row and its class, as a number.
struct Largest {
    Pair<Doubles> value;
    Doubles index;
};

// Adds the offsets to the logits of the rows i, ... and returns the largest.
MULTILOGIT_INLINE Largest offset_logits(const ExactTargets& q, std::size_t i) {
    Largest top{{broadcast(-__builtin_inf()), Doubles{}}, Doubles{}};
    for (std::size_t k = 0; k < q.K; ++k) {
        if (!q.present[k]) continue;
        Pair<Doubles> z = load_pair<Doubles>(q.Z, k * q.ld + i);
        if (q.offset) z = add(z, {load(q.offset + k * q.ld + i), Doubles{}});
        store_pair(q.Z, k * q.ld + i, z);
        const auto larger = z.high > top.value.high;
        top.value = {larger ? z.high : top.value.high, larger ? z.low : top.value.low};
        top.index = larger ? broadcast(static_cast<double>(k)) : top.index;
    }
    return top;
}

// With the largest logit z_t of a row, e_k = exp(z_k - z_t), p_k = e_k / (1 + sum of the other e_j) and
// R_k = c (m p_k - y_k) for k != t; R_t is minus the sum of the others, exact even where p_t rounds to one.
MULTILOGIT_INLINE void row_residuals(const ExactTargets& q, std::size_t i) {
    const Largest top = offset_logits(q, i);
    Pair<Doubles> total{broadcast(1.0), Doubles{}}, rest{Doubles{}, Doubles{}};
    for (std::size_t k = 0; k < q.K; ++k) {
        Pair<Doubles> e{Doubles{}, Doubles{}};
        if (q.present[k]) e = exp(add(load_pair<Doubles>(q.Z, k * q.ld + i), negate(top.value)));
        const auto is_top = top.index == static_cast<double>(k);
        e = {is_top ? Doubles{} : e.high, is_top ? Doubles{} : e.low};
        total = add(total, e);
        store_pair(q.Z, k * q.ld + i, e);
    }
    const Pair<Doubles> c = two_product(load(q.weight + i), broadcast(q.scale));
    const Pair<Doubles> factor = divide(multiply(c, mass(q, i)), total);
    for (std::size_t k = 0; k < q.K; ++k) {
        const Pair<Doubles> e = load_pair<Doubles>(q.Z, k * q.ld + i);
        Pair<Doubles> r = add(multiply(factor, e), negate(multiply(c, target(q, k, i))));
        const auto is_top = top.index == static_cast<double>(k);
        r = {is_top ? Doubles{} : r.high, is_top ? Doubles{} : r.low};
        rest = add(rest, negate(r));
        store_pair(q.Z, k * q.ld + i, r);
    }
    for (std::size_t l = 0; l < L; ++l) {
        const std::size_t at = static_cast<std::size_t>(top.index[l]) * q.ld + i + l;
        q.Z.high[at] = rest.high[l];
        q.Z.low[at] = rest.low[l];
    }
}

void residual(const ExactTargets& tile) {
    for (std::size_t i = 0; i < tile.rows; i += L) row_residuals(tile, i);
}

void finish(PairArray G, const double* c, const double* strength, const double* W, std::size_t D, std::size_t M,
            double* out) {
    for (std::size_t d = 0; d < D; ++d)
        for (std::size_t k = 0; k < M; ++k) {
            Pair<double> g = load_pair<double>(G, d * M + k);
            if (c) g = add(g, multiply(load_pair<double>(G, D * M + k), -c[d]));
            out[d * M + k] = add(g, two_product(strength[d], W[d * M + k])).high;
        }
}

void row_sums(const double* a, std::size_t n, std::size_t K, double* sum) {
    for (std::size_t i = 0; i < n; ++i) {
        Pair<double> total{0.0, 0.0};
        for (std::size_t k = 0; k < K; ++k) total = add(total, {a[i * K + k], 0.0});
        sum[i] = total.high;
    }
}

struct Add {
    template <typename V>
    static MULTILOGIT_INLINE Pair<V> of(Pair<V> a, Pair<V> b) { return add(a, b); }
};
struct Multiply {
    template <typename V>
    static MULTILOGIT_INLINE Pair<V> of(Pair<V> a, Pair<V> b) { return multiply(a, b); }
};
struct Divide {
    template <typename V>
    static MULTILOGIT_INLINE Pair<V> of(Pair<V> a, Pair<V> b) { return divide(a, b); }
};

template <typename Operation>
void each_pair(PairArray a, PairArray b, std::size_t n, PairArray out) {
    each_column(n, [=](auto like, std::size_t e) {
        using V = decltype(like);
        store_pair(out, e, Operation::of(load_pair<V>(a, e), load_pair<V>(b, e)));
    });
}

void each_exp(PairArray a, PairArray, std::size_t n, PairArray out) {
    double lanes[4][L] = {};
    for (std::size_t e = 0; e < n; e += L) {
        const std::size_t bytes = smaller(L, n - e) * sizeof(double);
        std::memcpy(lanes[0], a.high + e, bytes);
        std::memcpy(lanes[1], a.low + e, bytes);
        store_pair({lanes[2], lanes[3]}, 0, exp(Pair<Doubles>{load(lanes[0]), load(lanes[1])}));
        std::memcpy(out.high + e, lanes[2], bytes);
        std::memcpy(out.low + e, lanes[3], bytes);
    }
}

}  // namespace

extern const ExactKernels exact_kernels;
const ExactKernels exact_kernels{centre,  logits, residual, gather,         base,           sparse_logits, sparse_gather,
                                 finish,  row_sums, each_pair<Add>, each_pair<Multiply>, each_pair<Divide>, each_exp};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
