// multilogit._kernels._native: table of contents of the compiled kernels.
//
// Each function takes N rows of K >= 1 logits, C-contiguous, and fills `out`, of the same type.  Shapes and types
// are checked by src/multilogit/_kernels/__init__.py; a mismatch that reaches this file is a TypeError or ValueError.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <chrono>
#include <stdexcept>

#include "harmonic.hpp"
#include "interpreter.hpp"
#include "pool.hpp"
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

// Runs work(), without the GIL.  Where it returns false, `interrupted` has set an exception, which is thrown.
template <typename Work>
void without_gil(Work work) {
    bool finished;
    {
        const multilogit::WithoutGil outside;
        finished = work();
    }
    if (!finished) throw nb::python_error();
}

template <typename Real, typename Kernel>
void each_row(const In<Real>& logits, OutRows<Real>& out, Kernel kernel) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N && out.shape(1) == K, "out must have the shape of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    const multilogit::WithoutGil outside;
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
    const multilogit::WithoutGil outside;
    multilogit::Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) result[i] = multilogit::logsumexp_row(z + i * K, K, scratch);
}

template <typename Real>
void register_softmax(nb::module_& m) {
    m.def("softmax", softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("log_softmax", log_softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("logsumexp", logsumexp<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
}

// What the tests of threads call: see harmonic.hpp.
double harmonic(std::size_t count, int n_threads, std::size_t microseconds, std::ptrdiff_t failing) {
    double sum = 0.0;
    without_gil([&] {
        const std::chrono::microseconds time(microseconds);
        return multilogit::harmonic(count, n_threads, time, static_cast<std::size_t>(failing), sum, multilogit::interrupted);
    });
    return sum;
}

void register_threads(nb::module_& m) {
    m.def("harmonic", harmonic, nb::arg("count"), nb::arg("n_threads"), nb::arg("microseconds") = 0,
          nb::arg("failing") = -1);
    const auto main_thread = nb::module_::import_("threading").attr("main_thread")();
    multilogit::remember_main_thread(nb::cast<unsigned long>(main_thread.attr("ident")));
    nb::module_::import_("atexit").attr("register")(nb::cpp_function(multilogit::leave_daemons_outside));
}

}  // namespace

// For threadpoolctl, which opens this library by its path: 0 stands for no limit.
extern "C" NB_EXPORT int multilogit_get_num_threads() { return multilogit::thread_limit(); }
extern "C" NB_EXPORT void multilogit_set_num_threads(int n_threads) { multilogit::set_thread_limit(n_threads); }
// For src/multilogit/_threads.py, which finds a BLAS's function by its address.
extern "C" NB_EXPORT void multilogit_limit_in_workers(void (*set)(int)) { multilogit::limit_in_workers(set); }

NB_MODULE(_native, m) {
    m.doc() = "Compiled kernels of multilogit; multilogit._kernels.reference documents the formulas.";
    register_softmax<float>(m);
    register_softmax<double>(m);
    register_threads(m);
}
