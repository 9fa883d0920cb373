#include "sequential.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "level.hpp"
#include "random.hpp"

namespace multilogit {
namespace {

constexpr std::size_t fewest = 4;          // numbers of a padded row: tiny.hpp moves so many weights at once
constexpr std::size_t tiny_width = 16;     // numbers of a layer of a tiny network
constexpr std::size_t chunk_rows = 16;     // of the way forward and back
constexpr double worth_threads = 1e6;      // multiply-adds of a batch: below, a switch of threads takes longer
constexpr std::size_t update_rows = 16;    // of weights: a line of each row of x

template <typename Real>
std::unique_ptr<Buffer<Real>> zeroed(std::size_t size) {
    auto made = std::make_unique<Buffer<Real>>(size + slack);
    std::fill_n(made->get(), size + slack, Real(0));
    return made;
}

}  // namespace

template <typename Real>
struct Sequential<Real>::Kept {
    explicit Kept(std::size_t K)  // the longest row
        : columns(zeroed<Real>(3 * K * chunk_rows)), rows(zeroed<Real>(3 * chunk_rows)), present(K),
          exact(row_scratch + 3 * K), G(zeroed<Real>(update_rows * K)) {
        std::fill_n(present.get(), K, std::uint8_t{1});
        Real *c = columns->get(), *r = rows->get();
        const std::size_t one = K * chunk_rows;
        scratch = {c, c + one, c + 2 * one, r, r + chunk_rows, r + 2 * chunk_rows, present.get(), exact.get(), G->get()};
    }
    std::unique_ptr<Buffer<Real>> columns, rows;
    Buffer<std::uint8_t> present;
    Buffer<double> exact;
    std::unique_ptr<Buffer<Real>> G;
    Workspace<Real> scratch;
};

template <typename Real>
Sequential<Real>::Sequential(std::size_t inputs, const std::vector<Description>& descriptions, const Ending& outputs)
    : lanes_(network_kernels<Real>().lanes), described_(descriptions.size()), layers_{} {
    places_.push_back({inputs, padded(inputs), nullptr, nullptr, nullptr, nullptr, nullptr});
    for (const Description& each : descriptions) add(each);
    // The loss overwrites what it takes by the outputs: neither rows nor values that the way back needs.
    const bool overwrites = outputs.final != Activation::linear && !outputs.keep_logits;
    if (places_.size() == 1 || (overwrites && operations_.back().kind != Operator::dense))
        add({Operator::activation, Activation::linear, 0, false, 0});
    bool below = false;
    for (Operation<Real>& each : operations_) {
        each.below = below;
        below = below || each.kind == Operator::dense;
        if (each.kind == Operator::dense && each.below) each.turned = array(each.M * each.turned_stride)->get();
    }
    for (const Place<Real>& each : places_) longest_ = std::max(longest_, each.stride);
    const bool binary = outputs.loss == Loss::logistic_cross_entropy || outputs.loss == Loss::binary_cross_entropy;
    const double classes = binary ? 2 : static_cast<double>(this->outputs());
    layers_ = {operations_.data(), operations_.size(), places_.data(), places_.size() - 1,
               outputs.loss, outputs.final, outputs.keep_logits, static_cast<Real>(1 - outputs.smoothing),
               static_cast<Real>(outputs.smoothing / classes), array(longest_)->get(), {}};
}

template <typename Real>
Sequential<Real>::~Sequential() = default;

template <typename Real>
Buffer<Real>* Sequential<Real>::array(std::size_t size) {
    arrays_.push_back(zeroed<Real>(size));
    return arrays_.back().get();
}

// Whole vectors, or for less than one the narrowest that holds the row.
template <typename Real>
std::size_t Sequential<Real>::padded(std::size_t width) const {
    std::size_t narrow = std::min(lanes_, fewest);
    while (narrow < lanes_ && narrow < width) narrow *= 2;
    return (width + narrow - 1) / narrow * narrow;
}

template <typename Real>
void Sequential<Real>::add(const Description& each) {
    const std::size_t in = places_.size() - 1, D = places_[in].width;
    const bool dense = each.kind == Operator::dense;
    const std::size_t M = dense ? each.units : D;
    // An activation overwrites logits, which nobody needs on the way back.
    const bool in_place = each.kind == Operator::activation && in > 0 && operations_.back().kind == Operator::dense;
    if (!in_place) places_.push_back({M, padded(M), nullptr, nullptr, nullptr, nullptr, nullptr});
    const std::size_t out = places_.size() - 1, stride = padded(M);
    Operation<Real> made{each.kind, each.activation, in, out, false, D, M, stride, nullptr, nullptr, padded(D),
                         {}, each.bias, each.rate};
    if (dense) {
        made.W = array((D + 1) * stride)->get();
        parameters_ += (D + (each.bias ? 1 : 0)) * M;
        work_ += 3.0 * static_cast<double>(D * stride);
    }
    operations_.push_back(made);
}

template <typename Real>
Workspace<Real>& Sequential<Real>::scratch(int thread) {
    return scratch_[static_cast<std::size_t>(thread)]->scratch;
}

// copy(an operation, row d of its weights, numbers, place in theta)
template <typename Real>
template <typename Copy>
void Sequential<Real>::each_weight(Copy copy) const {
    std::size_t at = 0;
    for (const Operation<Real>& each : operations_) {
        if (each.kind != Operator::dense) continue;
        for (std::size_t d = 0; d < each.D + (each.bias ? 1 : 0); ++d, at += each.M) copy(each, d * each.stride, at);
    }
}

template <typename Real>
void Sequential<Real>::load(const Real* theta) {
    each_weight([&](const Operation<Real>& each, std::size_t row, std::size_t at) {
        std::memcpy(each.W + row, theta + at, each.M * sizeof(Real));
    });
    for (const Operation<Real>& each : operations_)
        if (each.turned) turn(each);
}

template <typename Real>
void Sequential<Real>::save(Real* theta) const {
    each_weight([&](const Operation<Real>& each, std::size_t row, std::size_t at) {
        std::memcpy(theta + at, each.W + row, each.M * sizeof(Real));
    });
}

template <typename Real>
void Sequential<Real>::turn(const Operation<Real>& each) {
    for (std::size_t d = 0; d < each.D; ++d)
        for (std::size_t j = 0; j < each.M; ++j) each.turned[j * each.turned_stride + d] = each.W[d * each.stride + j];
}

template <typename Real>
void Sequential<Real>::load_slot(std::size_t slot, const Real* theta) {
    for (Operation<Real>& each : operations_)
        if (each.kind == Operator::dense && each.slots[slot] == nullptr)
            each.slots[slot] = array((each.D + 1) * each.stride)->get();
    each_weight([&](const Operation<Real>& each, std::size_t row, std::size_t at) {
        std::memcpy(each.slots[slot] + row, theta + at, each.M * sizeof(Real));
    });
}

template <typename Real>
void Sequential<Real>::save_slot(std::size_t slot, Real* theta) const {
    each_weight([&](const Operation<Real>& each, std::size_t row, std::size_t at) {
        std::memcpy(theta + at, each.slots[slot] + row, each.M * sizeof(Real));
    });
}

template <typename Real>
void Sequential<Real>::reserve(std::size_t n) {
    if (n <= capacity_) return;
    batch_arrays_.clear();
    pointers_.clear();
    input_rows_.assign(n, nullptr);
    places_[0].rows = input_rows_.data();
    const auto made = [&](std::size_t stride) {
        batch_arrays_.push_back(zeroed<Real>((n + chunk_rows) * stride));
        return batch_arrays_.back()->get();
    };
    const auto rows_of = [&](const Real* first, std::size_t stride) {
        pointers_.emplace_back(n);
        for (std::size_t i = 0; i < n; ++i) pointers_.back()[i] = first + i * stride;
        return pointers_.back().data();
    };
    for (std::size_t p = 1; p < places_.size(); ++p) {
        Place<Real>& each = places_[p];
        each.value = made(each.stride);
        each.delta = made(each.stride);
        each.rows = rows_of(each.value, each.stride);
        each.deltas = rows_of(each.delta, each.stride);
    }
    spread_targets_ = made(places_.back().stride);
    spread_weights_ = made(places_.back().stride);
    for (const Operation<Real>& each : operations_)
        if (each.kind == Operator::dropout) places_[each.out].mask = made(places_[each.out].stride);
    capacity_ = n;
}

template <typename Real>
void Sequential<Real>::take(const Batch<Real>& batch) {
    layers_.batch = batch;
    tiny_batch_ = false;
    if (batch.targets == nullptr && batch.labels == nullptr) return;  // outputs alone are asked for
    if (layers_.loss == Loss::softmax_cross_entropy || layers_.loss == Loss::categorical_cross_entropy) return;
    const std::size_t K = places_.back().width, stride = places_.back().stride;
    for (std::size_t i = 0; i < batch.n; ++i) {
        for (std::size_t k = 0; k < K; ++k) {
            const Real y = batch.targets ? batch.targets[i][k] : Real(batch.labels[i] == Real(k));
            spread_targets_[i * stride + k] = layers_.kept_target * y + layers_.added_target;
            spread_weights_[i * stride + k] = batch.weight[i] / static_cast<Real>(K);
        }
    }
    // A whole vector may reach beyond the last row, where an earlier, longer batch may have been.
    std::fill_n(spread_weights_ + batch.n * stride, slack, Real(0));
    layers_.batch.spread_targets = spread_targets_;
    layers_.batch.spread_weights = spread_weights_;
    tiny_batch_ = fits_tiny();
    if (tiny_batch_) take_tiny();
}

// Products, each with an activation or without, of few numbers; a loss number by number.
template <typename Real>
bool Sequential<Real>::fits_tiny() {
    tiny_.count = 0;
    if (layers_.loss != Loss::squared_error && layers_.loss != Loss::logistic_cross_entropy) return false;
    if (layers_.batch.n > lanes_ || lanes_ < fewest || inputs() > tiny_width) return false;
    for (const Operation<Real>& each : operations_) {
        if (each.kind == Operator::dense) {
            if (tiny_.count == most_layers || each.M > tiny_width) return false;
            tiny_.products[tiny_.count] = &each;
            tiny_.activations[tiny_.count++] = Activation::linear;
        } else if (each.kind == Operator::activation && each.in == each.out && each.activation != Activation::softmax) {
            tiny_.activations[tiny_.count - 1] = each.activation;
        } else {
            return false;
        }
    }
    return tiny_.count > 0;
}

// Rows to lanes.
template <typename Real>
void Sequential<Real>::take_tiny() {
    const std::size_t n = layers_.batch.n, K = outputs(), stride = places_.back().stride;
    const auto made = [&](std::size_t width) {
        // A product reads four numbers at once.
        tiny_arrays_.push_back(zeroed<Real>((width + 3) * lanes_));
        return tiny_arrays_.back()->get();
    };
    tiny_arrays_.clear();
    tiny_.values[0] = made(inputs());
    for (std::size_t l = 0; l < tiny_.count; ++l) {
        tiny_.values[l + 1] = made(tiny_.products[l]->M);
        tiny_.deltas[l] = made(tiny_.products[l]->M);
    }
    Real *targets = made(K), *weights = made(1), *ones = made(1);
    std::fill_n(ones, lanes_, Real(1));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t d = 0; d < inputs(); ++d) tiny_.values[0][d * lanes_ + i] = input_rows_[i][d];
        for (std::size_t k = 0; k < K; ++k) targets[k * lanes_ + i] = spread_targets_[i * stride + k];
        weights[i] = spread_weights_[i * stride];
    }
    tiny_.targets = targets, tiny_.weights = weights, tiny_.ones = ones, tiny_.fours = (n + 3) / 4;
}

template <typename Real>
std::size_t Sequential<Real>::tiny_steps(const Step<Real>& step, std::size_t count, double* losses) {
    reserve_scratch(1);
    return network_kernels<Real>().tiny_steps(layers_.loss, tiny_, step, count, losses, scratch(0).G);
}

template <typename Real>
void Sequential<Real>::tiny_outputs() {
    const Place<Real>& last = places_.back();
    Real* values = tiny_.values[tiny_.count];
    if (!layers_.keep_logits && layers_.loss == Loss::logistic_cross_entropy)
        network_kernels<Real>().activate(layers_.final, values, last.width * lanes_);
    for (std::size_t i = 0; i < layers_.batch.n; ++i)
        for (std::size_t k = 0; k < last.width; ++k) last.value[i * last.stride + k] = values[k * lanes_ + i];
}

template <typename Real>
void Sequential<Real>::draw_masks(std::uint64_t seed, std::uint64_t step) {
    for (std::size_t j = 0; j < operations_.size(); ++j) {
        const Operation<Real>& each = operations_[j];
        if (each.kind != Operator::dropout) continue;
        const Place<Real>& place = places_[each.out];
        const Stream stream(seed, 2 + 2 * (step * described_ + j));
        const auto dropped = static_cast<std::uint64_t>(each.rate * 0x1p32);
        const Real kept = static_cast<Real>(1 / (1 - each.rate));
        for (std::size_t i = 0; i < layers_.batch.n; ++i)
            for (std::size_t k = 0; k < place.width; ++k)
                place.mask[i * place.stride + k] = stream[i * place.width + k] >> 32 < dropped ? Real(0) : kept;
    }
}

template <typename Real>
void Sequential<Real>::reserve_scratch(int n_threads) {
    for (auto have = scratch_.size(); have < static_cast<std::size_t>(std::max(n_threads, 1)); ++have)
        scratch_.push_back(std::make_unique<Kept>(longest_));
}

template <typename Real>
void Sequential<Real>::drop_nothing() {
    for (const Place<Real>& each : places_)
        if (each.mask) std::fill_n(each.mask, layers_.batch.n * each.stride, Real(1));
}

template <typename Real>
double Sequential<Real>::run(Pass pass, bool want_outputs, int n_threads, Interrupted interrupted, bool& finished) {
    const std::size_t n = layers_.batch.n, chunks = (n + chunk_rows - 1) / chunk_rows;
    const auto& kernels = network_kernels<Real>();
    if (static_cast<double>(n) * work_ < worth_threads) n_threads = 1;
    reserve_scratch(n_threads);
    if (n_threads == 1 && interrupted == nullptr) {
        double value = 0;
        for (std::size_t c = 0; c < chunks; ++c)
            value += kernels.rows(layers_, c * chunk_rows, std::min(n, (c + 1) * chunk_rows), pass, scratch(0),
                                  want_outputs);
        return value;
    }
    std::vector<double> values(chunks);
    finished = parallel_for(chunks, n_threads, [&](std::size_t c, int thread) {
        values[c] = kernels.rows(layers_, c * chunk_rows, std::min(n, (c + 1) * chunk_rows), pass, scratch(thread),
                                 want_outputs);
    }, interrupted);
    double value = 0;
    for (double each : values) value += each;
    return value;
}

template <typename Real>
void Sequential<Real>::move(const Step<Real>& step, int n_threads) {
    const auto& kernels = network_kernels<Real>();
    const auto part = [&](const Operation<Real>& each, std::size_t unit, int thread) {
        // Whole vectors: narrow rows are a quarter of the narrowest at least.
        const std::size_t first = unit * update_rows, end = std::min(each.D + 1, first + update_rows);
        kernels.update(layers_, each, first, end, step, scratch(thread));
    };
    const auto units = [](const Operation<Real>& each) {
        return each.kind == Operator::dense ? (each.D + update_rows) / update_rows : 0;
    };
    if (static_cast<double>(layers_.batch.n) * work_ < worth_threads || n_threads == 1) {
        for (const Operation<Real>& each : operations_)
            for (std::size_t unit = 0; unit < units(each); ++unit) part(each, unit, 0);
        return;
    }
    std::size_t count = 0;
    for (const Operation<Real>& each : operations_) count += units(each);
    parallel_for(count, n_threads, [&](std::size_t unit, int thread) {
        for (const Operation<Real>& each : operations_) {
            const std::size_t here = units(each);
            if (unit < here) return part(each, unit, thread);
            unit -= here;
        }
    });
}

template <typename Real>
int Sequential<Real>::first_not_finite(bool& weights) const {
    const auto finite = [](const Real* x, std::size_t n) {
        return std::all_of(x, x + n, [](Real v) { return std::isfinite(v); });
    };
    weights = true;
    for (std::size_t j = 0; j < operations_.size(); ++j)
        if (operations_[j].kind == Operator::dense &&
            !finite(operations_[j].W, (operations_[j].D + 1) * operations_[j].stride))
            return static_cast<int>(j);
    weights = false;
    for (std::size_t j = 0; j < operations_.size(); ++j) {
        const Place<Real>& place = places_[operations_[j].out];
        if (!finite(place.value, layers_.batch.n * place.stride)) return static_cast<int>(j);
    }
    return -1;
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace multilogit
