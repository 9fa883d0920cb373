// What the bindings share: array types, checks, and the way out of the interpreter.  nanobind stays in this folder.
//
// Shapes and types are checked by the Python modules of the same names, with sentences for users; a mismatch that
// reaches this folder is a TypeError or a ValueError.

#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <stdexcept>

#include "interpreter.hpp"
#include "sweep.hpp"

namespace nb = nanobind;

namespace multilogit {

// C-contiguous arrays of one type and number of axes, read or written.
template <typename T, std::size_t axes>
using In = nb::ndarray<const T, nb::ndim<axes>, nb::c_contig, nb::device::cpu>;
template <typename T, std::size_t axes>
using Out = nb::ndarray<T, nb::ndim<axes>, nb::c_contig, nb::device::cpu>;
using Numbers = nb::ndarray<double, nb::c_contig, nb::device::cpu>;      // of any shape, written
using Strided = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;       // float32 or float64, any strides

inline void require(bool condition, const char* sentence) {
    if (!condition) throw std::invalid_argument(sentence);
}

template <typename Array>
auto pointer(const Array& array) {
    return array.is_valid() ? array.data() : nullptr;
}

// The rows of X about a centre, without targets.
inline Data strided(const Strided& X, const double* centre) {
    const bool single = X.dtype() == nb::dtype<float>();
    require(single || X.dtype() == nb::dtype<double>(), "X must be float32 or float64");
    return {X.data(), single, X.stride(0), X.stride(1), X.shape(0), X.shape(1), 0, 0, centre,
            nullptr, nullptr, nullptr, nullptr};
}

// Runs work(), without the GIL.  Where it returns false, `interrupted` has set an exception, which is thrown.
template <typename Work>
void without_gil(Work work) {
    bool finished;
    {
        const WithoutGil outside;
        finished = work();
    }
    if (!finished) throw nb::python_error();
}

void register_rows(nb::module_& m);
void register_stacked(nb::module_& m);
void register_dense(nb::module_& m);
void register_sparse(nb::module_& m);
void register_exact(nb::module_& m);
void register_predictor(nb::module_& m);
void register_levels(nb::module_& m);
void register_threads(nb::module_& m);
void register_vectors(nb::module_& m);
void register_network(nb::module_& m);

}  // namespace multilogit
