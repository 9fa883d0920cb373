// Products of a chunk of rows with narrow matrices: packing, logits, their transpose, scaled columns, sums of columns.
#pragma once

#include "column_sums.hpp"
#include "gather.hpp"
#include "logits.hpp"
#include "pack.hpp"
#include "scale.hpp"
