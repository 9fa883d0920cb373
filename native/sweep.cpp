#include "sweep.hpp"

#include <cmath>
#include <memory>

#include "reduce.hpp"
#include "sums.hpp"
#include "worker.hpp"

namespace multilogit {
namespace {

// Adds what needs the probabilities of problem r: class curvature, Gram matrix or its diagonal, Hessian.
template <typename Real>
void add_curvature(Worker<Real>& worker, const Problem<Real>& problem, const Stack& stack, unsigned want,
                   const SumsLayout& at, std::size_t r, double* sums) {
    const ChunkKernels<Real>& kernels = chunk_kernels<Real>();
    const std::size_t K = stack.K, square = at.stride * worker.square_rows();
    if (want & (want_gram | want_diagonal)) {
        const Real divisor = stack.free == 1 ? Real(2) : static_cast<Real>(K - 1);
        const double sum = kernels.mean_curvature(problem, divisor, worker.s.get());
        if (want & want_gram) {
            worker.sandwich(sums + at.gram + r * square);
            sums[at.gram_corner + r] += sum;
        }
        if (want & want_diagonal) {
            worker.squares(sums + at.diagonal + r * at.stride);
            sums[at.diagonal_corner + r] += sum;
        }
    }
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

// Adds everything that is wanted of one chunk, already opened and with its logits in worker.Z.
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

// From (M, stride) rows and their intercepts to (D', M).
void columns_to_theta(const double* G, const double* sums, const Data& data, const Stack& stack, std::size_t stride,
                      double* out) {
    const std::size_t M = stack.columns();
    for (std::size_t d = 0; d < data.D; ++d)
        for (std::size_t j = 0; j < M; ++j) out[d * M + j] = G[j * stride + d];
    if (stack.intercept) std::copy(sums, sums + M, out + data.D * M);
}

// From the lower triangle of (D + 1, stride), its border in the last row, to a symmetric matrix of D' columns, `step`
// numbers a row.
void add_bordered(const double* H, double corner, const Data& data, const Stack& stack, std::size_t stride,
                  double factor, double* out, std::size_t step) {
    const std::size_t D = data.D;
    for (std::size_t d = 0; d < D; ++d) {
        for (std::size_t e = 0; e < d; ++e) {
            out[d * step + e] += factor * H[d * stride + e];
            out[e * step + d] += factor * H[d * stride + e];
        }
        out[d * step + d] += factor * H[d * stride + d];
    }
    if (!stack.intercept) return;
    for (std::size_t d = 0; d < D; ++d) {
        out[D * step + d] += factor * H[D * stride + d];
        out[d * step + D] += factor * H[D * stride + d];
    }
    out[D * step + D] += factor * corner;
}

// The Hessian (K', D', K', D') of problem r as the Laplacian of a graph between classes: sum over pairs j < k of
// p_j p_k (e_j - e_k)(e_j - e_k)' times x x'.  No cancellation, even where a probability rounds to one.
void write_hessian(const Data& data, const Stack& stack, const SumsLayout& at, const double* sums, std::size_t r,
                   double* out) {
    const std::size_t rows = stack.rows(data.D), F = stack.free, first = stack.reference();
    const std::size_t step = F * rows, square = (data.D + 1) * at.stride;
    std::fill(out, out + step * step, 0.0);
    std::size_t pair = r * at.pairs;
    for (std::size_t j = 0; j < stack.K; ++j) {
        for (std::size_t k = j + 1; k < stack.K; ++k, ++pair) {
            const double* H = sums + at.hessian + pair * square;
            const double corner = sums[at.hessian_corner + pair];
            const auto block = [&](std::size_t a, std::size_t b) {
                return out + (a - first) * rows * step + (b - first) * rows;
            };
            add_bordered(H, corner, data, stack, at.stride, 1.0, block(k, k), step);
            if (j < first) continue;
            add_bordered(H, corner, data, stack, at.stride, 1.0, block(j, j), step);
            add_bordered(H, corner, data, stack, at.stride, -1.0, block(j, k), step);
            add_bordered(H, corner, data, stack, at.stride, -1.0, block(k, j), step);
        }
    }
}

// sum_i c_i m_i (diag(p_i) - p_i p_i') from the sums of the products j < k, its rows summing to zero.
void write_curvature(const double* products, std::size_t K, double* out) {
    std::fill(out, out + K * K, 0.0);
    for (std::size_t j = 0; j < K; ++j) {
        for (std::size_t k = j + 1; k < K; ++k) {
            const double product = products[j * K + k];
            out[j * K + k] = out[k * K + j] = -product;
            out[j * K + j] += product;
            out[k * K + k] += product;
        }
    }
}

void write(const Data& data, const Stack& stack, const SumsLayout& at, const Part& total, const Outputs& out) {
    const double* sums = total.sums.data();
    const std::size_t R = stack.R, K = stack.K, rows = stack.rows(data.D);
    std::copy_n(sums + at.value, R, out.value);
    if (out.gradient)
        columns_to_theta(sums + at.gradient, sums + at.gradient_intercept, data, stack, at.stride, out.gradient);
    if (out.probability) std::copy_n(sums + at.probability, R * K, out.probability);
    if (out.log_probability) std::copy_n(sums + at.log_probability, R * K, out.log_probability);
    if (out.margin) std::copy_n(total.margins.data(), R, out.margin);
    for (std::size_t r = 0; r < R; ++r) {
        if (out.curvature) write_curvature(sums + at.curvature + r * K * K, K, out.curvature + r * K * K);
        if (out.gram) {
            std::fill_n(out.gram + r * rows * rows, rows * rows, 0.0);
            add_bordered(sums + at.gram + r * (data.D + 1) * at.stride, sums[at.gram_corner + r], data, stack,
                         at.stride, 1.0, out.gram + r * rows * rows, rows);
        }
        for (std::size_t d = 0; d < rows && out.diagonal; ++d)
            out.diagonal[d * R + r] = d < data.D ? sums[at.diagonal + r * at.stride + d] : sums[at.diagonal_corner + r];
        if (out.hessian) {
            const std::size_t size = stack.free * rows;
            write_hessian(data, stack, at, sums, r, out.hessian + r * size * size);
        }
    }
}

// How many threads are worth their waking, a few microseconds: one for about every 50 microseconds of work.
int worth(const Data& data, const Stack& stack, const Cut& cut, unsigned want, int n_threads) {
    const std::size_t pairs = want & want_hessian ? stack.K * (stack.K - 1) / 2 : want & want_gram ? 1 : 0;
    const std::size_t row = cut.stride * (4 * stack.columns() + pairs * data.D) + 100 * stack.R * stack.K;
    const std::size_t most = 1 + data.N * row / 1500000;
    return static_cast<int>(std::min<std::size_t>(most, static_cast<std::size_t>(n_threads)));
}

// Calls body(worker, part) for every chunk of every segment and merges the parts of the segments.
template <typename Real, typename Body>
bool sweep(const Data& data, const Stack& stack, const Cut& cut, unsigned want, bool tangents, std::size_t size,
           int most_threads, Part& total, Interrupted interrupted, const Body& body) {
    const int n_threads = worth(data, stack, cut, want, most_threads);
    std::vector<std::unique_ptr<Worker<Real>>> workers(static_cast<std::size_t>(n_threads));
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
bool evaluate(const Data& data, const Stack& stack, const double* theta, unsigned want, int n_threads,
              const Outputs& out, Interrupted interrupted) {
    const Cut cut = Cut::of<Real>(data, stack.columns(), stack.R * stack.K);
    const SumsLayout at(data, stack, want, cut.stride);
    const Weights<Real> W(theta, data.D, stack.columns(), stack.intercept, cut.stride);
    Part total;
    const auto body = [&](Worker<Real>& worker, Part& part) {
        worker.logits(W, worker.Z.get());
        add_chunk(worker, stack, want, at, part);
    };
    if (!sweep<Real>(data, stack, cut, want, false, at.size, n_threads, total, interrupted, body)) return false;
    write(data, stack, at, total, out);
    return true;
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
    if (!sweep<Real>(data, stack, cut, 0, true, at.size, n_threads, total, interrupted, body)) return false;
    const double* sums = total.sums.data();
    columns_to_theta(sums + at.gradient, sums + at.gradient_intercept, data, stack, at.stride, out);
    return true;
}

template bool evaluate<float>(const Data&, const Stack&, const double*, unsigned, int, const Outputs&, Interrupted);
template bool evaluate<double>(const Data&, const Stack&, const double*, unsigned, int, const Outputs&, Interrupted);
template bool product<float>(const Data&, const Stack&, const double*, const double*, int, double*, Interrupted);
template bool product<double>(const Data&, const Stack&, const double*, const double*, int, double*, Interrupted);

}  // namespace multilogit
