// A question asked now and then: whether the user has interrupted.

#pragma once

#include <chrono>

#include "pool.hpp"

namespace multilogit {

// Asks at most every 20 ms; a true answer is kept.
class Poll {
  public:
    explicit Poll(Interrupted interrupted) : ask(interrupted) {
        if (ask) due = Clock::now() + time;
    }

    bool operator()() {
        if (ask && !stopped && Clock::now() >= due) {
            stopped = ask();
            due = Clock::now() + time;
        }
        return stopped;
    }

    static constexpr auto time = std::chrono::milliseconds(20);
    bool stopped = false;

  private:
    using Clock = std::chrono::steady_clock;
    Interrupted ask;
    Clock::time_point due{};
};

}  // namespace multilogit
