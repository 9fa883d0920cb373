// multilogit._kernels._native: table of contents of the compiled kernels.
//
// The row functions take N rows of K >= 1 logits, C-contiguous, and fill `out`, of the same type.  Shapes and types
// are checked by src/multilogit/_kernels/__init__.py; a mismatch that reaches this file is a TypeError or ValueError.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "level.hpp"

namespace nb = nanobind;

namespace {

template <typename Real>
using In = nb::ndarray<const Real, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename Real>
using OutRows = nb::ndarray<Real, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename Real>
using OutVector = nb::ndarray<Real, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void require(bool condition, const char* sentence) {
    if (!condition) throw std::invalid_argument(sentence);
}

template <typename Real>
const multilogit::RowKernels<Real>& row_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return multilogit::level().rows_float;
    else return multilogit::level().rows_double;
}

// count blocks in order; a block is a fixed set of rows, whatever the number of threads.
template <typename Body>
void each_block(std::size_t count, int, const Body& body) {
    for (std::size_t b = 0; b < count; ++b) body(b, 0);
}

// Rows of a block: about 2^15 logits, so that its logits and results stay in the cache.
std::size_t rows_of_block(std::size_t K) { return std::max<std::size_t>(16, (std::size_t{1} << 15) / K / 16 * 16); }

// `kernel` on blocks of rows; its result has `width` numbers a row.
template <typename Real, auto kernel>
void each_row(const In<Real>& logits, Real* result, std::size_t width, int n_threads) {
    const std::size_t N = logits.shape(0), K = logits.shape(1), rows = rows_of_block(K);
    const auto run = row_kernels<Real>().*kernel;
    const Real* z = logits.data();
    nb::gil_scoped_release release;
    std::vector<std::vector<double>> scratch(static_cast<std::size_t>(n_threads));
    each_block((N + rows - 1) / rows, n_threads, [&](std::size_t block, int thread) {
        std::vector<double>& own = scratch[static_cast<std::size_t>(thread)];
        own.resize(multilogit::row_scratch + 3 * K);
        const std::size_t first = block * rows;
        run(z + first * K, std::min(rows, N - first), K, result + first * width, own.data());
    });
}

template <typename Real, auto kernel>
void rows_to_rows(In<Real> logits, OutRows<Real> out, int n_threads) {
    require(out.shape(0) == logits.shape(0) && out.shape(1) == logits.shape(1), "out must have the shape of logits");
    require(logits.shape(1) > 0, "a row needs at least one logit");
    require(n_threads > 0, "n_threads must be positive");
    each_row<Real, kernel>(logits, out.data(), logits.shape(1), n_threads);
}

template <typename Real>
void logsumexp(In<Real> logits, OutVector<Real> out, int n_threads) {
    require(out.shape(0) == logits.shape(0), "out must have one entry per row of logits");
    require(logits.shape(1) > 0, "a row needs at least one logit");
    require(n_threads > 0, "n_threads must be positive");
    each_row<Real, &multilogit::RowKernels<Real>::logsumexp>(logits, out.data(), 1, n_threads);
}

template <typename Real>
using InVector = nb::ndarray<const Real, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// y = function(x), number by number.
template <typename Real, auto function>
void elementwise(InVector<Real> x, OutVector<Real> out) {
    require(out.shape(0) == x.shape(0), "out must have the shape of x");
    nb::gil_scoped_release release;
    (row_kernels<Real>().*function)(x.data(), x.shape(0), out.data());
}

template <typename Real>
void register_elementary(nb::module_& m) {
    using Kernels = multilogit::RowKernels<Real>;
    m.def("exp", elementwise<Real, &Kernels::exp>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
    m.def("log", elementwise<Real, &Kernels::log>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
    m.def("log1p", elementwise<Real, &Kernels::log1p>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
}

std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (const multilogit::Level* each : multilogit::levels()) names.emplace_back(each->name);
    return names;
}

template <typename Real>
void register_rows(nb::module_& m) {
    using Kernels = multilogit::RowKernels<Real>;
    const auto logits = nb::arg("logits").noconvert();
    const auto out = nb::arg("out").noconvert();
    const auto threads = nb::arg("n_threads") = 1;
    m.def("softmax", rows_to_rows<Real, &Kernels::softmax>, logits, out, threads);
    m.def("log_softmax", rows_to_rows<Real, &Kernels::log_softmax>, logits, out, threads);
    m.def("logsumexp", logsumexp<Real>, logits, out, threads);
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "Compiled kernels of multilogit; multilogit._kernels.reference documents the formulas.";
    register_rows<float>(m);
    register_rows<double>(m);
    register_elementary<float>(m);
    register_elementary<double>(m);
    m.def("levels", level_names);
    m.def("level", [] { return std::string(multilogit::level().name); });
    m.def("select_level", multilogit::select_level, nb::arg("name"));
}
