// Sweeps over dense rows; src/multilogit/_objective/native.py calls them.

#include "bindings.hpp"
#include "sweep.hpp"

namespace multilogit {
namespace {

// Dense rows with their targets, and the stacked problems over them; keeps the arrays alive.
class Dense {
  public:
    Dense(Strided X, In<double, 1> centre, In<std::int64_t, 1> labels, In<double, 2> masses, In<double, 2> offset,
          In<double, 2> weight, In<std::int32_t, 1> fold, In<double, 1> scale, In<bool, 2> present, bool intercept)
        : X_(X), centre_(centre), labels_(labels), masses_(masses), offset_(offset), weight_(weight), fold_(fold),
          scale_(scale), present_(present), data_(strided(X, centre.data())) {
        const std::size_t N = data_.N, R = present.shape(0), K = present.shape(1);
        require(centre.shape(0) == data_.D, "centre must have one number per column of X");
        require(K >= 2, "softmax regression needs two classes or more");
        require(labels.is_valid() != masses.is_valid(), "targets must be labels or masses");
        require(!labels.is_valid() || labels.shape(0) == N, "labels must have one number per row of X");
        require(!masses.is_valid() || (masses.shape(0) == N && masses.shape(1) == K), "masses must be (N, K)");
        require(!offset.is_valid() || (offset.shape(0) == N && offset.shape(1) == K), "offset must be (N, K)");
        require(weight.shape(0) == N && fold.shape(0) == R && scale.shape(0) == R, "weights must be (N, F), fold and scale (R,)");
        for (std::size_t r = 0; r < R; ++r)
            require(fold.data()[r] >= 0 && static_cast<std::size_t>(fold.data()[r]) < weight.shape(1),
                    "fold must name a column of the weights");
        for (std::size_t i = 0; labels.is_valid() && i < N; ++i)
            require(labels.data()[i] >= 0 && static_cast<std::size_t>(labels.data()[i]) < K,
                    "labels must be the numbers of classes");
        data_.K = K;
        data_.F = weight.shape(1);
        data_.labels = pointer(labels);
        data_.Y = pointer(masses);
        data_.offset = pointer(offset);
        data_.weight = weight.data();
        stack_ = {R, K, K == 2 ? std::size_t(1) : K, intercept, fold.data(), scale.data(),
                  reinterpret_cast<const std::uint8_t*>(present.data())};
    }

    void evaluate(In<double, 3> theta, unsigned want, bool single, int n_threads, Numbers value, Numbers gradient, Numbers probability,
                  Numbers log_probability, Numbers curvature, Numbers margin, Numbers gram, Numbers diagonal, Numbers hessian) const {
        check(theta);
        const std::size_t R = stack_.R, K = stack_.K, rows = stack_.rows(data_.D), M = stack_.columns();
        const std::size_t size = stack_.free * rows;
        want &= 127u;
        fits(value, true, R);
        fits(gradient, want & want_gradient, rows * M);
        fits(probability, want & want_class_sums, R * K);
        fits(log_probability, want & want_class_sums, R * K);
        fits(curvature, want & want_class_curvature, R * K * K);
        fits(margin, want & want_margin, R);
        fits(gram, want & want_gram, R * rows * rows);
        fits(diagonal, want & want_diagonal, rows * R);
        fits(hessian, want & want_hessian, R * size * size);
        const Outputs out{pointer(value), pointer(gradient), pointer(probability),
                                      pointer(log_probability), pointer(curvature), pointer(margin),
                                      pointer(gram), pointer(diagonal), pointer(hessian)};
        const auto run = single ? multilogit::evaluate<float> : multilogit::evaluate<double>;
        without_gil([&] { return run(data_, stack_, theta.data(), want, n_threads, out, interrupted); });
    }

    void product(In<double, 3> theta, In<double, 3> V, bool single, int n_threads, Numbers out) const {
        check(theta);
        check(V);
        fits(out, true, stack_.rows(data_.D) * stack_.columns());
        const auto run = single ? multilogit::product<float> : multilogit::product<double>;
        without_gil([&] { return run(data_, stack_, theta.data(), V.data(), n_threads, out.data(), interrupted); });
    }

  private:
    void check(const In<double, 3>& theta) const {
        require(theta.shape(0) == stack_.rows(data_.D) && theta.shape(1) == stack_.R && theta.shape(2) == stack_.free,
                "parameters must be (D', R, K')");
    }
    static void fits(const Numbers& out, bool wanted, std::size_t size) {
        require(out.is_valid() == wanted && (!wanted || out.size() == size), "an output is missing or has the wrong size");
    }

    Strided X_;
    In<double, 1> centre_;
    In<std::int64_t, 1> labels_;
    In<double, 2> masses_, offset_, weight_;
    In<std::int32_t, 1> fold_;
    In<double, 1> scale_;
    In<bool, 2> present_;
    Data data_;
    Stack stack_;
};

}  // namespace

void register_dense(nb::module_& m) {
    nb::class_<Dense>(m, "Dense")
        .def(nb::init<Strided, In<double, 1>, In<std::int64_t, 1>, In<double, 2>, In<double, 2>, In<double, 2>,
                      In<std::int32_t, 1>, In<double, 1>, In<bool, 2>, bool>(), nb::arg("X").noconvert(),
             nb::arg("centre").noconvert(), nb::arg("labels").noconvert().none(), nb::arg("masses").noconvert().none(),
             nb::arg("offset").noconvert().none(), nb::arg("weight").noconvert(), nb::arg("fold").noconvert(),
             nb::arg("scale").noconvert(), nb::arg("present").noconvert(), nb::arg("intercept"))
        .def("evaluate", &Dense::evaluate, nb::arg("theta").noconvert(), nb::arg("want"), nb::arg("single"),
             nb::arg("n_threads"), nb::arg("value").noconvert(), nb::arg("gradient").noconvert().none(),
             nb::arg("probability").noconvert().none(), nb::arg("log_probability").noconvert().none(),
             nb::arg("curvature").noconvert().none(), nb::arg("margin").noconvert().none(),
             nb::arg("gram").noconvert().none(), nb::arg("diagonal").noconvert().none(),
             nb::arg("hessian").noconvert().none())
        .def("product", &Dense::product, nb::arg("theta").noconvert(), nb::arg("V").noconvert(), nb::arg("single"),
             nb::arg("n_threads"), nb::arg("out").noconvert());
}

}  // namespace multilogit
