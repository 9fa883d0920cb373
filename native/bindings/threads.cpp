// The pool, as far as Python sees it.

#include <chrono>

#include "bindings.hpp"
#include "harmonic.hpp"
#include "pool.hpp"

namespace multilogit {
namespace {

// What the tests of threads call: see harmonic.hpp.
double harmonic_number(std::size_t count, int n_threads, std::size_t microseconds, std::ptrdiff_t failing) {
    double sum = 0.0;
    without_gil([&] {
        const std::chrono::microseconds time(microseconds);
        return harmonic(count, n_threads, time, static_cast<std::size_t>(failing), sum, interrupted);
    });
    return sum;
}

}  // namespace

void register_threads(nb::module_& m) {
    m.def("harmonic", harmonic_number, nb::arg("count"), nb::arg("n_threads"), nb::arg("microseconds") = 0,
          nb::arg("failing") = -1);
    const auto main_thread = nb::module_::import_("threading").attr("main_thread")();
    remember_main_thread(nb::cast<unsigned long>(main_thread.attr("ident")));
    nb::module_::import_("atexit").attr("register")(nb::cpp_function(leave_daemons_outside));
}

}  // namespace multilogit

// For threadpoolctl, which opens this library by its path: 0 stands for no limit.
extern "C" NB_EXPORT int multilogit_get_num_threads() { return multilogit::thread_limit(); }
extern "C" NB_EXPORT void multilogit_set_num_threads(int n_threads) { multilogit::set_thread_limit(n_threads); }
// For src/multilogit/_threads.py, which finds a BLAS's function by its address.
extern "C" NB_EXPORT void multilogit_limit_in_workers(void (*set)(int)) { multilogit::limit_in_workers(set); }
