// Memory that one sweep leaves for the next: fresh pages cost as much as the products of a small problem.

#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "worker.hpp"

namespace multilogit {

// An array that grows and never shrinks; what it holds is lost when it grows.
class Growing {
  public:
    double* at_least(std::size_t size) {
        if (size > size_) {
            numbers_.reset();
            numbers_ = std::make_unique<Buffer<double>>(size);
            size_ = size;
        }
        return numbers_ ? numbers_->get() : nullptr;
    }

  private:
    std::unique_ptr<Buffer<double>> numbers_;
    std::size_t size_ = 0;
};

// One spare T; whoever finds none makes one, and of several that come back one is kept.
template <typename T>
class Shelf {
  public:
    class Loan {
      public:
        Loan(Shelf& shelf, std::unique_ptr<T> item) : shelf_(shelf), item_(std::move(item)) {}
        ~Loan() {
            const std::lock_guard<std::mutex> lock(shelf_.mutex_);
            shelf_.spare_.swap(item_);
        }
        Loan(const Loan&) = delete;
        T* operator->() const { return item_.get(); }

      private:
        Shelf& shelf_;
        std::unique_ptr<T> item_;
    };

    Loan take() {
        std::unique_lock<std::mutex> lock(mutex_);
        std::unique_ptr<T> item = std::move(spare_);
        lock.unlock();
        return Loan(*this, item ? std::move(item) : std::make_unique<T>());
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<T> spare_;
};

}  // namespace multilogit
