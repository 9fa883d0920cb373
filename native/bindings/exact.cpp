// Double-double arithmetic and the gradient of the polish; src/multilogit/_objective/exact_gradient.py calls them.

#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "exact_gradient.hpp"
#include "level.hpp"

namespace multilogit {
namespace {

// Any strides; None makes it invalid where the argument may be None.
template <typename T, int axes>
using AnyStrides = nb::ndarray<const T, nb::ndim<axes>, nb::device::cpu>;
template <typename T>
using Contiguous = In<T, 1>;

template <typename T>
DenseView<T> view(const AnyStrides<T, 2>& X) {
    if (!X.is_valid()) return {nullptr, 0, 0};
    return {X.data(), X.stride(0), X.stride(1)};
}

// The targets, penalty and parameters of one problem, as _objective/exact_gradient.py passes them.
struct ExactArguments {
    Contiguous<double> centre;
    Contiguous<std::int64_t> labels;
    AnyStrides<double, 2> masses, offset;
    AnyStrides<double, 1> weight, strength;
    double scale;
    Contiguous<bool> present;
    In<double, 2> theta;

    ExactProblem problem(std::size_t N, std::size_t D) const {
        const std::size_t K = present.size(), M = K == 2 ? 1 : K;
        require(centre.size() == D && strength.size() == D, "centre and strength must have one entry per column of X");
        require(weight.size() == N, "weight must have one entry per row of X");
        require(labels.is_valid() != masses.is_valid(), "the targets are labels or masses, and the other one is None");
        require(!labels.is_valid() || labels.size() == N, "labels must have one entry per row of X");
        for (const auto& each : {masses, offset})
            require(!each.is_valid() || (each.shape(0) == N && each.shape(1) == K), "masses and offset must be (N, K)");
        require(K > 1 && theta.shape(1) == M && (theta.shape(0) == D || theta.shape(0) == D + 1),
                "theta must be (D, K') or (D + 1, K')");
        return {N, D, K, centre.data(), labels.is_valid() ? labels.data() : nullptr, view(masses), view(offset),
                weight.data(), strength.data(), weight.stride(0), strength.stride(0), scale,
                reinterpret_cast<const std::uint8_t*>(present.data()), theta.shape(0) == D + 1, theta.data()};
    }
};

template <typename View>
void call_exact_gradient(const View& X, std::size_t N, std::size_t D, const ExactArguments& arguments, Out<double, 2>& out,
                    int n_threads) {
    const ExactProblem problem = arguments.problem(N, D);
    require(out.shape(0) == arguments.theta.shape(0) && out.shape(1) == arguments.theta.shape(1),
            "out must have the shape of theta");
    without_gil([&] { return multilogit::exact_gradient(X, problem, n_threads, interrupted, out.data()); });
}

template <typename T>
void register_exact_dense(nb::module_& m) {
    m.def("exact_gradient",
          [](AnyStrides<T, 2> X, const ExactArguments& arguments, Out<double, 2> out, int n_threads) {
              call_exact_gradient(view(X), X.shape(0), X.shape(1), arguments, out, n_threads);
          },
          nb::arg("X").noconvert(), nb::arg("arguments"), nb::arg("out").noconvert(), nb::arg("n_threads"));
}

template <typename T, typename Index>
void register_exact_sparse(nb::module_& m) {
    m.def("exact_gradient",
          [](Contiguous<T> data, Contiguous<Index> indices, Contiguous<Index> indptr, const ExactArguments& arguments,
             Out<double, 2> out, int n_threads) {
              require(indptr.size() > 0 && indptr.data()[0] == 0, "indptr must start with 0");
              const std::size_t N = indptr.size() - 1, filled = static_cast<std::size_t>(indptr.data()[N]);
              require(filled <= data.size() && filled <= indices.size(), "indptr must end with the number of nonzeros");
              const SparseView<T, Index> X{data.data(), indices.data(), indptr.data()};
              call_exact_gradient(X, N, arguments.centre.size(), arguments, out, n_threads);
          },
          nb::arg("data").noconvert(), nb::arg("indices").noconvert(), nb::arg("indptr").noconvert(),
          nb::arg("arguments"), nb::arg("out").noconvert(), nb::arg("n_threads"));
}

// out = operation(a, b) in double-double, number by number, each array (2, n): the highs above the lows.
template <auto operation>
void double_double(In<double, 2> a, In<double, 2> b, Out<double, 2> out) {
    const std::size_t n = a.shape(1);
    require(a.shape(0) == 2 && b.shape(0) == 2 && out.shape(0) == 2, "double-double numbers are arrays (2, n)");
    require(b.shape(1) == n && out.shape(1) == n, "a, b and out must have one shape");
    const auto pairs = [n](const double* first) {
        double* p = const_cast<double*>(first);
        return PairArray{p, p + n};
    };
    (level().exact->*operation)(pairs(a.data()), pairs(b.data()), n, pairs(out.data()));
}

void row_sums(In<double, 2> a, Out<double, 1> sums) {
    require(sums.shape(0) == a.shape(0), "sums must have one entry per row of a");
    level().exact->row_sums(a.data(), a.shape(0), a.shape(1), sums.data());
}

}  // namespace

void register_exact(nb::module_& m) {
    using Kernels = ExactKernels;
    m.def("row_sums", row_sums, nb::arg("a").noconvert(), nb::arg("sums").noconvert());
    m.def("dd_add", double_double<&Kernels::add>, nb::arg("a"), nb::arg("b"), nb::arg("out").noconvert());
    m.def("dd_multiply", double_double<&Kernels::multiply>, nb::arg("a"), nb::arg("b"), nb::arg("out").noconvert());
    m.def("dd_divide", double_double<&Kernels::divide>, nb::arg("a"), nb::arg("b"), nb::arg("out").noconvert());
    m.def("dd_exp", double_double<&Kernels::exp>, nb::arg("a"), nb::arg("b"), nb::arg("out").noconvert());
    nb::class_<ExactArguments>(m, "ExactArguments")
        .def("__init__",
             [](ExactArguments* self, Contiguous<double> centre, Contiguous<std::int64_t> labels,
                AnyStrides<double, 2> masses, AnyStrides<double, 2> offset, AnyStrides<double, 1> weight,
                AnyStrides<double, 1> strength, double scale, Contiguous<bool> present, In<double, 2> theta) {
                 new (self) ExactArguments{centre, labels, masses, offset, weight, strength, scale, present, theta};
             },
             nb::arg("centre").noconvert(), nb::arg("labels").noconvert().none(), nb::arg("masses").noconvert().none(),
             nb::arg("offset").noconvert().none(), nb::arg("weight").noconvert(), nb::arg("strength").noconvert(),
             nb::arg("scale"), nb::arg("present").noconvert(), nb::arg("theta").noconvert());
    register_exact_dense<float>(m);
    register_exact_dense<double>(m);
    register_exact_sparse<float, std::int32_t>(m);
    register_exact_sparse<float, std::int64_t>(m);
    register_exact_sparse<double, std::int32_t>(m);
    register_exact_sparse<double, std::int64_t>(m);
}

}  // namespace multilogit
