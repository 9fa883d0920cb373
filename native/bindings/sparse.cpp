// Sweeps over CSR rows; src/multilogit/_objective/native.py calls them.

#include "sparse_sweep.hpp"
#include "stacked.hpp"

namespace multilogit {
namespace {

using Any = nb::ndarray<nb::ro, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <typename Value>
std::unique_ptr<SparseRows> open_rows(const Any& indptr, const Any& indices, const Any& values, std::size_t D,
                                      const double* centre) {
    const auto open = [&](auto zero) {
        using Index = decltype(zero);
        return multilogit::open_rows(static_cast<const Index*>(indptr.data()),
                                     static_cast<const Index*>(indices.data()),
                                     static_cast<const Value*>(values.data()), values.size(), indptr.size() - 1, D,
                                     centre);
    };
    const bool ints = indptr.dtype() == nb::dtype<std::int32_t>();
    require(indptr.dtype() == indices.dtype() && (ints || indptr.dtype() == nb::dtype<std::int64_t>()),
            "indptr and indices must both be int32 or both int64");
    return ints ? open(std::int32_t()) : open(std::int64_t());
}

// X (N, D) by its indptr (N + 1,), indices (nnz,) and values (nnz,), float32 or float64.
class Sparse final : public Stacked {
  public:
    Sparse(Any indptr, Any indices, Any values, In<double, 1> centre, In<std::int64_t, 1> labels,
           In<double, 2> masses, In<double, 2> offset, In<double, 2> weight, In<std::int32_t, 1> fold,
           In<double, 1> scale, In<bool, 2> present, bool intercept)
        : Stacked(weight.shape(0), centre.shape(0), {labels, masses, offset, weight, fold, scale, present}, intercept),
          indptr_(indptr), indices_(indices), values_(values) {
        require(indptr.size() == weight.shape(0) + 1, "indptr must have one number more than weight has rows");
        require(indices.size() == values.size(), "indices and values must have the same length");
        const bool floats = values.dtype() == nb::dtype<float>();
        require(floats || values.dtype() == nb::dtype<double>(), "values must be float32 or float64");
        const auto open = floats ? open_rows<float> : open_rows<double>;
        rows_ = open(indptr, indices, values, centre.shape(0), centre.data());
    }

  protected:
    bool run(const double* theta, unsigned want, bool, int n_threads, const Outputs& out) const override {
        require(!(want & (want_gram | want_hessian)), "the Gram matrix and the Hessian are for dense rows");
        return multilogit::evaluate(*rows_, data_, stack_, theta, want, n_threads, out, interrupted);
    }

    bool run(const double* theta, const double* V, bool, int n_threads, double* out) const override {
        return multilogit::product(*rows_, data_, stack_, theta, V, n_threads, out, interrupted);
    }

  private:
    Any indptr_, indices_, values_;
    std::unique_ptr<SparseRows> rows_;
};

}  // namespace

void register_sparse(nb::module_& m) {
    nb::class_<Sparse, Stacked>(m, "Sparse")
        .def(nb::init<Any, Any, Any, In<double, 1>, In<std::int64_t, 1>, In<double, 2>, In<double, 2>, In<double, 2>,
                      In<std::int32_t, 1>, In<double, 1>, In<bool, 2>, bool>(),
             nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(), nb::arg("values").noconvert(),
             nb::arg("centre").noconvert(), nb::arg("labels").noconvert().none(), nb::arg("masses").noconvert().none(),
             nb::arg("offset").noconvert().none(), nb::arg("weight").noconvert(), nb::arg("fold").noconvert(),
             nb::arg("scale").noconvert(), nb::arg("present").noconvert(), nb::arg("intercept"));
}

}  // namespace multilogit
