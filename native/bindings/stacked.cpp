#include "stacked.hpp"

namespace multilogit {

Stacked::Stacked(std::size_t N, std::size_t D, Targets targets, bool intercept) : D_(D), targets_(targets) {
    const auto& [labels, masses, offset, weight, fold, scale, present] = targets_;
    const std::size_t R = present.shape(0), K = present.shape(1);
    require(K >= 2, "softmax regression needs two classes or more");
    require(labels.is_valid() != masses.is_valid(), "targets must be labels or masses");
    require(!labels.is_valid() || labels.shape(0) == N, "labels must have one number per row of X");
    require(!masses.is_valid() || (masses.shape(0) == N && masses.shape(1) == K), "masses must be (N, K)");
    require(!offset.is_valid() || (offset.shape(0) == N && offset.shape(1) == K), "offset must be (N, K)");
    require(weight.shape(0) == N && fold.shape(0) == R && scale.shape(0) == R,
            "weights must be (N, F), fold and scale (R,)");
    for (std::size_t r = 0; r < R; ++r)
        require(fold.data()[r] >= 0 && static_cast<std::size_t>(fold.data()[r]) < weight.shape(1),
                "fold must name a column of the weights");
    for (std::size_t i = 0; labels.is_valid() && i < N; ++i)
        require(labels.data()[i] >= 0 && static_cast<std::size_t>(labels.data()[i]) < K,
                "labels must be the numbers of classes");
    data_ = {nullptr, false,           0, 0, N, 0, K, weight.shape(1), nullptr, pointer(labels), pointer(masses),
             pointer(offset), weight.data()};
    stack_ = {R, K, K == 2 ? std::size_t(1) : K, intercept, fold.data(), scale.data(),
              reinterpret_cast<const std::uint8_t*>(present.data())};
}

namespace {

void fits(const Numbers& out, bool wanted, std::size_t size) {
    require(out.is_valid() == wanted && (!wanted || out.size() == size), "an output is missing or has the wrong size");
}

}  // namespace

void Stacked::evaluate(In<double, 3> theta, unsigned want, bool single, int n_threads, Numbers value, Numbers gradient,
                       Numbers probability, Numbers log_probability, Numbers curvature, Numbers margin, Numbers gram,
                       Numbers diagonal, Numbers hessian) const {
    check(theta);
    const std::size_t R = stack_.R, K = stack_.K, rows = stack_.rows(D_), size = stack_.free * rows;
    want &= 127u;
    fits(value, true, R);
    fits(gradient, want & want_gradient, rows * stack_.columns());
    fits(probability, want & want_class_sums, R * K);
    fits(log_probability, want & want_class_sums, R * K);
    fits(curvature, want & want_class_curvature, R * K * K);
    fits(margin, want & want_margin, R);
    fits(gram, want & want_gram, R * rows * rows);
    fits(diagonal, want & want_diagonal, rows * stack_.columns());
    fits(hessian, want & want_hessian, R * size * size);
    const Outputs out{pointer(value),     pointer(gradient), pointer(probability), pointer(log_probability),
                      pointer(curvature), pointer(margin),   pointer(gram),        pointer(diagonal),
                      pointer(hessian)};
    without_gil([&] { return run(theta.data(), want, single, n_threads, out); });
}

void Stacked::product(In<double, 3> theta, In<double, 3> V, bool single, int n_threads, Numbers out) const {
    check(theta);
    check(V);
    fits(out, true, stack_.rows(D_) * stack_.columns());
    without_gil([&] { return run(theta.data(), V.data(), single, n_threads, out.data()); });
}

void Stacked::check(const In<double, 3>& theta) const {
    require(theta.shape(0) == stack_.rows(D_) && theta.shape(1) == stack_.R && theta.shape(2) == stack_.free,
            "parameters must be (D', R, K')");
}

void register_stacked(nb::module_& m) {
    nb::class_<Stacked>(m, "Stacked")
        .def("evaluate", &Stacked::evaluate, nb::arg("theta").noconvert(), nb::arg("want"), nb::arg("single"),
             nb::arg("n_threads"), nb::arg("value").noconvert(), nb::arg("gradient").noconvert().none(),
             nb::arg("probability").noconvert().none(), nb::arg("log_probability").noconvert().none(),
             nb::arg("curvature").noconvert().none(), nb::arg("margin").noconvert().none(),
             nb::arg("gram").noconvert().none(), nb::arg("diagonal").noconvert().none(),
             nb::arg("hessian").noconvert().none())
        .def("product", &Stacked::product, nb::arg("theta").noconvert(), nb::arg("V").noconvert(), nb::arg("single"),
             nb::arg("n_threads"), nb::arg("out").noconvert());
}

}  // namespace multilogit
