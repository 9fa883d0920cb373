// Softmax, log-softmax and logsumexp of rows, for one level; src/multilogit/_kernels/reference.py has the formulas.
//
// Compiled without contraction to fused multiply-add, so that every level gives the same bits.

#include "rows.hpp"

#include "row_exponentials.hpp"
#include "row_layouts.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

constexpr std::size_t most_across = block;  // classes up to which a lane is a row

template <typename Real>
struct NumberOf {
    using type = Paired;
};
template <>
struct NumberOf<float> {
    using type = Plain;
};

// The sum of the exponentials of a group of rows, which are kept on demand; `next` is read soon after.
template <typename Layout, typename Number, bool regular, bool keep>
MULTILOGIT_INLINE typename Number::Sum sum_of_exponentials(const double* Z, std::size_t n,
                                                           const typename Number::Origin& from, double* kept,
                                                           const void* next) {
    constexpr std::size_t width = sizeof(Number) / sizeof(double);
    typename Number::Sum total;
    for (std::size_t first = 0; first < n; first += block / lanes) {
        const std::size_t end = first + block / lanes < n ? first + block / lanes : n;
        typename Number::Sum part;
        for (std::size_t j = first; j < end; ++j) {
            Layout::prefetch(next, j);
            const Number e = Number::template exp<regular>(load(Z + j * lanes), from);
            part.add(e);
            if constexpr (keep) e.store(kept + j * width);
        }
        total.template add_block<Layout>(part);
    }
    return total;
}

template <typename Layout, typename Number, bool keep>
MULTILOGIT_INLINE typename Number::Sum exponentials(const double* Z, std::size_t n,
                                                    const typename Number::Origin& from, double* kept,
                                                    const void* next) {
    return from.regular ? sum_of_exponentials<Layout, Number, true, keep>(Z, n, from, kept, next)
                        : sum_of_exponentials<Layout, Number, false, keep>(Z, n, from, kept, next);
}

// The maximum, and NaN where there is no softmax: -inf throughout, or inf twice.
template <typename Layout>
MULTILOGIT_INLINE Doubles checked(Doubles top, const double* Z, std::size_t n) {
    if (all(top - top == 0)) return top;
    Doubles number{};
    for (std::size_t j = 0; j < n; ++j) number += load(Z + j * lanes) == infinity ? Doubles{} + 1.0 : Doubles{};
    return top == -infinity || Layout::sum(number) > 1 ? Doubles{} + __builtin_nan("") : top;
}

struct Softmax {
    template <typename Layout, typename Real>
    static MULTILOGIT_INLINE void apply(const Real* z, std::size_t K, Real* p, double* scratch) {
        using Number = typename NumberOf<Real>::type;
        const std::size_t n = Layout::vectors(K);
        double* const kept = scratch + n * lanes;
        const Doubles top = checked<Layout>(Layout::fill(z, K, scratch), scratch, n);
        const auto sum = exponentials<Layout, Number, true>(scratch, n, Number::origin(top, top), kept, z + K);
        const typename Number::Quotient quotient(sum);
        Layout::emit(p, K, [&](std::size_t j) __attribute__((always_inline)) {
            return quotient(Number::load(kept + j * (sizeof(Number) / sizeof(double))));
        });
    }
};

// The classes that have the maximum are left out of the sum, of which each of them is 1.
struct LogSoftmax {
    template <typename Layout, typename Real>
    static MULTILOGIT_INLINE void apply(const Real* z, std::size_t K, Real* log_p, double* scratch) {
        using Number = typename NumberOf<Real>::type;
        const std::size_t n = Layout::vectors(K);
        double* const others = scratch + n * lanes;
        const Doubles top = checked<Layout>(Layout::fill(z, K, scratch), scratch, n);
        Doubles peak = Doubles{} - infinity, number{};
        for (std::size_t j = 0; j < n; ++j) {
            const Doubles value = load(scratch + j * lanes);
            const Doubles other = value == top ? Doubles{} - infinity : value;
            number += value == top ? Doubles{} + 1.0 : Doubles{};
            peak = maximum<double>(other, peak);
            store(others + j * lanes, other);
        }
        const auto from = Number::origin(top, Layout::maximum_of(peak));
        const auto sum = exponentials<Layout, Number, false>(others, n, from, nullptr, z + K);
        const Doubles u = Number::relative_to(top, sum, from) + (Layout::sum(number) - 1.0);
        const Doubles log_total = log1p<double>(u);
        Layout::emit(log_p, K, [&](std::size_t j) __attribute__((always_inline)) {
            return Number::log_probability(load(scratch + j * lanes), top, log_total);
        });
    }
};

struct LogSumExp {
    template <typename Layout, typename Real>
    static MULTILOGIT_INLINE void apply(const Real* z, std::size_t K, Real* value, double* scratch) {
        using Number = typename NumberOf<Real>::type;
        const std::size_t n = Layout::vectors(K);
        const Doubles top = Layout::fill(z, K, scratch);
        const auto from = Number::origin(Number::moderate_shift(top), top);
        const auto sum = exponentials<Layout, Number, false>(scratch, n, from, nullptr, z + K);
        Layout::emit_value(value, Number::log_sum(sum, from));
    }
};

// Each row, or tile of rows; the last tiles, beyond which nothing may be read or written, through a copy.
template <typename Operation, typename Real>
void each_row(const Real* z, std::size_t N, std::size_t K, Real* out, std::size_t width, double* scratch) {
    if (K > most_across) {
        for (std::size_t i = 0; i < N; ++i)
            Operation::template apply<AlongRow>(z + i * K, K, out + i * width, scratch);
        return;
    }
    for (std::size_t i = 0; i < N; i += lanes) {
        if ((N - i) * K >= lanes * (K + 1)) {
            Operation::template apply<AcrossRows>(z + i * K, K, out + i * width, scratch);
            continue;
        }
        const std::size_t rows = N - i < lanes ? N - i : lanes;
        Real in[lanes * (most_across + 1)], result[lanes * (most_across + 1)];
        std::memset(in, 0, lanes * (K + 1) * sizeof(Real));
        std::memcpy(in, z + i * K, rows * K * sizeof(Real));
        Operation::template apply<AcrossRows>(in, K, result, scratch);
        std::memcpy(out + i * width, result, rows * width * sizeof(Real));
    }
}

}  // namespace

template <typename Real>
void softmax_rows(const Real* z, std::size_t N, std::size_t K, Real* p, double* scratch) {
    each_row<Softmax>(z, N, K, p, K, scratch);
}

template <typename Real>
void log_softmax_rows(const Real* z, std::size_t N, std::size_t K, Real* log_p, double* scratch) {
    each_row<LogSoftmax>(z, N, K, log_p, K, scratch);
}

template <typename Real>
void logsumexp_rows(const Real* z, std::size_t N, std::size_t K, Real* value, double* scratch) {
    each_row<LogSumExp>(z, N, K, value, 1, scratch);
}

#define MULTILOGIT_ROWS(Real)                                                                         \
    template void softmax_rows<Real>(const Real*, std::size_t, std::size_t, Real*, double*);          \
    template void log_softmax_rows<Real>(const Real*, std::size_t, std::size_t, Real*, double*);      \
    template void logsumexp_rows<Real>(const Real*, std::size_t, std::size_t, Real*, double*);
MULTILOGIT_ROWS(float)
MULTILOGIT_ROWS(double)

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
