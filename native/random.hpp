// Random numbers by counting: number i of a stream is a hash of its key and i, whoever asks for it and in whatever order.
//
// The hash is the output function of G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014 (SplitMix64).
// src/multilogit/_kernels/random.py has the same streams.

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace multilogit {

inline std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

class Stream {
  public:
    Stream(std::uint64_t seed, std::uint64_t which) : key_(mixed(mixed(seed) + which * golden)) {}
    std::uint64_t operator[](std::uint64_t i) const { return mixed(key_ + (i + 1) * golden); }

  private:
    static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15u;
    std::uint64_t key_;
};

// Exchanges each place, the last first, with one at or before it: R. Durstenfeld, Commun. ACM 7 (1964) 420.
inline void shuffle(std::vector<std::uint32_t>& order, const Stream& stream) {
    for (std::size_t i = order.size(); i-- > 1;) {
        const auto j = static_cast<std::size_t>(((stream[i] >> 32) * (i + 1)) >> 32);
        std::swap(order[i], order[j]);
    }
}

}  // namespace multilogit
