// Sweeps over dense rows; src/multilogit/_objective/native.py calls them.

#include <nanobind/stl/tuple.h>

#include <tuple>

#include "blas.hpp"
#include "newton.hpp"
#include "stacked.hpp"

namespace multilogit {
namespace {

class Dense final : public Stacked {
  public:
    Dense(Strided X, In<double, 1> centre, In<std::int64_t, 1> labels, In<double, 2> masses, In<double, 2> offset,
          In<double, 2> weight, In<std::int32_t, 1> fold, In<double, 1> scale, In<bool, 2> present, bool intercept)
        : Stacked(X.shape(0), X.shape(1), {labels, masses, offset, weight, fold, scale, present}, intercept),
          X_(X), centre_(centre) {
        require(centre.shape(0) == X.shape(1), "centre must have one number per column of X");
        const Data rows = strided(X, centre.data());
        data_.X = rows.X;
        data_.single = rows.single;
        data_.row = rows.row;
        data_.column = rows.column;
        data_.D = rows.D;
        data_.centre = rows.centre;
    }

    // cross (D, R, K) and targets (R, K): sums of c_i x_i y_i' and c_i y_i.
    void moments(int n_threads, Numbers cross, Numbers targets) const {
        require(cross.size() == data_.D * stack_.R * stack_.K && targets.size() == stack_.R * stack_.K,
                "an output has the wrong size");
        without_gil(
            [&] { return multilogit::moments(data_, stack_, n_threads, cross.data(), targets.data(), interrupted); });
    }

    // Moves theta by full Newton steps: the steps taken, the sweeps, and whether the sums are those at theta.
    std::tuple<std::size_t, std::size_t, bool> descend(Out<double, 3> theta, In<double, 1> strength, double tol,
                                                       std::size_t most, int n_threads, Numbers value,
                                                       Numbers gradient, Numbers probability, Numbers log_probability,
                                                       Numbers hessian) const {
        const std::size_t size = stack_.rows(data_.D) * stack_.free;
        require(have_blas() && stack_.R == 1, "Newton's steps take one problem and the BLAS");
        require(theta.shape(0) == stack_.rows(data_.D) && theta.shape(1) == 1 && theta.shape(2) == stack_.free,
                "parameters must be (D', 1, K')");
        require(strength.shape(0) == data_.D, "strength must have one number per column of X");
        require(value.size() == 1 && gradient.size() == size && hessian.size() == size * size &&
                    probability.size() == stack_.K && log_probability.size() == stack_.K,
                "an output has the wrong size");
        const Outputs out{value.data(), gradient.data(), probability.data(), log_probability.data(), nullptr,
                          nullptr,      nullptr,         nullptr,            hessian.data()};
        const Descent settings{tol, most, strength.data()};
        Descended done{};
        without_gil([&] {
            return multilogit::descend(data_, stack_, settings, n_threads, theta.data(), out, done, interrupted);
        });
        return {done.steps, done.sweeps, done.current};
    }

  protected:
    bool run(const double* theta, unsigned want, bool single, int n_threads, const Outputs& out) const override {
        const auto sweep = single ? multilogit::evaluate<float> : multilogit::evaluate<double>;
        return sweep(data_, stack_, theta, want, n_threads, out, interrupted);
    }

    bool run(const double* theta, const double* V, bool single, int n_threads, double* out) const override {
        const auto sweep = single ? multilogit::product<float> : multilogit::product<double>;
        return sweep(data_, stack_, theta, V, n_threads, out, interrupted);
    }

  private:
    Strided X_;
    In<double, 1> centre_;
};

}  // namespace

void register_dense(nb::module_& m) {
    nb::class_<Dense, Stacked>(m, "Dense")
        .def(nb::init<Strided, In<double, 1>, In<std::int64_t, 1>, In<double, 2>, In<double, 2>, In<double, 2>,
                      In<std::int32_t, 1>, In<double, 1>, In<bool, 2>, bool>(),
             nb::arg("X").noconvert(), nb::arg("centre").noconvert(), nb::arg("labels").noconvert().none(),
             nb::arg("masses").noconvert().none(), nb::arg("offset").noconvert().none(),
             nb::arg("weight").noconvert(), nb::arg("fold").noconvert(), nb::arg("scale").noconvert(),
             nb::arg("present").noconvert(), nb::arg("intercept"))
        .def("moments", &Dense::moments, nb::arg("n_threads"), nb::arg("cross").noconvert(),
             nb::arg("targets").noconvert())
        .def("descend", &Dense::descend, nb::arg("theta").noconvert(), nb::arg("strength").noconvert(),
             nb::arg("tol"), nb::arg("most"), nb::arg("n_threads"), nb::arg("value").noconvert(),
             nb::arg("gradient").noconvert(), nb::arg("probability").noconvert(),
             nb::arg("log_probability").noconvert(), nb::arg("hessian").noconvert());
}

}  // namespace multilogit
