// multilogit._kernels._native: table of contents of the compiled kernels.
//
// Each function takes N rows of K >= 1 logits, C-contiguous, and fills `out`, of the same type.  Shapes and types
// are checked by src/multilogit/_kernels/__init__.py; a mismatch that reaches this file is a TypeError or ValueError.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "level.hpp"
#include "softmax.hpp"

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

template <typename Real, typename Kernel>
void each_row(const In<Real>& logits, OutRows<Real>& out, Kernel kernel) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N && out.shape(1) == K, "out must have the shape of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    nb::gil_scoped_release release;
    multilogit::Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) kernel(z + i * K, K, result + i * K, scratch);
}

template <typename Real>
void softmax(In<Real> logits, OutRows<Real> out) {
    each_row<Real>(logits, out, multilogit::softmax_row<Real>);
}

template <typename Real>
void log_softmax(In<Real> logits, OutRows<Real> out) {
    each_row<Real>(logits, out, multilogit::log_softmax_row<Real>);
}

template <typename Real>
void logsumexp(In<Real> logits, OutVector<Real> out) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N, "out must have one entry per row of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    nb::gil_scoped_release release;
    multilogit::Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) result[i] = multilogit::logsumexp_row(z + i * K, K, scratch);
}

template <typename Real>
const multilogit::RowKernels<Real>& row_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return multilogit::level().rows_float;
    else return multilogit::level().rows_double;
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
void register_softmax(nb::module_& m) {
    m.def("softmax", softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("log_softmax", log_softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("logsumexp", logsumexp<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "Compiled kernels of multilogit; multilogit._kernels.reference documents the formulas.";
    register_softmax<float>(m);
    register_softmax<double>(m);
    register_elementary<float>(m);
    register_elementary<double>(m);
    m.def("levels", level_names);
    m.def("level", [] { return std::string(multilogit::level().name); });
    m.def("select_level", multilogit::select_level, nb::arg("name"));
}
