#include "sweep.hpp"

#include <memory>

#include "reduce.hpp"
#include "sums.hpp"
#include "worker.hpp"

namespace multilogit {
namespace {

// Adds what needs the probabilities of problem r: class curvature, Gram matrix, Hessian.
template <typename Real>
void add_curvature(Worker<Real>& worker, const Problem<Real>& problem, const Stack& stack, unsigned want,
                   const SumsLayout& at, std::size_t r, double* sums) {
    const ChunkKernels<Real>& kernels = chunk_kernels<Real>();
    const std::size_t K = stack.K, square = at.stride * worker.square_rows();
    if (want & want_gram) {
        const Real divisor = stack.free == 1 ? Real(2) : static_cast<Real>(K - 1);
        sums[at.gram_corner + r] += kernels.mean_curvature(problem, divisor, worker.s.get());
        worker.sandwich(sums + at.gram + r * square);
    }
    for (std::size_t j = 0; j < stack.free && (want & want_diagonal); ++j) {
        const std::size_t column = r * stack.free + j;
        sums[at.diagonal_corner + column] += kernels.own_curvature(problem, stack.reference() + j, worker.s.get());
        worker.squares(sums + at.diagonal + column * at.stride);
    }
    // Many classes: BLAS takes sum_i c_i m_i p_ij p_ik, and what it makes of j >= k nobody reads.
    const bool products = (want & want_class_curvature) && worker.multiplies_classes();
    if (products) worker.class_products(problem, sums + at.curvature + r * K * K);
    if (products) want &= ~unsigned(want_class_curvature);
    std::size_t pair = r * at.pairs;
    for (std::size_t j = 0; j < K && (want & (want_hessian | want_class_curvature)); ++j) {
        for (std::size_t k = j + 1; k < K; ++k, ++pair) {
            const double sum = kernels.pair_curvature(problem, j, k, worker.s.get());
            if (want & want_class_curvature) sums[at.curvature + (r * K + j) * K + k] += sum;
            if (!(want & want_hessian)) continue;
            worker.sandwich(sums + at.hessian + pair * square);
            sums[at.hessian_corner + pair] += sum;
        }
    }
}

}  // namespace

template <typename Real>
void add_chunk(Worker<Real>& worker, const Stack& stack, unsigned want, const SumsLayout& at, Part& part) {
    const ChunkKernels<Real>& kernels = chunk_kernels<Real>();
    const std::size_t K = stack.K;
    double* sums = part.sums.data();
    for (std::size_t r = 0; r < stack.R && (want & want_margin); ++r)
        part.margins[r] = kernels.margin(worker.problem(r), part.margins[r]);
    worker.add_offset();
    for (std::size_t r = 0; r < stack.R; ++r) {
        const Problem<Real> problem = worker.problem(r);
        const bool classes = want & want_class_sums;
        kernels.residual(problem,
                         {sums + at.value + r, classes ? sums + at.probability + r * K : nullptr,
                          classes ? sums + at.log_probability + r * K : nullptr},
                         worker.lanes.get());
        add_curvature(worker, problem, stack, want, at, r, sums);
    }
    if (want & want_gradient) worker.gather(worker.Z.get(), sums + at.gradient, sums + at.gradient_intercept);
}

template void add_chunk(Worker<float>&, const Stack&, unsigned, const SumsLayout&, Part&);
template void add_chunk(Worker<double>&, const Stack&, unsigned, const SumsLayout&, Part&);

namespace {

// How many threads are worth their waking, a few microseconds: one for about every 50 microseconds of work.
int worth(const Data& data, const Stack& stack, const Cut& cut, unsigned want, int n_threads) {
    const std::size_t pairs = want & want_hessian ? stack.K * (stack.K - 1) / 2 : want & want_gram ? 1 : 0;
    const std::size_t row = cut.stride * (4 * stack.columns() + pairs * data.D) + 100 * stack.R * stack.K;
    const std::size_t most = 1 + data.N * row / 1500000;
    return static_cast<int>(std::min<std::size_t>(most, static_cast<std::size_t>(n_threads)));
}

// One for each thread, made when it has its first segment.
template <typename Real>
using Workers = std::vector<std::unique_ptr<Worker<Real>>>;

// Calls body(worker, part) for every chunk of every segment and merges the parts of the segments.
template <typename Real, typename Body>
bool sweep(const Data& data, const Stack& stack, const Cut& cut, unsigned want, bool tangents, std::size_t size,
           int most_threads, Workers<Real>& workers, Part& total, Interrupted interrupted, const Body& body) {
    const int n_threads = worth(data, stack, cut, want, most_threads);
    workers.resize(static_cast<std::size_t>(n_threads));
    const std::size_t count = data.N == 0 ? 1 : (data.N + cut.segment - 1) / cut.segment;
    const auto ahead = static_cast<std::size_t>(n_threads);  // threads take segments in turn, as a rule
    const auto produce = [&](std::size_t index, int thread, Part& part) {
        std::unique_ptr<Worker<Real>>& worker = workers[static_cast<std::size_t>(thread)];
        if (!worker) worker = std::make_unique<Worker<Real>>(data, stack, cut, want, tangents);
        part.clear(size, stack.R);
        const std::size_t first = index * cut.segment, last = std::min(first + cut.segment, data.N);
        for (std::size_t start = first; start < last; start += cut.rows) {
            const std::size_t next = start + cut.rows < last ? start + cut.rows : first + ahead * cut.segment;
            worker->open(start, std::min(cut.rows, last - start), next);
            body(*worker, part);
        }
    };
    const auto merge = [](Part& left, const Part& right) { left.add(right); };
    return reduce(count, n_threads, [] { return Part(); }, produce, merge, total, interrupted);
}

}  // namespace

template <typename Real>
struct Evaluation<Real>::Scratch {
    Cut cut;
    SumsLayout at;
    Workers<Real> workers;
};

template <typename Real>
Evaluation<Real>::Evaluation(const Data& data, const Stack& stack, unsigned want, int n_threads)
    : data_(data), stack_(stack), want_(want), n_threads_(n_threads) {
    const Cut cut = Cut::of<Real>(data, stack.columns(), stack.R * stack.K);
    scratch_.reset(new Scratch{cut, SumsLayout(data, stack, want, cut.stride), {}});
}

template <typename Real>
Evaluation<Real>::~Evaluation() = default;

template <typename Real>
bool Evaluation<Real>::at(const double* theta, const Outputs& out, Interrupted interrupted) {
    auto& [cut, at, workers] = *scratch_;
    const Weights<Real> W(theta, data_.D, stack_.columns(), stack_.intercept, cut.stride);
    Part total;
    const auto body = [&, &layout = at](Worker<Real>& worker, Part& part) {
        worker.logits(W, worker.Z.get());
        add_chunk(worker, stack_, want_, layout, part);
    };
    if (!sweep<Real>(data_, stack_, cut, want_, false, at.size, n_threads_, workers, total, interrupted, body))
        return false;
    write(data_, stack_, at, total, out);
    return true;
}

template <typename Real>
bool evaluate(const Data& data, const Stack& stack, const double* theta, unsigned want, int n_threads,
              const Outputs& out, Interrupted interrupted) {
    return Evaluation<Real>(data, stack, want, n_threads).at(theta, out, interrupted);
}

template <typename Real>
bool product(const Data& data, const Stack& stack, const double* theta, const double* V, int n_threads, double* out,
             Interrupted interrupted) {
    const Cut cut = Cut::of<Real>(data, stack.columns(), stack.R * stack.K);
    const SumsLayout at(data, stack, want_gradient, cut.stride);
    const Weights<Real> W(theta, data.D, stack.columns(), stack.intercept, cut.stride);
    const Weights<Real> T(V, data.D, stack.columns(), stack.intercept, cut.stride);
    Part total;
    const auto body = [&](Worker<Real>& worker, Part& part) {
        worker.logits(W, worker.Z.get());
        worker.add_offset();
        worker.logits(T, worker.U.get());
        for (std::size_t r = 0; r < stack.R; ++r) {
            const Problem<Real> problem = worker.problem(r);
            chunk_kernels<Real>().residual(problem, {part.sums.data() + at.value + r, nullptr, nullptr},
                                           worker.lanes.get());
            chunk_kernels<Real>().tangent(problem, worker.U.get() + r * stack.K * cut.ld);
        }
        worker.gather(worker.U.get(), part.sums.data() + at.gradient, part.sums.data() + at.gradient_intercept);
    };
    Workers<Real> workers;
    if (!sweep<Real>(data, stack, cut, 0, true, at.size, n_threads, workers, total, interrupted, body)) return false;
    const double* sums = total.sums.data();
    columns_to_theta(sums + at.gradient, sums + at.gradient_intercept, data, stack, at.stride, out);
    return true;
}

bool moments(const Data& data, const Stack& problems, int n_threads, double* cross, double* targets,
             Interrupted interrupted) {
    Stack stack = problems;
    stack.free = stack.K;  // every class has its column, the reference too
    stack.intercept = false;
    const Cut cut = Cut::of<double>(data, stack.columns(), stack.columns());
    const SumsLayout at(data, stack, want_gradient, cut.stride);
    Part total;
    const auto body = [&](Worker<double>& worker, Part& part) {
        for (std::size_t r = 0; r < stack.R; ++r) worker.weighted_targets(worker.problem(r));
        worker.gather(worker.Z.get(), part.sums.data() + at.gradient, part.sums.data() + at.gradient_intercept);
    };
    Workers<double> workers;
    if (!sweep<double>(data, stack, cut, want_gradient, false, at.size, n_threads, workers, total, interrupted, body))
        return false;
    const double* sums = total.sums.data();
    columns_to_theta(sums + at.gradient, nullptr, data, stack, at.stride, cross);
    std::copy_n(sums + at.gradient_intercept, stack.columns(), targets);
    return true;
}

template class Evaluation<float>;
template class Evaluation<double>;
template bool evaluate<float>(const Data&, const Stack&, const double*, unsigned, int, const Outputs&, Interrupted);
template bool evaluate<double>(const Data&, const Stack&, const double*, unsigned, int, const Outputs&, Interrupted);
template bool product<float>(const Data&, const Stack&, const double*, const double*, int, double*, Interrupted);
template bool product<double>(const Data&, const Stack&, const double*, const double*, int, double*, Interrupted);

}  // namespace multilogit
