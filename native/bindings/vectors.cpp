// Inner products and sums; src/multilogit/_kernels/vectors.py calls them.

#include "vectors.hpp"

#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace multilogit {
namespace {

// A sum over two vectors.
template <double (*function)(const double*, const double*, std::size_t, int)>
double sum_of_two(In<double, 1> a, In<double, 1> b, int n_threads) {
    require(a.size() == b.size(), "vectors must be of one length");
    double sum = 0;
    without_gil([&] {
        sum = function(a.data(), b.data(), a.size(), n_threads);
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

std::vector<const double*> pointers(const std::vector<In<double, 1>>& rows, std::size_t n) {
    std::vector<const double*> found;
    for (const auto& row : rows) {
        require(row.size() == n, "vectors must be of one length");
        found.push_back(row.data());
    }
    return found;
}

void inner_products_of(const std::vector<In<double, 1>>& A, const std::vector<In<double, 1>>& B, int n_threads,
                       Out<double, 2> out) {
    require(!A.empty() && !B.empty() && out.shape(0) == A.size() && out.shape(1) == B.size(),
            "inner products must have a row for each of A and a column for each of B");
    const auto left = pointers(A, A[0].size()), right = pointers(B, A[0].size());
    without_gil([&] {
        inner_products(left, right, A[0].size(), n_threads, out.data());
        return true;
    });
}

void combine_of(const std::vector<double>& factors, const std::vector<In<double, 1>>& rows, Out<double, 1> out,
                int n_threads) {
    require(!rows.empty() && factors.size() == rows.size(), "every row must have its factor");
    const auto each = pointers(rows, out.size());
    without_gil([&] {
        combine(factors, each, out.size(), n_threads, out.data());
        return true;
    });
}

}  // namespace

void register_vectors(nb::module_& m) {
    m.def("dot", sum_of_two<dot>, nb::arg("a").noconvert(), nb::arg("b").noconvert(), nb::arg("n_threads"));
    m.def("weighted_square", sum_of_two<weighted_square>, nb::arg("weight").noconvert(), nb::arg("x").noconvert(),
          nb::arg("n_threads"));
    m.def("add_and_dot", add_and_dot_of, nb::arg("factor"), nb::arg("x").noconvert(), nb::arg("y").noconvert(),
          nb::arg("z").noconvert(), nb::arg("n_threads"));
    m.def("inner_products", inner_products_of, nb::arg("A").noconvert(), nb::arg("B").noconvert(),
          nb::arg("n_threads"), nb::arg("out").noconvert());
    m.def("combine", combine_of, nb::arg("factors"), nb::arg("rows").noconvert(), nb::arg("out").noconvert(),
          nb::arg("n_threads"));
}

}  // namespace multilogit
