// Networks and their training; src/multilogit/_objective/network_native.py calls them.

#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <limits>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "training.hpp"

namespace multilogit {
namespace {

using Operations = std::vector<std::tuple<int, int, std::size_t, bool, double>>;  // kind, activation, units, bias, rate
using Measures = std::vector<std::pair<int, bool>>;

std::vector<Description> descriptions(const Operations& operations) {
    std::vector<Description> found;
    for (const auto& [kind, activation, units, bias, rate] : operations) {
        require(kind >= 0 && kind <= 2 && activation >= 0 && activation <= 4, "no such operation");
        require(kind != 0 || units > 0, "a dense layer needs units");
        require(rate >= 0 && rate < 1, "rate must be in [0, 1)");
        found.push_back({static_cast<Operator>(kind), static_cast<Activation>(activation), units, bias, rate});
    }
    return found;
}

std::vector<Measure> measures_of(const Measures& given) {
    std::vector<Measure> found;
    for (const auto& [metric, weighted] : given) {
        require(metric >= 0 && metric <= 6, "no such metric");
        found.push_back({static_cast<Metric>(metric), weighted});
    }
    return found;
}

// Arrays that are kept alive as long as their numbers are read.
template <typename Real>
struct Rows {
    In<Real, 2> X, Y;
    In<Real, 1> labels, weight;

    Examples<Real> examples(const Sequential<Real>& network, bool targets) const {
        const std::size_t N = X.shape(0), K = network.outputs();
        require(X.shape(1) == network.inputs(), "X must have a column per input");
        require(!targets || Y.is_valid() != labels.is_valid(), "targets must be rows of numbers or labels");
        require(!Y.is_valid() || (Y.shape(0) == N && Y.shape(1) == K), "Y must be (N, K)");
        require(!labels.is_valid() || labels.shape(0) == N, "labels must have one number per row of X");
        require(!weight.is_valid() || weight.shape(0) == N, "weight must have one number per row of X");
        require(N <= std::numeric_limits<std::uint32_t>::max(), "X has too many rows");
        for (std::size_t i = 0; labels.is_valid() && i < N; ++i)
            require(labels.data()[i] >= 0 && labels.data()[i] < Real(K), "labels must be the numbers of classes");
        return {N, X.shape(1), K, X.data(), pointer(Y), pointer(labels), pointer(weight)};
    }
};

template <typename Real>
class BoundNetwork {
  public:
    BoundNetwork(std::size_t inputs, const Operations& operations, std::tuple<int, int, bool, double> ending)
        : network(inputs, descriptions(operations),
                  {static_cast<Loss>(std::get<0>(ending)), static_cast<Activation>(std::get<1>(ending)),
                   std::get<2>(ending), std::get<3>(ending)}) {}

    void load(const In<Real, 1>& theta) {
        require(theta.size() == network.parameters(), "theta must have a number per parameter");
        network.load(theta.data());
    }
    void save(const Out<Real, 1>& theta) const {
        require(theta.size() == network.parameters(), "theta must have a number per parameter");
        network.save(theta.data());
    }
    void load_slot(std::size_t slot, const In<Real, 1>& theta) {
        require(slot < most_slots && theta.size() == network.parameters(), "a slot has a number per parameter");
        network.load_slot(slot, theta.data());
    }
    void save_slot(std::size_t slot, const Out<Real, 1>& theta) const {
        require(slot < most_slots && theta.size() == network.parameters(), "a slot has a number per parameter");
        network.save_slot(slot, theta.data());
    }
    std::pair<int, bool> first_not_finite() const {
        bool weights = false;
        const int found = network.first_not_finite(weights);
        return {found, weights};
    }

    void predict(In<Real, 2> X, Out<Real, 2> out, std::size_t batch_size, int n_threads) {
        const Rows<Real> rows{X, {}, {}, {}};
        const auto examples = rows.examples(network, false);
        require(out.shape(0) == examples.N && out.shape(1) == examples.K, "out must be (N, K)");
        without_gil([&] {
            return pass_over<Real>(network, examples, {}, out.data(), false, batch_size, n_threads, interrupted, nullptr);
        });
    }

    std::vector<double> evaluate(In<Real, 2> X, In<Real, 2> Y, In<Real, 1> labels, In<Real, 1> weight,
                                 const Measures& measures, std::size_t batch_size, int n_threads) {
        const Rows<Real> rows{X, Y, labels, weight};
        const auto examples = rows.examples(network, true);
        const auto wanted = measures_of(measures);
        Means means(1 + wanted.size());
        without_gil([&] {
            return pass_over<Real>(network, examples, wanted, nullptr, false, batch_size, n_threads, interrupted, &means);
        });
        std::vector<double> found;
        for (std::size_t j = 0; j <= wanted.size(); ++j) found.push_back(means.of(j));
        return found;
    }

    double gradient(In<Real, 2> X, In<Real, 2> Y, In<Real, 1> labels, In<Real, 1> weight, Out<Real, 1> out,
                    std::size_t batch_size, int n_threads) {
        const Rows<Real> rows{X, Y, labels, weight};
        const auto examples = rows.examples(network, true);
        require(out.size() == network.parameters(), "out must have a number per parameter");
        Means means(1);
        const std::vector<Real> zeros(network.parameters());
        network.load_slot(0, zeros.data());
        without_gil([&] {
            return pass_over<Real>(network, examples, {}, nullptr, true, batch_size, n_threads, interrupted, &means);
        });
        network.save_slot(0, out.data());
        return means.sums[0];
    }

    Sequential<Real> network;
};

template <typename Real>
class BoundTraining {
  public:
    using Rules = std::tuple<int, bool, bool, double, double, double, double, double>;

    BoundTraining(BoundNetwork<Real>& network, In<Real, 2> X, In<Real, 2> Y, In<Real, 1> labels, In<Real, 1> weight,
                  std::size_t batch_size, bool shuffled, std::uint64_t seed, const Rules& rule, const Measures& measures,
                  std::uint64_t first_epoch, std::uint64_t iterations)
        : rows_{X, Y, labels, weight},
          training_(network.network, rows_.examples(network.network, true), schedule(batch_size, shuffled, seed, rule),
                    measures_of(measures), first_epoch, iterations) {
        require(X.shape(0) > 0, "X needs a row");
    }

    int run(std::uint64_t epochs, std::uint64_t batches, double seconds, int n_threads) {
        Stop stop{};
        without_gil([&] {
            stop = training_.run(epochs, batches, seconds, n_threads, interrupted);
            return stop != Stop::interrupted;
        });
        return static_cast<int>(stop);
    }

    std::vector<double> means() const {
        std::vector<double> found;
        for (std::size_t j = 0; j < training_.means().sums.size(); ++j) found.push_back(training_.means().of(j));
        return found;
    }

    std::size_t recorded() { return training_.history().size(); }
    void history(Numbers out) {
        require(out.size() == training_.history().size(), "out must have a number per loss and metric of an epoch");
        std::copy(training_.history().begin(), training_.history().end(), out.data());
        training_.history().clear();
    }

    Training<Real>& training() { return training_; }

  private:
    static Schedule schedule(std::size_t batch_size, bool shuffled, std::uint64_t seed, const Rules& rule) {
        require(batch_size > 0, "batch_size must be positive");
        const auto [kind, centred, largest, rate, momentum, decay, second_decay, epsilon] = rule;
        require(kind >= 0 && kind <= 5, "no such rule");
        return {batch_size, shuffled, seed, static_cast<Rule>(kind), centred, largest, rate, momentum, decay, second_decay,
                epsilon};
    }

    Rows<Real> rows_;
    Training<Real> training_;
};

template <typename Real>
void register_one_type(nb::module_& m, const char* network, const char* training) {
    using N = BoundNetwork<Real>;
    using T = BoundTraining<Real>;
    const auto X = nb::arg("X").noconvert(), out = nb::arg("out").noconvert();
    const auto Y = nb::arg("Y").noconvert().none(), labels = nb::arg("labels").noconvert().none(),
               weight = nb::arg("weight").noconvert().none();
    nb::class_<N>(m, network)
        .def(nb::init<std::size_t, const Operations&, std::tuple<int, int, bool, double>>(), nb::arg("inputs"),
             nb::arg("operations"), nb::arg("ending"))
        .def_prop_ro("parameters", [](const N& self) { return self.network.parameters(); })
        .def("load", &N::load, nb::arg("theta").noconvert())
        .def("save", &N::save, out)
        .def("load_slot", &N::load_slot, nb::arg("slot"), nb::arg("theta").noconvert())
        .def("save_slot", &N::save_slot, nb::arg("slot"), out)
        .def("first_not_finite", &N::first_not_finite)
        .def("predict", &N::predict, X, out, nb::arg("batch_size"), nb::arg("n_threads"))
        .def("evaluate", &N::evaluate, X, Y, labels, weight, nb::arg("measures"), nb::arg("batch_size"),
             nb::arg("n_threads"))
        .def("gradient", &N::gradient, X, Y, labels, weight, out, nb::arg("batch_size"), nb::arg("n_threads"));
    nb::class_<T>(m, training)
        .def(nb::init<N&, In<Real, 2>, In<Real, 2>, In<Real, 1>, In<Real, 1>, std::size_t, bool, std::uint64_t,
                      const typename T::Rules&, const Measures&, std::uint64_t, std::uint64_t>(),
             nb::arg("network"), X, Y, labels, weight, nb::arg("batch_size"), nb::arg("shuffled"), nb::arg("seed"),
             nb::arg("rule"), nb::arg("measures"), nb::arg("first_epoch"), nb::arg("iterations"), nb::keep_alive<1, 2>())
        .def("run", &T::run, nb::arg("epochs"), nb::arg("batches"), nb::arg("seconds"), nb::arg("n_threads"))
        .def("means", &T::means)
        .def_prop_ro("recorded", &T::recorded)
        .def("history", &T::history, out)
        .def_prop_ro("epochs", [](T& self) { return self.training().epochs(); })
        .def_prop_ro("batches", [](T& self) { return self.training().batches(); })
        .def_prop_ro("iterations", [](T& self) { return self.training().iterations(); })
        .def("set_rate", [](T& self, double rate) { self.training().set_rate(rate); }, nb::arg("rate"));
}

}  // namespace

void register_network(nb::module_& m) {
    register_one_type<float>(m, "NetworkFloat", "TrainingFloat");
    register_one_type<double>(m, "NetworkDouble", "TrainingDouble");
}

}  // namespace multilogit
