// Prediction from kept coefficients; src/multilogit/_kernels/prediction.py calls it.

#include <cstring>

#include "bindings.hpp"
#include "predict.hpp"

namespace multilogit {
namespace {

using Written = nb::ndarray<nb::c_contig, nb::device::cpu>;  // of any type and shape
using Stored = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

// An array that is kept as it was; `same` asks whether an object still is such an array, with the same bits.
class Kept {
  public:
    explicit Kept(Stored array) : array_(array), single_(array.dtype() == nb::dtype<float>()) {
        require(single_ || array.dtype() == nb::dtype<double>(), "coefficients must be float32 or float64");
    }

    bool same(nb::handle object) const {
        Py_buffer view;
        if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0) {
            PyErr_Clear();
            return false;
        }
        bool equal = view.ndim == static_cast<int>(array_.ndim()) && std::strcmp(view.format, single_ ? "f" : "d") == 0;
        for (int axis = 0; equal && axis < view.ndim; ++axis)
            equal = view.shape[axis] == static_cast<Py_ssize_t>(array_.shape(static_cast<std::size_t>(axis)));
        equal = equal && std::memcmp(view.buf, array_.data(), array_.nbytes()) == 0;
        PyBuffer_Release(&view);
        return equal;
    }

    const Stored& array() const { return array_; }
    bool single() const { return single_; }

  private:
    Stored array_;
    bool single_;
};

// Coefficients (M, D) and intercepts (M,) as the user sees them, and what predicts: the centre (D,) and the intercepts
// (M,) about it.  The arrays are kept alive, and nobody may change them.
class KeptPredictor {
  public:
    KeptPredictor(Stored coef, Stored intercept, Stored centre, Stored centred)
        : coef_(coef), intercept_(intercept), centre_(centre), centred_(centred), predictor_(pack()) {}

    bool holds(nb::handle coef, nb::handle intercept, nb::handle centre, nb::handle centred) const {
        return coef_.same(coef) && intercept_.same(intercept) && centre_.same(centre) && centred_.same(centred);
    }

    bool fill(const char* name, Strided X, Written out, int n_threads) const {
        const Answer answer = answer_of(name);
        const Data rows = strided(X, nullptr);
        const bool labels = answer == Answer::argmax;
        require(rows.D == predictor_.features(), "X must have one column per coefficient");
        require(out.dtype() == (labels ? nb::dtype<std::int64_t>() : X.dtype()) &&
                    out.size() == rows.N * predictor_.numbers(answer),
                "out must have the type and the size of the answer");
        require(reinterpret_cast<std::uintptr_t>(X.data()) % (X.dtype().bits / 8) == 0, "X must be aligned");
        bool tame = false;
        if (rows.N * predictor_.classes() * (rows.D + 64) < small) {  // shorter than a switch of threads
            predictor_.run(rows, answer, 1, out.data(), tame, nullptr);
        } else {
            without_gil([&] { return predictor_.run(rows, answer, n_threads, out.data(), tame, interrupted); });
        }
        return tame;
    }

  private:
    static constexpr std::size_t small = 100000;

    static Answer answer_of(const char* name) {
        const char* const names[] = {"scores", "softmax", "log_softmax", "argmax"};
        for (int i = 0; i < 4; ++i)
            if (std::strcmp(name, names[i]) == 0) return static_cast<Answer>(i);
        throw std::invalid_argument("answer must be 'scores', 'softmax', 'log_softmax' or 'argmax'");
    }

    Predictor pack() const {
        const Stored &coef = coef_.array(), &centre = centre_.array(), &centred = centred_.array();
        require(coef.ndim() == 2 && coef.shape(0) > 0 && coef.shape(1) > 0, "coefficients must be (M, D)");
        const std::size_t M = coef.shape(0), D = coef.shape(1);
        require(!centre_.single() && centre.ndim() == 1 && centre.shape(0) == D, "centre must be (D,), float64");
        require(!centred_.single() && centred.ndim() == 1 && centred.shape(0) == M, "intercepts must be (M,), float64");
        const auto* c = static_cast<const double*>(centre.data());
        const auto* b = static_cast<const double*>(centred.data());
        if (coef_.single()) return {static_cast<const float*>(coef.data()), c, b, D, M};
        return {static_cast<const double*>(coef.data()), c, b, D, M};
    }

    Kept coef_, intercept_, centre_, centred_;
    Predictor predictor_;
};

}  // namespace

void register_predictor(nb::module_& m) {
    nb::class_<KeptPredictor>(m, "Predictor")
        .def(nb::init<Stored, Stored, Stored, Stored>(), nb::arg("coef").noconvert(), nb::arg("intercept").noconvert(),
             nb::arg("centre").noconvert(), nb::arg("centred_intercept").noconvert())
        .def("holds", &KeptPredictor::holds, nb::arg("coef").none(), nb::arg("intercept").none(), nb::arg("centre").none(),
             nb::arg("centred_intercept").none())
        .def("fill", &KeptPredictor::fill, nb::arg("answer"), nb::arg("X").noconvert(), nb::arg("out").noconvert(),
             nb::arg("n_threads"));
}

}  // namespace multilogit
