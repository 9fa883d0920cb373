#include "training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

#include "poll.hpp"
#include "random.hpp"

namespace multilogit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t epochs_at_once = 256;  // of a tiny network, some 20 us
constexpr double work_between_looks = 1e6;  // multiply-adds until the clock is read again, some 20 us

template <typename Real>
void measure(const Sequential<Real>& network, const Batch<Real>& batch, const std::vector<Measure>& measures,
             const Real* weights, Means& means) {
    for (std::size_t i = 0; i < batch.n; ++i) {
        const Row<Real> row{network.output_row(i), batch.targets ? batch.targets[i] : nullptr,
                            batch.labels ? batch.labels[i] : Real(0), network.outputs()};
        for (std::size_t j = 0; j < measures.size(); ++j) {
            const double weight = measures[j].weighted && weights ? static_cast<double>(weights[i]) : 1.0;
            means.add(1 + j, metric_of(measures[j].metric, row), weight);
        }
    }
}

}  // namespace

template <typename Real>
Training<Real>::Training(Sequential<Real>& network, const Examples<Real>& examples, const Schedule& schedule,
                         std::vector<Measure> measures, std::uint64_t first_epoch, std::uint64_t iterations)
    : network_(network), examples_(examples), schedule_(schedule), measures_(std::move(measures)), order_(examples.N),
      means_(1 + measures_.size()), iterations_(iterations), first_epoch_(first_epoch),
      first_power_(std::pow(schedule.decay, static_cast<double>(iterations))),
      second_power_(std::pow(schedule.second_decay, static_cast<double>(iterations))) {
    const std::size_t n = std::min(schedule.batch_size, examples.N);
    network.reserve(n);
    std::iota(order_.begin(), order_.end(), 0u);
    target_rows_.resize(examples.Y ? n : 0);
    labels_.resize(examples.labels ? n : 0);
    weights_.resize(2 * n);
}

template <typename Real>
void Training<Real>::begin_epoch() {
    means_.clear();
    // A single batch holds every row whatever their order, which then changes nothing but rounding.
    if (!schedule_.shuffled || examples_.N <= schedule_.batch_size) return;
    std::iota(order_.begin(), order_.end(), 0u);
    shuffle(order_, Stream(schedule_.seed, 1 + 2 * (first_epoch_ + epoch_)));
}

template <typename Real>
void Training<Real>::take_batch(std::size_t first, std::size_t n) {
    if (taken_ && n == examples_.N) return;
    auto& rows = network_.inputs_of_batch();
    const Real share = Real(1) / static_cast<Real>(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = order_[first + i];
        rows[i] = examples_.X + row * examples_.D;
        if (examples_.Y) target_rows_[i] = examples_.Y + row * examples_.K;
        else labels_[i] = examples_.labels[row];
        const Real weight = examples_.weight ? examples_.weight[row] : Real(1);
        weights_[i] = weight * share;
        weights_[weights_.size() / 2 + i] = weight;
    }
    network_.take({n, examples_.Y ? target_rows_.data() : nullptr, examples_.Y ? nullptr : labels_.data(),
                   weights_.data(), nullptr, nullptr});
    taken_ = true;
}

template <typename Real>
Step<Real> Training<Real>::next_step() {
    const Schedule& s = schedule_;
    double rate = s.rate;
    if (s.rule == Rule::adam) {
        first_power_ *= s.decay;
        second_power_ *= s.second_decay;
        rate *= std::sqrt(1 - second_power_) / (1 - first_power_);
    }
    return {s.rule, s.centred, s.largest, static_cast<Real>(rate), static_cast<Real>(s.momentum),
            static_cast<Real>(s.decay), static_cast<Real>(s.second_decay), static_cast<Real>(s.epsilon)};
}

// One batch; false where its loss is not finite, and then nothing has moved.
template <typename Real>
bool Training<Real>::step(int n_threads, Interrupted interrupted, double& loss, bool& finished) {
    const std::size_t first = at_ * schedule_.batch_size, n = std::min(schedule_.batch_size, examples_.N - first);
    take_batch(first, n);
    network_.draw_masks(schedule_.seed, iterations_);
    loss = network_.run(Pass::gradient, !measures_.empty(), n_threads, interrupted, finished);
    if (!finished) return true;
    if (!std::isfinite(loss)) return false;
    means_.add(0, loss, static_cast<double>(n));
    if (!measures_.empty())
        measure(network_, network_.batch(), measures_, weights_.data() + weights_.size() / 2, means_);
    network_.move(next_step(), n_threads);
    ++iterations_, ++at_;
    return true;
}

// Whole epochs of a tiny network whose one batch holds every row: the same steps, many in one go where nothing is asked
// between them.  Returns how many, none where the network is another.
template <typename Real>
std::uint64_t Training<Real>::tiny_epochs(std::uint64_t most, bool& finite) {
    if (examples_.N > schedule_.batch_size) return 0;
    take_batch(0, examples_.N);
    if (!network_.is_tiny()) return 0;
    const bool one = !measures_.empty() || schedule_.rule == Rule::adam;
    const auto count = one ? 1 : static_cast<std::size_t>(std::min<std::uint64_t>(most, epochs_at_once));
    double losses[epochs_at_once];
    const double powers[] = {first_power_, second_power_};
    const std::size_t done = network_.tiny_steps(next_step(), count, losses);
    finite = done == count;
    if (!finite) {  // no step is taken, and the rows show where their numbers overflow
        bool finished = true;
        if (done == 0) first_power_ = powers[0], second_power_ = powers[1];
        network_.run(Pass::value, false, 1, nullptr, finished);
    }
    epoch_ += done, iterations_ += done;
    if (measures_.empty()) {
        history_.insert(history_.end(), losses, losses + done);
        if (done == 0) return 0;
        means_.clear();
        means_.add(0, losses[done - 1], 1);
    } else if (done > 0) {
        means_.clear();
        means_.add(0, losses[0], 1);
        network_.tiny_outputs();
        measure(network_, network_.batch(), measures_, weights_.data() + weights_.size() / 2, means_);
        for (std::size_t j = 0; j <= measures_.size(); ++j) history_.push_back(means_.of(j));
    }
    return done;
}

template <typename Real>
Stop Training<Real>::run(std::uint64_t epochs, std::uint64_t batches, double seconds, int n_threads,
                         Interrupted interrupted) {
    const std::uint64_t per_epoch = (examples_.N + schedule_.batch_size - 1) / schedule_.batch_size;
    const double work = network_.work_of_row() * static_cast<double>(std::min(schedule_.batch_size, examples_.N)) + 1000;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    // A batch of a hundred milliseconds asks by itself between its tasks; shorter ones together ask here.
    const Interrupted within = work > 1e9 ? interrupted : nullptr;
    Poll poll(interrupted);
    double since = 0;
    bool finite = true;
    while (epoch_ < epochs && batches > 0) {
        const std::uint64_t done = tiny_epochs(std::min(epochs - epoch_, batches), finite);
        if (!finite) return Stop::not_finite;
        if (done > 0) {
            batches -= done;
            if ((since += static_cast<double>(done)) < epochs_at_once) continue;
            since = 0;
            if (poll()) return Stop::interrupted;
            if (Clock::now() >= end) return epoch_ < epochs ? Stop::paused : Stop::done;
            continue;
        }
        --batches;
        if (at_ == 0) begin_epoch();
        double loss = 0;
        bool finished = true;
        if (!step(n_threads, within, loss, finished)) return Stop::not_finite;
        if (!finished) return Stop::interrupted;
        if (at_ == per_epoch) {
            for (std::size_t j = 0; j <= measures_.size(); ++j) history_.push_back(means_.of(j));
            ++epoch_, at_ = 0;
        }
        if ((since += work) < work_between_looks) continue;
        since = 0;
        if (poll()) return Stop::interrupted;
        if (Clock::now() >= end) return epoch_ < epochs ? Stop::paused : Stop::done;
    }
    return epoch_ < epochs ? Stop::paused : Stop::done;
}

template <typename Real>
bool pass_over(Sequential<Real>& network, const Examples<Real>& examples, const std::vector<Measure>& measures,
               Real* outputs, bool gradient, std::size_t batch_size, int n_threads, Interrupted interrupted, Means* means) {
    const std::size_t most = std::min(batch_size, examples.N), K = network.outputs();
    network.reserve(most);
    std::vector<const Real*> targets(examples.Y ? most : 0);
    std::vector<Real> ones(examples.weight ? 0 : most, Real(1));
    const Pass pass = gradient ? Pass::gradient : means ? Pass::value : Pass::outputs;
    const bool want_outputs = outputs != nullptr || !measures.empty();
    for (std::size_t first = 0; first < examples.N; first += most) {
        const std::size_t n = std::min(most, examples.N - first);
        for (std::size_t i = 0; i < n; ++i) {
            network.inputs_of_batch()[i] = examples.X + (first + i) * examples.D;
            if (examples.Y) targets[i] = examples.Y + (first + i) * examples.K;
        }
        const Real* weight = examples.weight ? examples.weight + first : ones.data();
        network.take({n, examples.Y ? targets.data() : nullptr, examples.labels ? examples.labels + first : nullptr,
                      weight, nullptr, nullptr});
        network.drop_nothing();
        bool finished = true;
        const double loss = network.run(pass, want_outputs, n_threads, interrupted, finished);
        if (!finished) return false;
        if (gradient) network.move({Rule::accumulate, false, false, 0, 0, 0, 0, 0}, n_threads);
        if (means) means->add(0, loss / static_cast<double>(n), static_cast<double>(n));
        if (means && !measures.empty()) measure(network, network.batch(), measures, examples.weight ? weight : nullptr, *means);
        for (std::size_t i = 0; outputs && i < n; ++i)
            std::memcpy(outputs + (first + i) * K, network.output_row(i), K * sizeof(Real));
    }
    return true;
}

template class Training<float>;
template class Training<double>;
template bool pass_over(Sequential<float>&, const Examples<float>&, const std::vector<Measure>&, float*, bool, std::size_t,
                        int, Interrupted, Means*);
template bool pass_over(Sequential<double>&, const Examples<double>&, const std::vector<Measure>&, double*, bool,
                        std::size_t, int, Interrupted, Means*);

}  // namespace multilogit
