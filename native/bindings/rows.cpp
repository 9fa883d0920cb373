// Softmax, log-softmax and logsumexp of N rows of K >= 1 logits, exp and log number by number; `out` has the same type.

#include <algorithm>
#include <memory>
#include <vector>

#include "bindings.hpp"
#include "buffer.hpp"
#include "level.hpp"
#include "pool.hpp"

namespace multilogit {
namespace {

// Rows of a block, a fixed set whatever the number of threads: about 2^15 logits, so that they stay in the cache.
std::size_t rows_of_block(std::size_t K) { return std::max<std::size_t>(16, (std::size_t{1} << 15) / K / 16 * 16); }

// `kernel` on blocks of rows; its result has `width` numbers a row.
template <typename Real, auto kernel>
void each_row(const In<Real, 2>& logits, Real* result, std::size_t width, int n_threads) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(K > 0, "a row needs at least one logit");
    require(n_threads > 0, "n_threads must be positive");
    const std::size_t rows = rows_of_block(K);
    const auto run = row_kernels<Real>().*kernel;
    const Real* z = logits.data();
    std::vector<std::unique_ptr<Buffer<double>>> scratch(static_cast<std::size_t>(n_threads));
    const auto block = [&](std::size_t index, int thread) {
        std::unique_ptr<Buffer<double>>& own = scratch[static_cast<std::size_t>(thread)];
        if (!own) own = std::make_unique<Buffer<double>>(row_scratch + 3 * K);
        const std::size_t first = index * rows;
        run(z + first * K, std::min(rows, N - first), K, result + first * width, own->get());
    };
    without_gil([&] { return parallel_for((N + rows - 1) / rows, n_threads, block, interrupted); });
}

template <typename Real, auto kernel>
void rows_to_rows(In<Real, 2> logits, Out<Real, 2> out, int n_threads) {
    require(out.shape(0) == logits.shape(0) && out.shape(1) == logits.shape(1), "out must have the shape of logits");
    each_row<Real, kernel>(logits, out.data(), logits.shape(1), n_threads);
}

template <typename Real>
void row_logsumexp(In<Real, 2> logits, Out<Real, 1> out, int n_threads) {
    require(out.shape(0) == logits.shape(0), "out must have one entry per row of logits");
    each_row<Real, &RowKernels<Real>::logsumexp>(logits, out.data(), 1, n_threads);
}

// y = function(x), number by number.
template <typename Real, auto function>
void elementwise(In<Real, 1> x, Out<Real, 1> out) {
    require(out.shape(0) == x.shape(0), "out must have the shape of x");
    const WithoutGil outside;
    (row_kernels<Real>().*function)(x.data(), x.shape(0), out.data());
}

template <typename Real>
void register_one_type(nb::module_& m) {
    using Kernels = RowKernels<Real>;
    const auto logits = nb::arg("logits").noconvert(), x = nb::arg("x").noconvert(), out = nb::arg("out").noconvert();
    const auto threads = nb::arg("n_threads") = 1;
    m.def("softmax", rows_to_rows<Real, &Kernels::softmax>, logits, out, threads);
    m.def("log_softmax", rows_to_rows<Real, &Kernels::log_softmax>, logits, out, threads);
    m.def("logsumexp", row_logsumexp<Real>, logits, out, threads);
    m.def("exp", elementwise<Real, &Kernels::exp>, x, out);
    m.def("log", elementwise<Real, &Kernels::log>, x, out);
    m.def("log1p", elementwise<Real, &Kernels::log1p>, x, out);
}

}  // namespace

void register_rows(nb::module_& m) {
    register_one_type<float>(m);
    register_one_type<double>(m);
}

}  // namespace multilogit
