// Products of a chunk of rows with narrow matrices: packing, logits, their transpose, scaled columns.
#pragma once

#include "gather.hpp"
#include "logits.hpp"
#include "pack.hpp"
#include "scale.hpp"
