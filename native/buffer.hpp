// Memory of fixed size, not initialised.

#pragma once

#include <cstddef>
#include <new>

namespace multilogit {

// An array on a cache line of its own.
template <typename T>
class Buffer {
  public:
    explicit Buffer(std::size_t size) : data_(static_cast<T*>(::operator new(size * sizeof(T), alignment))) {}
    ~Buffer() { ::operator delete(data_, alignment); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    T* get() const { return data_; }
    T& operator[](std::size_t i) const { return data_[i]; }

  private:
    static constexpr std::align_val_t alignment{64};
    T* data_;
};

}  // namespace multilogit
