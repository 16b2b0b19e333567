// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/quality.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace onair::sws {

/// True for the kinds that hand an error on to the next row: their rows must come in order.
bool diffuses(Dither dither);

/// The ordered pattern, 0 … 255, of 16x16 samples: what is added before rounding down is (value + 1/2) / 256.
int ordered_pattern(int x, int y);

/// Real numbers of one component become code values.
class Quantiser {
  public:
    struct Spec {
        float scale = 1, offset = 0; ///< code value = scale * number + offset
        int depth = 8;
        Dither dither = Dither::none;
        unsigned step = 1; ///< code values are multiples of it
        int columns = 1;
    };
    explicit Quantiser(const Spec& spec);

    /// A new picture: no error is handed on from the last.
    void begin();
    /// `row` counts the component's own rows, and chooses the row of the pattern.
    void quantise(const float* in, uint16_t* out, int row);

  private:
    void ordered(const float* in, uint16_t* out, int row) const;
    void diffused(const float* in, uint16_t* out);

    Spec spec_;
    float largest_;
    static constexpr int side = 16; ///< of the pattern
    std::array<std::array<float, side>, side> pattern_{};
    std::vector<float> error_; ///< of the row above, with one sample of margin on both sides
};

} // namespace onair::sws
