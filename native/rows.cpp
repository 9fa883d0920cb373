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

// The maximum, and NaN where there is no softmax: -inf throughout, or inf twice.
template <typename Layout>
MULTILOGIT_INLINE Doubles checked(Doubles top, const double* Z, std::size_t n) {
    if (all(top - top == 0)) return top;
    Doubles number{};
    for (std::size_t j = 0; j < n; ++j) number += load(Z + j * lanes) == infinity ? Doubles{} + 1.0 : Doubles{};
    return top == -infinity || Layout::sum(number) > 1 ? Doubles{} + __builtin_nan("") : top;
}

// A group of rows on its way to a result, in four steps, begin, add, finish and emit: the steps of neighbouring groups
// overlap in the processor.
template <typename Layout, typename Real>
struct Group {
    using Number = typename NumberOf<Real>::type;

    const Real* next;   // what a step of its own will read next
    Real* out;          // what this one will write
    double *Z, *spare;  // the logits as vectors, and twice that room
    std::size_t K, n;   // classes, vectors
    typename Number::Origin from;
    typename Number::Sum sum;

    // The maximum of each row.
    MULTILOGIT_INLINE Doubles fill(const Real* z, std::size_t classes, double* scratch) {
        K = classes;
        n = Layout::vectors(K);
        Z = scratch;
        spare = scratch + n * lanes;
        return Layout::fill(z, K, Z);
    }

    // Sums the exponentials of the logits in `from_here`, and keeps them in `spare`; meanwhile memory is fetched.
    template <bool regular, bool keep, bool write>
    MULTILOGIT_INLINE void add_exponentials(const double* from_here) {
        constexpr std::size_t width = sizeof(Number) / sizeof(double);
        sum = {};
        for (std::size_t first = 0; first < n; first += block / lanes) {
            const std::size_t end = first + block / lanes < n ? first + block / lanes : n;
            typename Number::Sum part{};
            for (std::size_t j = first; j < end; ++j) {
                __builtin_prefetch(next + j * lanes);
                if constexpr (write) __builtin_prefetch(out + j * lanes, 1);
                const Number e = Number::template exp<regular>(load(from_here + j * lanes), from);
                part.add(e);
                if constexpr (keep) e.store(spare + j * width);
            }
            sum.template add_block<Layout>(part);
        }
    }
    template <bool keep, bool write>
    MULTILOGIT_INLINE void add_all(const double* from_here) {
        if (from.regular) add_exponentials<true, keep, write>(from_here);
        else add_exponentials<false, keep, write>(from_here);
    }
};

template <typename Layout, typename Real>
struct Softmax : Group<Layout, Real> {
    using typename Group<Layout, Real>::Number;
    typename Number::Quotient quotient;

    MULTILOGIT_INLINE void begin(const Real* z, std::size_t K, double* scratch) {
        const Doubles largest = this->fill(z, K, scratch);
        const Doubles top = checked<Layout>(largest, this->Z, this->n);
        this->from = Number::origin(top, top);
    }
    MULTILOGIT_INLINE void add() { this->template add_all<true, true>(this->Z); }
    MULTILOGIT_INLINE void finish() { quotient = Number::quotient(this->sum); }
    MULTILOGIT_INLINE void emit() const {
        Layout::emit(this->out, this->K, [this](std::size_t j) __attribute__((always_inline)) {
            return quotient(Number::load(this->spare + j * (sizeof(Number) / sizeof(double))));
        });
    }
};

// The classes that have the maximum are left out of the sum, of which each of them is 1.
template <typename Layout, typename Real>
struct LogSoftmax : Group<Layout, Real> {
    using typename Group<Layout, Real>::Number;
    Doubles top, number, log_total;

    MULTILOGIT_INLINE void begin(const Real* z, std::size_t K, double* scratch) {
        const Doubles largest = this->fill(z, K, scratch);
        top = checked<Layout>(largest, this->Z, this->n);
        number = Doubles{};
        Doubles peak = Doubles{} - infinity;
        for (std::size_t j = 0; j < this->n; ++j) {
            const Doubles value = load(this->Z + j * lanes);
            const Doubles other = value == top ? Doubles{} - infinity : value;
            number += value == top ? Doubles{} + 1.0 : Doubles{};
            peak = maximum<double>(other, peak);
            store(this->spare + j * lanes, other);
        }
        this->from = Number::origin(top, Layout::maximum_of(peak));
    }
    MULTILOGIT_INLINE void add() { this->template add_all<false, true>(this->spare); }
    MULTILOGIT_INLINE void finish() {
        log_total = log1p<double>(Number::relative_to(top, this->sum, this->from) + (Layout::sum(number) - 1.0));
    }
    MULTILOGIT_INLINE void emit() const {
        Layout::emit(this->out, this->K, [this](std::size_t j) __attribute__((always_inline)) {
            return Number::log_probability(load(this->Z + j * lanes), top, log_total);
        });
    }
};

template <typename Layout, typename Real>
struct LogSumExp : Group<Layout, Real> {
    using typename Group<Layout, Real>::Number;
    Doubles value;

    MULTILOGIT_INLINE void begin(const Real* z, std::size_t K, double* scratch) {
        const Doubles top = this->fill(z, K, scratch);
        this->from = Number::origin(Number::moderate_shift(top), top);
    }
    MULTILOGIT_INLINE void add() { this->template add_all<false, false>(this->Z); }
    MULTILOGIT_INLINE void finish() { value = Number::log_sum(this->sum, this->from); }
    MULTILOGIT_INLINE void emit() const { Layout::emit_value(this->out, value); }
};

constexpr std::size_t most_groups = 8;

template <typename Operation, typename Real>
void run(const Real* z, std::size_t K, Real* out, std::size_t groups, std::size_t rows, std::size_t width,
         double* scratch) {
    Operation group[most_groups];
    const std::size_t room = 3 * lanes * K;
    for (std::size_t g = 0; g < groups; ++g) {
        group[g].next = z + (groups + g) * rows * K;
        group[g].out = out + g * rows * width;
        group[g].begin(z + g * rows * K, K, scratch + g * room);
    }
    for (std::size_t g = 0; g < groups; ++g) group[g].add();
    for (std::size_t g = 0; g < groups; ++g) group[g].finish();
    for (std::size_t g = 0; g < groups; ++g) group[g].emit();
}

// Each row, or several tiles of rows at once; the last rows, beyond which nothing may be read or written, as a copy.
template <template <typename, typename> class Operation, typename Real>
void each_row(const Real* z, std::size_t N, std::size_t K, Real* out, std::size_t width, double* scratch) {
    if (K > most_across) {
        for (std::size_t i = 0; i < N; ++i)
            run<Operation<AlongRow, Real>>(z + i * K, K, out + i * width, 1, 1, width, scratch);
        return;
    }
    using Tile = Operation<AcrossRows, Real>;
    const std::size_t tiles = K * most_groups <= block ? most_groups : 1;
    std::size_t i = 0;
    for (std::size_t at_once = tiles; at_once > 0; at_once /= most_groups)
        for (; (N - i) * K >= lanes * (at_once * K + 1); i += at_once * lanes)
            run<Tile>(z + i * K, K, out + i * width, at_once, lanes, width, scratch);
    for (; i < N; i += lanes) {
        const std::size_t rows = N - i < lanes ? N - i : lanes;
        Real in[lanes * (most_across + 1)], result[lanes * (most_across + 1)];
        std::memset(in, 0, lanes * (K + 1) * sizeof(Real));
        std::memcpy(in, z + i * K, rows * K * sizeof(Real));
        run<Tile>(in, K, result, 1, lanes, width, scratch);
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
