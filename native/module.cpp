// multilogit._kernels._native: table of contents of the compiled kernels.
//
// Each function takes N rows of K >= 1 logits, C-contiguous, and fills `out`, of the same type.  Shapes and types
// are checked by src/multilogit/_kernels/__init__.py; a mismatch that reaches this file is a TypeError or ValueError.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <stdexcept>

#include "blas.hpp"
#include "level.hpp"
#include "predict.hpp"
#include "softmax.hpp"
#include "sweep.hpp"

namespace nb = nanobind;

namespace {

template <typename Real>
using In = nb::ndarray<const Real, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename Real>
using OutRows = nb::ndarray<Real, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename Real>
using OutVector = nb::ndarray<Real, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void require(bool condition, const char* sentence) {
    if (!condition) throw std::invalid_argument(sentence);
}

template <typename Real, typename Kernel>
void each_row(const In<Real>& logits, OutRows<Real>& out, Kernel kernel) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N && out.shape(1) == K, "out must have the shape of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    nb::gil_scoped_release release;
    multilogit::Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) kernel(z + i * K, K, result + i * K, scratch);
}

template <typename Real>
void softmax(In<Real> logits, OutRows<Real> out) {
    each_row<Real>(logits, out, multilogit::softmax_row<Real>);
}

template <typename Real>
void log_softmax(In<Real> logits, OutRows<Real> out) {
    each_row<Real>(logits, out, multilogit::log_softmax_row<Real>);
}

template <typename Real>
void logsumexp(In<Real> logits, OutVector<Real> out) {
    const std::size_t N = logits.shape(0), K = logits.shape(1);
    require(out.shape(0) == N, "out must have one entry per row of logits");
    require(K > 0, "a row needs at least one logit");
    const Real* z = logits.data();
    Real* result = out.data();
    nb::gil_scoped_release release;
    multilogit::Scratch scratch(K);
    for (std::size_t i = 0; i < N; ++i) result[i] = multilogit::logsumexp_row(z + i * K, K, scratch);
}

template <typename Real>
void register_softmax(nb::module_& m) {
    m.def("softmax", softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("log_softmax", log_softmax<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
    m.def("logsumexp", logsumexp<Real>, nb::arg("logits").noconvert(), nb::arg("out").noconvert());
}

using Vector = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Matrix = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Theta = nb::ndarray<const double, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Labels = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Folds = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Mask = nb::ndarray<const bool, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;  // float32 or float64, any strides
using Out = nb::ndarray<double, nb::c_contig, nb::device::cpu>;
using OutOf = nb::ndarray<nb::c_contig, nb::device::cpu>;  // of any type
using Stored = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

// Answers Ctrl-C while the GIL is released: the signal's Python handler runs here.
bool interrupted() {
    nb::gil_scoped_acquire hold;
    return PyErr_CheckSignals() != 0;
}

template <typename Array>
auto pointer(const Array& array) {
    return array.is_valid() ? array.data() : nullptr;
}

multilogit::Data strided(const Rows& X, const double* centre) {
    const bool single = X.dtype() == nb::dtype<float>();
    require(single || X.dtype() == nb::dtype<double>(), "X must be float32 or float64");
    return {X.data(), single, X.stride(0), X.stride(1), X.shape(0), X.shape(1), 0, 0, centre,
            nullptr, nullptr, nullptr, nullptr};
}

// Dense rows with their targets, and the stacked problems over them; keeps the arrays alive.
class Dense {
  public:
    Dense(Rows X, Vector centre, Labels labels, Matrix masses, Matrix offset, Matrix weight, Folds fold, Vector scale,
          Mask present, bool intercept)
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

    void evaluate(Theta theta, unsigned want, bool single, int n_threads, Out value, Out gradient, Out probability,
                  Out log_probability, Out curvature, Out margin, Out gram, Out diagonal, Out hessian) const {
        check(theta);
        const std::size_t R = stack_.R, K = stack_.K, rows = stack_.rows(data_.D), M = stack_.columns();
        const std::size_t size = stack_.free * rows;
        want &= 127u;
        fits(value, true, R);
        fits(gradient, want & multilogit::want_gradient, rows * M);
        fits(probability, want & multilogit::want_class_sums, R * K);
        fits(log_probability, want & multilogit::want_class_sums, R * K);
        fits(curvature, want & multilogit::want_class_curvature, R * K * K);
        fits(margin, want & multilogit::want_margin, R);
        fits(gram, want & multilogit::want_gram, R * rows * rows);
        fits(diagonal, want & multilogit::want_diagonal, rows * R);
        fits(hessian, want & multilogit::want_hessian, R * size * size);
        const multilogit::Outputs out{pointer(value), pointer(gradient), pointer(probability),
                                      pointer(log_probability), pointer(curvature), pointer(margin),
                                      pointer(gram), pointer(diagonal), pointer(hessian)};
        const auto run = single ? multilogit::evaluate<float> : multilogit::evaluate<double>;
        bool finished;
        {
            nb::gil_scoped_release release;
            finished = run(data_, stack_, theta.data(), want, n_threads, out, interrupted);
        }
        if (!finished) throw nb::python_error();
    }

    void product(Theta theta, Theta V, bool single, int n_threads, Out out) const {
        check(theta);
        check(V);
        fits(out, true, stack_.rows(data_.D) * stack_.columns());
        const auto run = single ? multilogit::product<float> : multilogit::product<double>;
        bool finished;
        {
            nb::gil_scoped_release release;
            finished = run(data_, stack_, theta.data(), V.data(), n_threads, out.data(), interrupted);
        }
        if (!finished) throw nb::python_error();
    }

  private:
    void check(const Theta& theta) const {
        require(theta.shape(0) == stack_.rows(data_.D) && theta.shape(1) == stack_.R && theta.shape(2) == stack_.free,
                "parameters must be (D', R, K')");
    }
    static void fits(const Out& out, bool wanted, std::size_t size) {
        require(out.is_valid() == wanted && (!wanted || out.size() == size), "an output is missing or has the wrong size");
    }

    Rows X_;
    Vector centre_;
    Labels labels_;
    Matrix masses_, offset_, weight_;
    Folds fold_;
    Vector scale_;
    Mask present_;
    multilogit::Data data_;
    multilogit::Stack stack_;
};

void register_dense(nb::module_& m) {
    nb::class_<Dense>(m, "Dense")
        .def(nb::init<Rows, Vector, Labels, Matrix, Matrix, Matrix, Folds, Vector, Mask, bool>(), nb::arg("X").noconvert(),
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
class Predictor {
  public:
    Predictor(Stored coef, Stored intercept, Stored centre, Stored centred)
        : coef_(coef), intercept_(intercept), centre_(centre), centred_(centred), predictor_(pack()) {}

    bool holds(nb::handle coef, nb::handle intercept, nb::handle centre, nb::handle centred) const {
        return coef_.same(coef) && intercept_.same(intercept) && centre_.same(centre) && centred_.same(centred);
    }

    bool fill(const char* name, Rows X, OutOf out, int n_threads) const {
        const multilogit::Answer answer = answer_of(name);
        const multilogit::Data rows = strided(X, nullptr);
        const bool labels = answer == multilogit::Answer::argmax;
        require(rows.D == predictor_.features(), "X must have one column per coefficient");
        require(out.dtype() == (labels ? nb::dtype<std::int64_t>() : X.dtype()) &&
                    out.size() == rows.N * predictor_.numbers(answer),
                "out must have the type and the size of the answer");
        require(reinterpret_cast<std::uintptr_t>(X.data()) % (X.dtype().bits / 8) == 0, "X must be aligned");
        bool tame = false, finished;
        if (rows.N * predictor_.classes() * (rows.D + 64) < small) {  // shorter than a switch of threads
            finished = predictor_.run(rows, answer, 1, out.data(), tame, nullptr);
        } else {
            nb::gil_scoped_release release;
            finished = predictor_.run(rows, answer, n_threads, out.data(), tame, interrupted);
        }
        if (!finished) throw nb::python_error();
        return tame;
    }

  private:
    static constexpr std::size_t small = 100000;

    static multilogit::Answer answer_of(const char* name) {
        const char* const names[] = {"scores", "softmax", "log_softmax", "argmax"};
        for (int i = 0; i < 4; ++i)
            if (std::strcmp(name, names[i]) == 0) return static_cast<multilogit::Answer>(i);
        throw std::invalid_argument("answer must be 'scores', 'softmax', 'log_softmax' or 'argmax'");
    }

    multilogit::Predictor pack() const {
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
    multilogit::Predictor predictor_;
};

void register_predictor(nb::module_& m) {
    nb::class_<Predictor>(m, "Predictor")
        .def(nb::init<Stored, Stored, Stored, Stored>(), nb::arg("coef").noconvert(), nb::arg("intercept").noconvert(),
             nb::arg("centre").noconvert(), nb::arg("centred_intercept").noconvert())
        .def("holds", &Predictor::holds, nb::arg("coef").none(), nb::arg("intercept").none(), nb::arg("centre").none(),
             nb::arg("centred_intercept").none())
        .def("fill", &Predictor::fill, nb::arg("answer"), nb::arg("X").noconvert(), nb::arg("out").noconvert(),
             nb::arg("n_threads"));
}

bool give_blas(nb::capsule sgemm, nb::capsule dgemm) {
    return multilogit::give_blas(reinterpret_cast<multilogit::Gemm<float>>(sgemm.data(sgemm.name())),
                                 reinterpret_cast<multilogit::Gemm<double>>(dgemm.data(dgemm.name())));
}

std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (const multilogit::Level* level : multilogit::levels()) names.emplace_back(level->name);
    return names;
}

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "Compiled kernels of multilogit; multilogit._kernels.reference documents the formulas.";
    register_softmax<float>(m);
    register_softmax<double>(m);
    register_dense(m);
    register_predictor(m);
    m.def("give_blas", give_blas, nb::arg("sgemm"), nb::arg("dgemm"));
    m.def("levels", level_names);
    m.def("level", [] { return std::string(multilogit::level().name); });
    m.def("select_level", multilogit::select_level, nb::arg("name"));
}
