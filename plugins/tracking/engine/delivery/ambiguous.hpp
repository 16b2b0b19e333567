// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <optional>
#include <string_view>

namespace onair::track {

/// What becomes of events that may have arrived.
enum class AmbiguousPolicy {
    retry,  ///< sent again; some may be there twice
    verify, ///< the destination is asked first
    drop,   ///< not sent again: unconfirmed
};

inline std::optional<AmbiguousPolicy> ambiguous_policy_of(std::string_view text) {
    if (text == "retry") return AmbiguousPolicy::retry;
    if (text == "verify") return AmbiguousPolicy::verify;
    if (text == "drop") return AmbiguousPolicy::drop;
    return std::nullopt;
}

} // namespace onair::track
