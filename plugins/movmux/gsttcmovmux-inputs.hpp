// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "gsttcmovmuxpad.hpp"

#include <gst/base/gstaggregator.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace onair::mov {

using AggregatorPadPtr = gst::owned<GstAggregatorPad, gst_object_unref>;

/// A pad in one step: its next buffer, if there is one.
struct Input {
    AggregatorPadPtr pad;
    gst::BufferPtr buffer;
    bool eos = false;

    std::string name() const;
    PadStream& stream() const { return pad_stream(pad.get()); }
};

std::vector<Input> inputs_of(GstAggregator* element);

/// Running time in ns, negative before the segment; nothing for an invalid time. Throws Error for a segment that is
/// not in times.
std::optional<int64_t> running_time(const Input& input, GstClockTime time);

/// Of the input's buffer. Throws Error when it has none.
int64_t presentation_time(const Input& input);

/// Drops what is no data: gaps, which arrive as empty buffers and say that time goes on, and buffers of pads that the
/// movie began without. True when there was any.
bool drop_no_data(const std::vector<Input>& inputs);

/// The next one to be written: decoding order counts. A buffer without a valid time goes first and is refused.
const Input* earliest(const std::vector<Input>& inputs);

/// The running time of the first buffer that waits; none when none does. Any thread.
std::optional<int64_t> earliest_time(GstAggregator* element) noexcept;

} // namespace onair::mov
