// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

/// Flags of the boxes of a fragment: which of their fields are there (ISO/IEC 14496-12, 8.8.7 and 8.8.8).
namespace onair::mov {

enum : uint32_t { // tfhd
    has_base = 0x1,
    has_description = 0x2,
    has_default_duration = 0x8,
    has_default_size = 0x10,
    has_default_flags = 0x20,
    from_moof = 0x20000,
};

enum : uint32_t { // trun
    has_data_offset = 0x1,
    has_first_flags = 0x4,
    has_duration = 0x100,
    has_size = 0x200,
    has_flags = 0x400,
    has_composition = 0x800,
};
} // namespace onair::mov
