// Softmax, log-softmax and logsumexp of N rows of K >= 1 logits, exp and log number by number; `out` has the same type.

#include "bindings.hpp"
#include "level.hpp"
#include "softmax.hpp"

namespace multilogit {
namespace {

template <typename Real, typename Kernel>
void each_row(const In<Real, 2>& logits, Out<Real, 2>& out, Kernel kernel) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N && out.shape(1) == K, "out must have the shape of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    const WithoutGil outside;
    Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) kernel(z + i * K, K, result + i * K, scratch);
}

template <typename Real>
void softmax(In<Real, 2> logits, Out<Real, 2> out) {
    each_row<Real>(logits, out, softmax_row<Real>);
}

template <typename Real>
void log_softmax(In<Real, 2> logits, Out<Real, 2> out) {
    each_row<Real>(logits, out, log_softmax_row<Real>);
}

template <typename Real>
void logsumexp(In<Real, 2> logits, Out<Real, 1> out) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N, "out must have one entry per row of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    const WithoutGil outside;
    Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) result[i] = logsumexp_row(z + i * K, K, scratch);
}

template <typename Real>
const RowKernels<Real>& row_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return level().rows_float;
    else return level().rows_double;
}

// y = function(x), number by number.
template <typename Real, auto function>
void elementwise(In<Real, 1> x, Out<Real, 1> out) {
    require(out.shape(0) == x.shape(0), "out must have the shape of x");
    const WithoutGil outside;
    (row_kernels<Real>().*function)(x.data(), x.shape(0), out.data());
}

template <typename Real>
void register_elementary(nb::module_& m) {
    using Kernels = RowKernels<Real>;
    m.def("exp", elementwise<Real, &Kernels::exp>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
    m.def("log", elementwise<Real, &Kernels::log>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
    m.def("log1p", elementwise<Real, &Kernels::log1p>, nb::arg("x").noconvert(), nb::arg("out").noconvert());
}

template <typename Real>
void register_softmax(nb::module_& m) {
    m.def("softmax", softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("log_softmax", log_softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("logsumexp", logsumexp<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
}

}  // namespace

void register_rows(nb::module_& m) {
    register_softmax<float>(m);
    register_softmax<double>(m);
    register_elementary<float>(m);
    register_elementary<double>(m);
}

}  // namespace multilogit
