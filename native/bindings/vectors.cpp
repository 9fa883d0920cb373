// Inner products and sums; src/multilogit/_kernels/vectors.py calls them.

#include "vectors.hpp"

#include "bindings.hpp"

namespace multilogit {
namespace {

double dot_of(In<double, 1> a, In<double, 1> b, int n_threads) {
    require(a.size() == b.size(), "vectors must be of one length");
    double sum = 0;
    without_gil([&] {
        sum = dot(a.data(), b.data(), a.size(), n_threads);
        return true;
    });
    return sum;
}

double add_and_dot_of(double factor, In<double, 1> x, Out<double, 1> y, In<double, 1> z, int n_threads) {
    require(x.size() == y.size() && z.size() == y.size(), "vectors must be of one length");
    double sum = 0;
    without_gil([&] {
        sum = add_and_dot(factor, x.data(), y.data(), z.data(), y.size(), n_threads);
        return true;
    });
    return sum;
}

}  // namespace

void register_vectors(nb::module_& m) {
    m.def("dot", dot_of, nb::arg("a").noconvert(), nb::arg("b").noconvert(), nb::arg("n_threads"));
    m.def("add_and_dot", add_and_dot_of, nb::arg("factor"), nb::arg("x").noconvert(), nb::arg("y").noconvert(),
          nb::arg("z").noconvert(), nb::arg("n_threads"));
}

}  // namespace multilogit
