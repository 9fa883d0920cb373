// Exponentials of the logits of a row, and their sum.
//
// src/multilogit/_kernels/reference.py has the formulas and the reason for each number.  The operations here are the
// same ones in the same order, and the sums are exact, each term being rounded to a grid before: so neither the
// number of lanes nor the order of the classes changes a bit.  Compile without contraction.
//
// A lane holds the logits of one row, or a part of them.  Two ways to carry an exponential:
//
//     Plain   for float32 logits   e = exp(z - m) in float64
//     Paired  for float64 logits   hi + lo = 2^512 exp(z - c) / 2^N

#pragma once

#include "elementary.hpp"
#include "pairs.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

constexpr double infinity = __builtin_inf();
constexpr double log2_e = 0x1.71547652b82fep+0;
constexpr double round_magic = 0x1.8p52;  // x + round_magic holds the integer nearest to x in its last bits
constexpr std::size_t block = 256;        // classes whose sum is exact

MULTILOGIT_INLINE bool all(Longs mask) {
#if defined(__AVX512F__)
    return _mm512_movepi64_mask(reinterpret_cast<__m512i>(mask)) == 0xff;
#elif defined(__AVX2__)
    return _mm256_movemask_pd(reinterpret_cast<__m256d>(mask)) == 0xf;
#else
    bool every = true;
    for (std::size_t l = 0; l < Simd<double>::lanes; ++l) every &= mask[l] != 0;
    return every;
#endif
}

// x to a multiple of the last bit of magic.
MULTILOGIT_INLINE Doubles to_grid(Doubles x, double magic) { return (x + magic) - magic; }

// 2^(k + exponent - 1023) for k in the last bits of `shifted`.
MULTILOGIT_INLINE Doubles power_of_two(Doubles shifted, std::uint64_t exponent) {
    return from_bits<double>((bits_of<double>(shifted) + exponent) << 52);
}

// a - b, and 0 where they are equal, infinite ones included.
MULTILOGIT_INLINE Doubles difference(Doubles a, Doubles b) { return a == b ? Doubles{} : a - b; }

MULTILOGIT_INLINE Doubles finite_or_zero(Doubles x) { return x - x == 0 ? x : Doubles{}; }

struct Plain {
    static constexpr double smallest = -150;             // float32 has nothing below exp(-104)
    static constexpr double grid = 0x1.8p8;              // multiples of 2^-44
    static constexpr double ln2 = 0x1.62e42fefa3a00p-1;  // 45 bits
    static constexpr double terms[] = {0x1.0000003a0c938p-1, 0x1.55555440a6fa6p-3,  0x1.55548dda2b6fep-5,
                                       0x1.111273a6a650bp-7, 0x1.6d8cfd59dd441p-10, 0x1.9f0541dce61dbp-13};  // 2^-34

    // Where the logits are counted from; regular where no lane is infinite or NaN there.
    struct Origin {
        Doubles shift;
        bool regular;
    };

    struct Sum {
        Doubles value{};
        MULTILOGIT_INLINE void add(Plain e) { value += to_grid(e.e, grid); }
        template <typename Layout>
        MULTILOGIT_INLINE void add_block(const Sum& part) { value += Layout::sum(part.value); }
    };

    // What a sum of exponentials divides by.
    struct Quotient {
        Doubles inverse;
        MULTILOGIT_INLINE Doubles operator()(Plain e) const { return e.e * inverse; }
    };

    Doubles e;

    // Counts from the peak of the logits to be summed, or not far below `shift`.
    static MULTILOGIT_INLINE Origin origin(Doubles shift, Doubles peak) {
        const Doubles from = maximum<double>(shift + smallest, peak);
        return {from, all(from - from == 0)};
    }

    template <bool regular>
    static MULTILOGIT_INLINE Plain exp(Doubles z, const Origin& from) {
        const Doubles unbounded = regular ? z - from.shift : difference(z, from.shift);
        const Doubles s = maximum<double>(Doubles{} + smallest, unbounded);  // a NaN stays
        const Doubles shifted = s * log2_e + round_magic;
        const Doubles r = add_exact_product(round_magic - shifted, Doubles{} + ln2, s);
        const Doubles e = 1.0 + (r + (r * r) * polynomial<double>(terms, r));
        return {e * power_of_two(shifted, 1023)};
    }

    static MULTILOGIT_INLINE Quotient quotient(const Sum& sum) { return {1.0 / sum.value}; }

    static MULTILOGIT_INLINE Plain load(const double* p) { return {multilogit::MULTILOGIT_LEVEL::load(p)}; }
    MULTILOGIT_INLINE void store(double* p) const { multilogit::MULTILOGIT_LEVEL::store(p, e); }

    // sum exp(shift - top), the sum of exp(z - top); 0 below every float32.
    static MULTILOGIT_INLINE Doubles relative_to(Doubles top, const Sum& sum, const Origin& from) {
        const Doubles u = sum.value * exp<false>(from.shift, origin(top, top)).e;
        return u < 0x1p-170 ? Doubles{} : u;
    }

    static MULTILOGIT_INLINE Doubles log_sum(const Sum& sum, const Origin& from) {
        return from.shift + log<double>(sum.value);
    }

    static MULTILOGIT_INLINE Doubles moderate_shift(Doubles top) { return top; }

    // z - top - log_total
    static MULTILOGIT_INLINE Doubles log_probability(Doubles z, Doubles top, Doubles log_total) {
        return difference(z, top) - log_total;
    }
};

// 2^(j / 16): 26 bits behind the point, and the rest.
constexpr double roots[16] = {
    0x1.0000000000000p+0, 0x1.0b5586c000000p+0, 0x1.172b83c000000p+0, 0x1.2387a70000000p+0,
    0x1.306fe0c000000p+0, 0x1.3dea64c000000p+0, 0x1.4bfdad4000000p+0, 0x1.5ab07dc000000p+0,
    0x1.6a09e68000000p+0, 0x1.7a11474000000p+0, 0x1.8ace544000000p+0, 0x1.9c49184000000p+0,
    0x1.ae89f98000000p+0, 0x1.c199bdc000000p+0, 0x1.d5818dc000000p+0, 0x1.ea4afa4000000p+0};
constexpr double root_rests[16] = {
    0x0.0000000000000p+0,   0x1.f3121ec531725p-29,  0x1.f545eb737df23p-30, -0x1.8a9dc7993e052p-28,
    -0x1.ce48ead2172a6p-28, 0x1.2342235b41224p-32,  0x1.362a271d4397bp-28, 0x1.48542958c9301p-28,
    -0x1.80c4336f74d05p-28, -0x1.4fe79282aefdcp-32, -0x1.d55f24a4583aap-28, -0x1.5c0f6fe383b95p-28,
    0x1.5ad3ad5e8734dp-28,  0x1.85529c2220cb1p-28,  0x1.f7490e4bb40b6p-29, -0x1.5b6f267a708c6p-28};

// The entries of a table that the last four bits of each lane name.
MULTILOGIT_INLINE Doubles lookup(const double (&table)[16], UnsignedLongs index) {
#if defined(__AVX512F__)
    return _mm512_permutex2var_pd(load(table), reinterpret_cast<__m512i>(index), load(table + 8));
#else
    Doubles entries;
    for (std::size_t l = 0; l < Simd<double>::lanes; ++l) entries[l] = table[index[l] & 15];
    return entries;
#endif
}

struct Paired {
    static constexpr double moderate = 128;   // logsumexp counts from 0 up to here
    static constexpr double smallest = -880;  // exp(-880 + 128) = 2^-1084.9: zero once scaled back
    static constexpr double regular_up_to = 0x1p40;  // the rounding of m + smallest does not matter
    static constexpr int scale = 512;         // nothing that matters is subnormal before the last operation
    static constexpr double unscale = 0x1p-512;
    static constexpr double grid = 0x1.8p521;       // 2^512 times multiples of 2^-43
    static constexpr double fine_grid = 0x1.8p493;  // 2^512 times multiples of 2^-71
    // x + sixteenths holds 16 (1023 + scale) more than the integer nearest to x in its last bits.
    static constexpr double sixteenths = 0x1.8p52 + 16 * (1023 + scale);
    static constexpr std::uint64_t mask = ~std::uint64_t{15};  // all bits but those of j
    static constexpr double sixteen_log2_e = 0x1.71547652b82fep+4;
    // ln(2) / 16 in two parts of 38 bits: their products with |n| < 2^15 are exact.
    static constexpr double ln2_hi = 0x1.62e42fefa0000p-5, ln2_lo = 0x1.cf79abc9e0000p-44;
    static constexpr double terms[] = {0x1.0000000000004p-1, 0x1.5555555555545p-3, 0x1.55555554801f6p-5, 0x1.111111125218dp-7, 0x1.6c1840fd24235p-10, 0x1.a0191e30c6484p-13};

    // Logits are counted from `shift`, their exponentials in units of 2^N / 2^512.
    struct Origin {
        Doubles shift, smallest;
        UnsignedLongs power;  // 16 N
        bool regular;
    };

    struct Sum {
        Doubles coarse{}, fine{};
        MULTILOGIT_INLINE void add(Paired e) {
            const Doubles x = to_grid(e.hi + e.lo, grid);
            coarse += x;
            fine += to_grid((e.hi - x) + e.lo, fine_grid);
        }
        template <typename Layout>
        MULTILOGIT_INLINE void add_block(const Sum& part) {
            const Pair s = two_sum(coarse, Layout::sum(part.coarse));
            coarse = s.hi;
            fine += s.lo + Layout::sum(part.fine);
        }
        MULTILOGIT_INLINE Pair unscaled() const { return fast_two_sum(coarse * unscale, fine * unscale); }
    };

    // The inverse of the sum as `first` of 26 bits, whose products with hi are exact, and the rest.
    struct Quotient {
        Doubles inverse, first, rest;
        MULTILOGIT_INLINE Doubles operator()(Paired e) const {
            return add_exact_product(e.hi, first, e.lo * inverse + e.hi * rest) * unscale;
        }
    };

    Doubles hi, lo;

    // Bits whose last ones, but for four, are 1023 + 512 + N for s = (16 N + j) ln(2) / 16 + r.
    static MULTILOGIT_INLINE UnsignedLongs whole_power(Doubles s) {
        return bits_of<double>(s * sixteen_log2_e + sixteenths) & mask;
    }

    // Counts from `shift`; `peak` is the largest of the logits to be summed.
    static MULTILOGIT_INLINE Origin origin(Doubles shift, Doubles peak) {
        const Doubles s = maximum<double>(Doubles{} + smallest, difference(peak, shift));
        const Longs is_regular = shift <= regular_up_to && shift >= -regular_up_to;
        return {shift, shift + smallest, whole_power(s) - whole_power(Doubles{}), all(is_regular)};
    }

    template <bool regular>
    static MULTILOGIT_INLINE Paired exp(Doubles z, const Origin& from) {
        Pair s;
        if constexpr (regular) {
            s = two_sum(maximum<double>(from.smallest, z), -from.shift);  // a NaN stays
        } else {
            const Doubles lo = finite_or_zero(two_sum(z, -from.shift).lo);
            s.hi = difference(z, from.shift);
            s.lo = s.hi > smallest ? lo : Doubles{};
            s.hi = maximum<double>(Doubles{} + smallest, s.hi);
        }
        const Doubles shifted = s.hi * sixteen_log2_e + sixteenths;
        const Doubles minus_n = sixteenths - shifted;
        const UnsignedLongs bits = bits_of<double>(shifted);
        const Doubles r = add_exact_product(minus_n, Doubles{} + ln2_hi, s.hi) +
                          add_exact_product(minus_n, Doubles{} + ln2_lo, s.lo);
        const Doubles growth = r + (r * r) * polynomial<double>(terms, r);  // exp(r) - 1
        const Doubles root = lookup(roots, bits), root_rest = lookup(root_rests, bits);
        const Doubles power = from_bits<double>(((bits & mask) - from.power) << 48);
        return {root * power, ((root + root_rest) * growth + root_rest) * power};
    }

    static MULTILOGIT_INLINE Quotient quotient(const Sum& sum) {
        const Pair total = sum.unscaled();
        const Doubles inverse = 1.0 / total.hi;
        const Pair product = two_product(total.hi, inverse), parts = split(inverse);
        const Doubles correction = inverse * (((1.0 - product.hi) - product.lo) - total.lo * inverse);
        return {inverse, parts.hi, parts.lo + correction};
    }

    static MULTILOGIT_INLINE Paired load(const double* p) {
        return {multilogit::MULTILOGIT_LEVEL::load(p), multilogit::MULTILOGIT_LEVEL::load(p + Simd<double>::lanes)};
    }
    MULTILOGIT_INLINE void store(double* p) const {
        multilogit::MULTILOGIT_LEVEL::store(p, hi);
        multilogit::MULTILOGIT_LEVEL::store(p + Simd<double>::lanes, lo);
    }

    // The sum of exp(z - top), counted from top: the sum times 2^N.
    static MULTILOGIT_INLINE Doubles relative_to(Doubles, const Sum& sum, const Origin& from) {
        return (sum.coarse + sum.fine) * unscale * power_of_two(from) * unscale;
    }

    // log(hi + lo) = log(hi) + lo / hi
    static MULTILOGIT_INLINE Doubles log_sum(const Sum& sum, const Origin& from) {
        const Pair total = sum.unscaled();
        const Doubles value = log<double>(total.hi * power_of_two(from) * unscale);
        return from.shift + (value + total.lo / total.hi);
    }

    // 2^(N + 512)
    static MULTILOGIT_INLINE Doubles power_of_two(const Origin& from) {
        return from_bits<double>((from.power + 16 * (1023 + scale)) << 48);
    }

    // What logsumexp counts from: nothing is lost to a shift where none is needed.
    static MULTILOGIT_INLINE Doubles moderate_shift(Doubles top) {
        return top <= moderate && top >= -moderate ? Doubles{} : top;
    }

    // z - top - log_total, the small terms joined first.
    static MULTILOGIT_INLINE Doubles log_probability(Doubles z, Doubles top, Doubles log_total) {
        return difference(z, top) - (log_total - finite_or_zero(two_sum(z, -top).lo));
    }
};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
