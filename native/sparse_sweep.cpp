#include "sparse_sweep.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "reduce.hpp"
#include "sums.hpp"
#include "worker.hpp"

namespace multilogit {
namespace {

constexpr std::size_t block_bytes = std::size_t(4) << 20;  // the residuals of a block of rows
constexpr std::size_t task_work = std::size_t(1) << 23;    // multiply-adds of a segment or a block: some milliseconds
constexpr std::size_t small_gradient = std::size_t(1) << 16;  // numbers: half a megabyte stays in a core's cache
constexpr std::size_t merge_share = 10;     // nonzeros per column of a segment that make its merging cheap
constexpr std::size_t fewest_segments = 8;  // so that many threads have work
constexpr std::size_t most_segments = 256;
constexpr std::size_t small_work = std::size_t(1) << 17;  // multiply-adds that are worth a thread

// The numbers of a row of n, padded to what the kernels take.
std::size_t padded(std::size_t n) { return n <= 2 ? n : n <= 4 ? 4 : (n + 7) / 8 * 8; }

// How rows and sums are cut, from the shape of the problem alone: the same for any number of threads.
struct Plan {
    Cut cut;
    std::size_t width, step;  // numbers a row of parameters and of a block
    bool merged;                       // each segment of rows has a gradient of its own
    std::size_t block;                 // rows

    Plan(const SparseRows& X, const Stack& stack, std::size_t parts) {
        const std::size_t N = std::max<std::size_t>(X.rows(), 1), D = std::max<std::size_t>(X.columns(), 1);
        width = padded(stack.columns());
        step = width * parts;
        if (step > 8) step = (step + 7) / 8 * 8;
        cut.rows = 256;
        while (cut.rows > chunk_lanes && cut.rows * 2 * stack.R * stack.K > (std::size_t(1) << 17)) cut.rows /= 2;
        cut.rows = std::min(cut.rows, (N + chunk_lanes - 1) / chunk_lanes * chunk_lanes);
        cut.stride = 0;
        cut.ld = cut.rows + 8;
        cut.wide = false;
        const std::size_t segments = std::min(X.nonzeros() / (merge_share * D), most_segments);
        const std::size_t affordable = std::max<std::size_t>(task_work / ((X.nonzeros() / N + 1) * step), 1);
        merged = D * width <= small_gradient && segments >= fewest_segments;
        cut.segment = merged ? in_chunks(std::min(N / segments + 1, affordable)) : cut.rows;
        block = merged ? N : in_chunks(std::min(block_bytes / 8 / step, affordable));
    }

    std::size_t in_chunks(std::size_t rows) const { return std::max<std::size_t>(rows / cut.rows, 1) * cut.rows; }
};

int affordable_threads(const SparseRows& X, const Stack& stack, int n_threads) {
    const std::size_t work = X.nonzeros() * stack.columns() + 8 * X.rows() * stack.R * stack.K;
    return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(n_threads), 1 + work / small_work));
}

// Calls task(first, last) for pieces of [0, D).
template <typename Task>
bool over_columns(std::size_t D, int n_threads, Interrupted interrupted, const Task& task) {
    constexpr std::size_t piece = 4096;
    return parallel_for(
        (D + piece - 1) / piece, n_threads,
        [&](std::size_t index, int) { task(index * piece, std::min((index + 1) * piece, D)); }, interrupted);
}

// Columns of one or two thetas (D', M) side by side, `width` numbers each, and their intercepts less c'W.
class PaddedWeights {
  public:
    PaddedWeights(Growing& memory, std::size_t D, std::size_t width, std::size_t count)
        : W(memory.at_least(D * width * count)), b(width * count), width_(width), step_(width * count) {
        std::fill_n(b.get(), step_, 0.0);
    }

    bool take(const SparseRows& X, const Stack& stack, const double* theta, std::size_t which, int n_threads,
              Interrupted interrupted) {
        const std::size_t D = X.columns(), M = stack.columns();
        double* to = W + which * width_;
        const bool finished = over_columns(D, n_threads, interrupted, [&](std::size_t first, std::size_t last) {
            for (std::size_t d = first; d < last; ++d) {
                std::copy_n(theta + d * M, M, to + d * step_);
                std::fill(to + d * step_ + M, to + d * step_ + width_, 0.0);
            }
        });
        double* free = b.get() + which * width_;
        if (stack.intercept) std::copy_n(theta + D * M, M, free);
        for (std::size_t d = 0; d < D && X.rest(); ++d)
            for (std::size_t j = 0; j < M && X.rest()[d] != 0; ++j) free[j] -= X.rest()[d] * theta[d * M + j];
        return finished;
    }

    double* const W;
    const Buffer<double> b;

  private:
    const std::size_t width_, step_;
};

// What is gathered from the rows of a block, from number `offset` of each on: G (D, width).
struct Gathered {
    std::size_t offset;
    bool squares;
    double* G;         // of all rows, where segments do not have their own
    std::size_t part;  // where a segment's own begins in its sums
};

using Gathers = std::vector<Gathered>;

bool gather_block(const SparseRows& X, const Plan& plan, const double* block, std::size_t begin, std::size_t end,
                  const Gathers& gathers, int n_threads, Interrupted interrupted) {
    const std::size_t count = static_cast<std::size_t>(n_threads);
    const std::vector<std::size_t> bounds = X.ranges(count);
    const auto task = [&](std::size_t index, int) {
        const Gathered& each = gathers[index / count];
        const std::size_t low = bounds[index % count], high = bounds[index % count + 1];
        if (begin == 0) std::fill(each.G + low * plan.width, each.G + high * plan.width, 0.0);
        X.gather(begin, end, low, high, block + each.offset, plan.step, each.G, plan.width, each.squares);
    };
    return parallel_for(gathers.size() * count, n_threads, task, interrupted);
}

// out (D, M) = A'R from X'R and 1'R.
bool write_gathered(const SparseRows& X, const Plan& plan, const Gathered& gathered, std::size_t M, const Part& total,
                    const double* sums, double* out, int n_threads, Interrupted interrupted) {
    const double* G = plan.merged ? total.sums.data() + gathered.part : gathered.G;
    return over_columns(X.columns(), n_threads, interrupted, [&](std::size_t first, std::size_t last) {
        for (std::size_t d = first; d < last; ++d) {
            const double rest = X.rest() ? X.rest()[d] : 0.0, factor = gathered.squares ? rest * rest : -rest;
            for (std::size_t j = 0; j < M; ++j) {
                const double sum = G[d * plan.width + j];
                const double whole = rest != 0 ? sum + factor * sums[j] : sum;
                out[d * M + j] = gathered.squares ? std::max(whole, 0.0) : whole;
            }
        }
    });
}

// One chunk between the layouts: rows of numbers for the products, columns for residuals.
class Chunk {
  public:
    Chunk(const Plan& plan, const Stack& stack, double* rows, std::size_t n)
        : plan_(plan), stack_(stack), rows_(rows), n_(n) {}

    // Columns of logits, zeros on the padding and above for the class of reference.
    void to_columns(std::size_t offset, double* columns) const {
        const std::size_t ld = plan_.cut.ld, padding = plan_.cut.rows - n_;
        for (std::size_t r = 0; r < stack_.R; ++r) {
            double* first = columns + r * stack_.K * ld;
            if (stack_.reference()) std::fill_n(first, plan_.cut.rows, 0.0);
            first += stack_.reference() * ld;
            level().sparse->transpose(rows_ + offset + r * stack_.free, plan_.step, n_, stack_.free, first, ld);
            for (std::size_t k = 0; k < stack_.free && padding; ++k) std::fill_n(first + k * ld + n_, padding, 0.0);
        }
    }

    // The free columns as rows again; adds the sum of each to `sums`.
    void to_rows(const double* columns, std::size_t offset, double* sums) const {
        const std::size_t ld = plan_.cut.ld;
        for (std::size_t r = 0; r < stack_.R; ++r) {
            const double* first = columns + (r * stack_.K + stack_.reference()) * ld;
            level().sparse->transpose(first, ld, stack_.free, n_, rows_ + offset + r * stack_.free, plan_.step);
            for (std::size_t k = 0; k < stack_.free; ++k) sums[r * stack_.free + k] += sum_of(first + k * ld);
        }
    }

  private:
    double sum_of(const double* column) const {
        double sums[chunk_lanes] = {};
        for (std::size_t i = 0; i < plan_.cut.rows; i += chunk_lanes)
            for (std::size_t l = 0; l < chunk_lanes; ++l) sums[l] += column[i + l];
        for (std::size_t half = chunk_lanes / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
        return sums[0];
    }

    const Plan& plan_;
    const Stack& stack_;
    double* rows_;
    std::size_t n_;
};

// Asks `interrupted` between the blocks, every 20 ms: the pool asks within a job only, and those of a block are short.
class Question {
  public:
    explicit Question(Interrupted interrupted) : interrupted_(interrupted), asked_(Clock::now()) {}

    bool answered() {
        if (!interrupted_ || Clock::now() - asked_ < std::chrono::milliseconds(20)) return false;
        asked_ = Clock::now();
        return interrupted_();
    }

  private:
    using Clock = std::chrono::steady_clock;
    const Interrupted interrupted_;
    Clock::time_point asked_;
};

// Calls body(worker, chunk, part) for every chunk of rows with its logits, and gathers afterwards.
template <typename Body>
class Sweep {
  public:
    Sweep(const SparseRows& X, const Data& targets, const Stack& stack, const Plan& plan, const PaddedWeights& weights,
          unsigned want, bool tangents, std::size_t size, const Gathers& gathers, double* block, const Body& body)
        : X_(X), targets_(targets), stack_(stack), plan_(plan), weights_(weights), want_(want), tangents_(tangents),
          size_(size), gathers_(gathers), block_(block), body_(body) {}

    bool run(int n_threads, Part& total, Interrupted interrupted) {
        const auto merge = [](Part& left, const Part& right) { left.add(right); };
        workers_.resize(static_cast<std::size_t>(n_threads));
        total.clear(size_, stack_.R);
        Question question(interrupted);
        for (std::size_t begin = 0; begin < X_.rows(); begin += plan_.block) {
            const std::size_t end = std::min(begin + plan_.block, X_.rows());
            const auto produce = [&](std::size_t index, int thread, Part& part) {
                part.clear(size_, stack_.R);
                const std::size_t first = begin + index * plan_.cut.segment;
                segment(first, std::min(first + plan_.cut.segment, end), begin, thread, part);
            };
            Part sums;
            const std::size_t count = (end - begin + plan_.cut.segment - 1) / plan_.cut.segment;
            if (!reduce(count, n_threads, [] { return Part(); }, produce, merge, sums, interrupted)) return false;
            total.add(sums);
            if (plan_.merged || gathers_.empty()) continue;
            if (!gather_block(X_, plan_, block_, begin, end, gathers_, n_threads, interrupted)) return false;
            if (question.answered()) return false;
        }
        return true;
    }

  private:
    struct Place {
        Worker<double> worker;
        Buffer<double> rows;
    };

    void segment(std::size_t first, std::size_t last, std::size_t begin, int thread, Part& part) {
        std::unique_ptr<Place>& place = workers_[static_cast<std::size_t>(thread)];
        if (!place) place = make_place();
        for (std::size_t start = first; start < last; start += plan_.cut.rows) {
            const std::size_t n = std::min(plan_.cut.rows, last - start);
            double* rows = plan_.merged ? place->rows.get() : block_ + (start - begin) * plan_.step;
            X_.multiply(start, start + n, weights_.W, plan_.width * (tangents_ ? 2 : 1), weights_.b.get(), rows,
                        plan_.step);
            place->worker.open(start, n, X_.rows());
            body_(place->worker, Chunk(plan_, stack_, rows, n), part);
            for (const Gathered& each : gathers_)
                if (plan_.merged)
                    X_.gather(start, start + n, 0, X_.columns(), rows + each.offset, plan_.step,
                              part.sums.data() + each.part, plan_.width, each.squares);
        }
    }

    std::unique_ptr<Place> make_place() const {
        const std::size_t size = plan_.merged ? plan_.cut.rows * plan_.step : 0;
        auto place = std::unique_ptr<Place>(
            new Place{Worker<double>(targets_, stack_, plan_.cut, want_, tangents_), Buffer<double>(size)});
        std::fill_n(place->rows.get(), size, 0.0);
        return place;
    }

    const SparseRows& X_;
    const Data& targets_;
    const Stack& stack_;
    const Plan& plan_;
    const PaddedWeights& weights_;
    const unsigned want_;
    const bool tangents_;
    const std::size_t size_;
    const Gathers& gathers_;
    double* const block_;
    const Body& body_;
    std::vector<std::unique_ptr<Place>> workers_;
};

// The residuals of a block, zeros at first; none where segments gather for themselves.
double* block_of(const SparseRows& X, const Plan& plan, Growing& memory) {
    const std::size_t size = plan.merged ? 0 : std::min(plan.block, X.rows()) * plan.step;
    double* block = memory.at_least(size);
    std::fill_n(block, size, 0.0);
    return block;
}

}  // namespace

bool evaluate(const SparseRows& X, const Data& targets, const Stack& stack, const double* theta, unsigned want,
              int n_threads, const Outputs& out, Interrupted interrupted) {
    const std::size_t D = X.columns(), M = stack.columns();
    const Plan plan(X, stack, want & want_diagonal ? 2 : 1);  // residuals, and curvatures beside them
    const SumsLayout at(targets, stack, want, 0);
    n_threads = affordable_threads(X, stack, n_threads);
    const auto scratch = X.scratch().take();
    PaddedWeights weights(scratch->weights, D, plan.width, 1);
    if (!weights.take(X, stack, theta, 0, n_threads, interrupted)) return false;
    Gathers gathers;
    std::size_t size = at.size;
    const auto want_gathered = [&](std::size_t offset, bool squares, Growing& memory) {
        gathers.push_back({offset, squares, plan.merged ? nullptr : memory.at_least(D * plan.width), size});
        if (plan.merged) size += D * plan.width;
    };
    if (out.gradient) want_gathered(0, false, scratch->gradient);
    if (out.diagonal) want_gathered(plan.width, true, scratch->squares);
    const auto body = [&](Worker<double>& worker, const Chunk& chunk, Part& part) {
        double* sums = part.sums.data();
        chunk.to_columns(0, worker.Z.get());
        add_chunk(worker, stack, want & ~(want_gradient | want_diagonal), at, part);
        if (out.gradient) chunk.to_rows(worker.Z.get(), 0, sums + at.gradient_intercept);
        if (!out.diagonal) return;
        for (std::size_t column = 0; column < stack.R * stack.K; ++column) {
            const Problem<double> problem = worker.problem(column / stack.K);
            level().chunk_double.own_curvature(problem, column % stack.K, worker.Z.get() + column * plan.cut.ld);
        }
        chunk.to_rows(worker.Z.get(), plan.width, sums + at.diagonal_corner);
    };
    Part total;
    double* block = block_of(X, plan, scratch->block);
    Sweep sweep(X, targets, stack, plan, weights, want, false, size, gathers, block, body);
    if (!sweep.run(n_threads, total, interrupted)) return false;
    Outputs small = out;  // those of rows without a column: the intercepts'
    if (out.gradient) small.gradient += D * M;
    if (out.diagonal) small.diagonal += D * M;
    write(targets, stack, at, total, small);
    for (const Gathered& each : gathers) {
        const double* sums = total.sums.data() + (each.squares ? at.diagonal_corner : at.gradient_intercept);
        double* to = each.squares ? out.diagonal : out.gradient;
        if (!write_gathered(X, plan, each, M, total, sums, to, n_threads, interrupted)) return false;
    }
    return true;
}

bool product(const SparseRows& X, const Data& targets, const Stack& stack, const double* theta, const double* V,
             int n_threads, double* out, Interrupted interrupted) {
    const std::size_t D = X.columns(), M = stack.columns();
    const Plan plan(X, stack, 2);
    const SumsLayout at(targets, stack, want_gradient, 0);
    n_threads = affordable_threads(X, stack, n_threads);
    const auto scratch = X.scratch().take();
    PaddedWeights weights(scratch->weights, D, plan.width, 2);
    if (!weights.take(X, stack, theta, 0, n_threads, interrupted)) return false;
    if (!weights.take(X, stack, V, 1, n_threads, interrupted)) return false;
    const std::size_t size = at.size + (plan.merged ? D * plan.width : 0);
    double* G = plan.merged ? nullptr : scratch->gradient.at_least(D * plan.width);
    const Gathers gathers{{plan.width, false, G, at.size}};
    const auto body = [&](Worker<double>& worker, const Chunk& chunk, Part& part) {
        double* sums = part.sums.data();
        chunk.to_columns(0, worker.Z.get());
        chunk.to_columns(plan.width, worker.U.get());
        worker.add_offset();
        for (std::size_t r = 0; r < stack.R; ++r) {
            const Problem<double> problem = worker.problem(r);
            level().chunk_double.residual(problem, {sums + at.value + r, nullptr, nullptr}, worker.lanes.get());
            level().chunk_double.tangent(problem, worker.U.get() + r * stack.K * plan.cut.ld);
        }
        chunk.to_rows(worker.U.get(), plan.width, sums + at.gradient_intercept);
    };
    Part total;
    double* block = block_of(X, plan, scratch->block);
    Sweep sweep(X, targets, stack, plan, weights, 0, true, size, gathers, block, body);
    if (!sweep.run(n_threads, total, interrupted)) return false;
    const double* sums = total.sums.data() + at.gradient_intercept;
    if (stack.intercept) std::copy_n(sums, M, out + D * M);
    return write_gathered(X, plan, gathers[0], M, total, sums, out, n_threads, interrupted);
}

}  // namespace multilogit
