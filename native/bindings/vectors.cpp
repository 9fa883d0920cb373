// Inner products and sums; src/multilogit/_kernels/vectors.py calls them.

#include "vectors.hpp"

#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace multilogit {
namespace {

using Vector = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;  // of any shape; others are copied
using Vectors = std::vector<Vector>;

std::vector<const double*> pointers(const Vectors& rows, std::size_t n) {
    std::vector<const double*> found;
    for (const auto& row : rows) {
        require(row.size() == n, "vectors must be of one length");
        found.push_back(row.data());
    }
    return found;
}

// A sum over two vectors.
template <double (*function)(const double*, const double*, std::size_t, int)>
double sum_of_two(const Vector& a, const Vector& b, int n_threads) {
    require(a.size() == b.size(), "vectors must be of one length");
    double sum = 0;
    without_gil([&] {
        sum = function(a.data(), b.data(), a.size(), n_threads);
        return true;
    });
    return sum;
}

double add_and_dot_of(double factor, const Vector& x, const Numbers& y, const Vector& z, int n_threads) {
    require(x.size() == y.size() && z.size() == y.size(), "vectors must be of one length");
    double sum = 0;
    without_gil([&] {
        sum = add_and_dot(factor, x.data(), y.data(), z.data(), y.size(), n_threads);
        return true;
    });
    return sum;
}

void inner_products_of(const Vectors& A, const Vectors& B, int n_threads, const Out<double, 2>& out) {
    require(!A.empty() && !B.empty() && out.shape(0) == A.size() && out.shape(1) == B.size(),
            "inner products must have a row for each of A and a column for each of B");
    const auto left = pointers(A, A[0].size()), right = pointers(B, A[0].size());
    without_gil([&] {
        inner_products(left, right, A[0].size(), n_threads, out.data());
        return true;
    });
}

void combine_of(const std::vector<double>& factors, const Vectors& rows, const Numbers& out, int n_threads) {
    require(!rows.empty() && factors.size() == rows.size(), "every row must have its factor");
    const auto each = pointers(rows, out.size());
    without_gil([&] {
        combine(factors, each, out.size(), n_threads, out.data());
        return true;
    });
}

}  // namespace

void register_vectors(nb::module_& m) {
    m.def("dot", sum_of_two<dot>, nb::arg("a"), nb::arg("b"), nb::arg("n_threads"));
    m.def("weighted_square", sum_of_two<weighted_square>, nb::arg("weight"), nb::arg("x"), nb::arg("n_threads"));
    m.def("add_and_dot", add_and_dot_of, nb::arg("factor"), nb::arg("x"), nb::arg("y").noconvert(), nb::arg("z"),
          nb::arg("n_threads"));
    m.def("inner_products", inner_products_of, nb::arg("A"), nb::arg("B"), nb::arg("n_threads"),
          nb::arg("out").noconvert());
    m.def("combine", combine_of, nb::arg("factors"), nb::arg("rows"), nb::arg("out").noconvert(), nb::arg("n_threads"));
}

}  // namespace multilogit
