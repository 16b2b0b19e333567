// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdio>
#include <string>

namespace onair::test {

inline int& skipped_count() {
    static int n = 0;
    return n;
}
inline int& ran_count() {
    static int n = 0;
    return n;
}

/// Says why a case cannot run here; the caller returns at once.
inline void skip(const std::string& why) {
    ++skipped_count();
    std::printf("SKIPPED: %s\n", why.c_str());
}

/// A case that may skip calls this when it does run.
inline void ran() { ++ran_count(); }

/// True when cases were skipped and none of those that may skip ran: the binary then exits with 77 for Meson.
inline bool all_skipped() { return skipped_count() > 0 && ran_count() == 0; }

} // namespace onair::test
