// The x86-64 levels of the kernels, and the BLAS that they call.

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "bindings.hpp"
#include "blas.hpp"
#include "level.hpp"

namespace multilogit {
namespace {

std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (const Level* each : levels()) names.emplace_back(each->name);
    return names;
}

bool take_blas(nb::capsule sgemm, nb::capsule dgemm, nb::capsule dposv) {
    return give_blas(reinterpret_cast<Gemm<float>>(sgemm.data(sgemm.name())),
                     reinterpret_cast<Gemm<double>>(dgemm.data(dgemm.name())),
                     reinterpret_cast<Posv>(dposv.data(dposv.name())));
}

}  // namespace

void register_levels(nb::module_& m) {
    m.def("levels", level_names);
    m.def("level", [] { return std::string(level().name); });
    m.def("select_level", select_level, nb::arg("name"));
    m.def("give_blas", take_blas, nb::arg("sgemm"), nb::arg("dgemm"), nb::arg("dposv"));
}

}  // namespace multilogit
