// Rows in chunks over the pool, chunks in tiles; the kernels of exact.cpp do the sums.

#include "exact_gradient.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "exact.hpp"
#include "level.hpp"
#include "reduce.hpp"

namespace multilogit {

namespace {

constexpr std::size_t tile_bytes = 1 << 20;    // of a tile's features and logits as pairs
constexpr std::size_t largest_tile = 256;      // rows
constexpr std::size_t chunk_work = 1 << 20;    // products and forty for an exponential: some tenths of a millisecond
constexpr std::size_t exponential_work = 40;

struct Release {
    void operator()(double* p) const { ::operator delete(p, std::align_val_t(64)); }
};

// Pairs on cache lines of their own; their contents are not initialised.
class Pairs {
public:
    Pairs() = default;
    explicit Pairs(std::size_t n) : padded((n + 7) / 8 * 8) {
        numbers.reset(static_cast<double*>(::operator new(2 * padded * sizeof(double), std::align_val_t(64))));
    }
    PairArray view() const { return {numbers.get(), numbers.get() + padded}; }

private:
    std::size_t padded = 0;
    std::unique_ptr<double, Release> numbers;
};

// How many rows are computed at once, and how many are summed before sums meet: powers of two.
struct Plan {
    std::size_t tile, ld, chunk;

    // `row_work` products a row; a chunk has `least` rows or more.
    Plan(std::size_t row_bytes, std::size_t row_work, std::size_t least) : tile(largest_tile) {
        while (tile > 16 && tile * row_bytes > tile_bytes) tile /= 2;
        ld = tile + exact_lanes;  // columns a power of two apart would share few lines of the cache
        chunk = tile;
        while (chunk < least || 2 * chunk * row_work <= chunk_work) chunk *= 2;
    }
};

// What one thread needs for a tile.
struct Scratch {
    Pairs A, Z, lanes;
    std::vector<double> Y, offset, labels, weight, value;
    std::vector<std::int64_t> start, column;
};

// out (D, ld) is the transpose of n rows of X, with zeros up to `rows`.
template <class T>
void transpose(const DenseView<T>& X, std::size_t first, std::size_t n, std::size_t D, std::size_t rows,
               std::size_t ld, double* out) {
    constexpr std::size_t stripe = 8;
    const T* from = X.first + static_cast<std::ptrdiff_t>(first) * X.row;
    for (std::size_t d = 0; d < D; d += stripe) {
        const std::size_t end = std::min(d + stripe, D);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = d; j < end; ++j)
                out[j * ld + i] = static_cast<double>(
                    from[static_cast<std::ptrdiff_t>(i) * X.row + static_cast<std::ptrdiff_t>(j) * X.column]);
        for (std::size_t j = d; j < end; ++j) std::fill(out + j * ld + n, out + j * ld + rows, 0.0);
    }
}

// n rows of X with wide indices and float64 values, and empty rows up to `rows`.
template <class T, class Index>
SparseTile copy_rows(const SparseView<T, Index>& X, const ExactProblem& q, std::size_t first, std::size_t n,
                     std::size_t rows, Scratch& scratch) {
    const Index* start = X.start + first;
    const Index origin = start[0];
    bool sorted = origin >= 0 && start[n] <= X.start[q.N];
    scratch.start.resize(rows + 1);
    for (std::size_t i = 0; i <= rows; ++i) {
        scratch.start[i] = static_cast<std::int64_t>(start[std::min(i, n)] - origin);
        sorted = sorted && (i == 0 || scratch.start[i] >= scratch.start[i - 1]);
    }
    if (!sorted) throw std::invalid_argument("indptr must not decrease");
    scratch.column.assign(X.column + origin, X.column + start[n]);
    scratch.value.assign(X.value + origin, X.value + start[n]);
    for (const std::int64_t d : scratch.column)
        if (d < 0 || d >= static_cast<std::int64_t>(q.D)) throw std::invalid_argument("a column index is out of range");
    return {rows, scratch.start.data(), scratch.column.data(), scratch.value.data()};
}

// One evaluation: the problem, its plan and the parameters (D + 1, K'), with zeros where there are no intercepts.
struct Evaluation {
    const ExactProblem& q;
    const ExactKernels& kernels;
    Plan plan;
    std::size_t M;
    std::vector<double> W;

    Evaluation(const ExactProblem& problem, Plan sizes)
        : q(problem), kernels(*level().exact), plan(sizes), M(problem.free_rows()), W((problem.D + 1) * M) {
        std::copy(q.theta, q.theta + (q.D + (q.fit_intercept ? 1 : 0)) * M, W.begin());
    }

    // From the logits of n rows to their residuals.
    PairArray residual(std::size_t first, std::size_t n, std::size_t rows, Scratch& scratch) const {
        const std::size_t ld = plan.ld;
        scratch.weight.resize(ld);
        for (std::size_t i = 0; i < rows; ++i)
            scratch.weight[i] = i < n ? q.weight[static_cast<std::ptrdiff_t>(first + i) * q.weight_step] : 0.0;
        if (q.labels) {
            scratch.labels.resize(ld);
            for (std::size_t i = 0; i < rows; ++i)
                scratch.labels[i] = i < n ? static_cast<double>(q.labels[first + i]) : 0.0;
        } else {
            scratch.Y.resize(q.K * ld);
            transpose(q.masses, first, n, q.K, rows, ld, scratch.Y.data());
        }
        if (q.offset.first) {
            scratch.offset.resize(q.K * ld);
            transpose(q.offset, first, n, q.K, rows, ld, scratch.offset.data());
        }
        const PairArray Z = scratch.Z.view();
        for (std::size_t k = 0; k + M < q.K; ++k)
            for (double* reference : {Z.high, Z.low}) std::fill(reference + k * ld, reference + k * ld + rows, 0.0);
        kernels.residual({rows, q.K, ld, Z, q.labels ? scratch.labels.data() : nullptr, scratch.Y.data(),
                          q.offset.first ? scratch.offset.data() : nullptr, scratch.weight.data(), q.scale, q.present});
        return Z + (q.K - M) * ld;
    }

    // Adds up tile(first row, rows of data, rows with padding, scratch, G) and fills `out`; `centre` (D,) is what of
    // the centring is left to do, or null.
    template <class Tile>
    bool sum(Tile tile, int n_threads, Interrupted interrupted, const double* centre, double* out) const {
        const std::size_t numbers = (q.D + 1) * M;
        std::vector<std::unique_ptr<Scratch>> scratches(static_cast<std::size_t>(std::max(n_threads, 1)));
        const auto produce = [&](std::size_t index, int worker, Pairs& part) {
            std::unique_ptr<Scratch>& scratch = scratches[static_cast<std::size_t>(worker)];
            if (!scratch) {
                scratch.reset(new Scratch);
                scratch->Z = Pairs(q.K * plan.ld);
            }
            const PairArray G = part.view();
            std::fill(G.high, G.high + numbers, 0.0);
            std::fill(G.low, G.low + numbers, 0.0);
            const std::size_t end = std::min((index + 1) * plan.chunk, q.N);
            for (std::size_t first = index * plan.chunk; first < end; first += plan.tile) {
                const std::size_t n = std::min(plan.tile, end - first);
                tile(first, n, (n + exact_lanes - 1) / exact_lanes * exact_lanes, *scratch, G);
            }
        };
        const auto merge = [&](Pairs& left, const Pairs& right) {
            kernels.add(left.view(), right.view(), numbers, left.view());
        };
        Pairs total(numbers);
        const std::size_t count = (q.N + plan.chunk - 1) / plan.chunk;
        if (count == 0) std::fill(total.view().high, total.view().low + numbers, 0.0);
        if (!reduce(count, n_threads, [&] { return Pairs(numbers); }, produce, merge, total, interrupted)) return false;
        const PairArray G = total.view();
        std::vector<double> strength(q.D);
        for (std::size_t d = 0; d < q.D; ++d) strength[d] = q.strength[static_cast<std::ptrdiff_t>(d) * q.strength_step];
        kernels.finish(G, centre, strength.data(), W.data(), q.D, M, out);
        if (q.fit_intercept) std::copy(G.high + q.D * M, G.high + numbers, out + q.D * M);
        return true;
    }
};

}  // namespace

template <class T>
bool exact_gradient(const DenseView<T>& X, const ExactProblem& q, int n_threads, Interrupted interrupted,
                    double* out) {
    const std::size_t row_bytes = (q.D + 1 + q.K) * 2 * sizeof(double);
    const Evaluation evaluation(q, Plan(row_bytes, q.K * (q.D + 1 + exponential_work), 0));
    const ExactKernels& kernels = evaluation.kernels;
    const std::size_t ld = evaluation.plan.ld, M = evaluation.M;
    const auto tile = [&](std::size_t first, std::size_t n, std::size_t rows, Scratch& scratch, PairArray G) {
        if (!scratch.A.view().high) {
            scratch.A = Pairs((q.D + 1) * ld);
            scratch.lanes = Pairs(exact_lanes * std::max(exact_panel, M));
            const PairArray ones = scratch.A.view() + q.D * ld;
            std::fill(ones.high, ones.high + ld, 1.0);
            std::fill(ones.low, ones.low + ld, 0.0);
        }
        const PairArray A = scratch.A.view();
        transpose(X, first, n, q.D, rows, ld, A.high);
        kernels.centre(A, rows, ld, q.centre, q.D);
        kernels.logits(A, rows, ld, evaluation.W.data(), q.D + 1, M, scratch.Z.view() + (q.K - M) * ld);
        const PairArray R = evaluation.residual(first, n, rows, scratch);
        kernels.gather(A, rows, ld, q.D + 1, R, M, G, scratch.lanes.view());
    };
    return evaluation.sum(tile, n_threads, interrupted, nullptr, out);
}

template <class T, class Index>
bool exact_gradient(const SparseView<T, Index>& X, const ExactProblem& q, int n_threads, Interrupted interrupted,
                    double* out) {
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(X.start[i]); };
    const std::size_t filled = q.N ? (at(q.N) - at(0)) / q.N + 1 : 1;
    // A chunk has a few nonzeros for each of the gradient's numbers, which are set to zero and merged.
    const Plan plan(q.K * 2 * sizeof(double), q.K * (filled + exponential_work), std::min(4 * q.D / filled, q.N));
    const Evaluation evaluation(q, plan);
    const ExactKernels& kernels = evaluation.kernels;
    const std::size_t ld = plan.ld, M = evaluation.M;
    const Pairs base(M);
    kernels.base(q.centre, evaluation.W.data(), q.D, M, base.view());
    const auto tile = [&](std::size_t first, std::size_t n, std::size_t rows, Scratch& scratch, PairArray G) {
        if (!scratch.lanes.view().high) scratch.lanes = Pairs(M);
        const SparseTile part = copy_rows(X, q, first, n, rows, scratch);
        kernels.sparse_logits(part, evaluation.W.data(), base.view(), M, scratch.Z.view() + (q.K - M) * ld, ld);
        const PairArray R = evaluation.residual(first, n, rows, scratch);
        kernels.sparse_gather(part, R, ld, q.D, M, G, scratch.lanes.view());
    };
    return evaluation.sum(tile, n_threads, interrupted, q.centre, out);
}

template bool exact_gradient(const DenseView<float>&, const ExactProblem&, int, Interrupted, double*);
template bool exact_gradient(const DenseView<double>&, const ExactProblem&, int, Interrupted, double*);
template bool exact_gradient(const SparseView<float, std::int32_t>&, const ExactProblem&, int, Interrupted, double*);
template bool exact_gradient(const SparseView<float, std::int64_t>&, const ExactProblem&, int, Interrupted, double*);
template bool exact_gradient(const SparseView<double, std::int32_t>&, const ExactProblem&, int, Interrupted, double*);
template bool exact_gradient(const SparseView<double, std::int64_t>&, const ExactProblem&, int, Interrupted, double*);

}  // namespace multilogit
