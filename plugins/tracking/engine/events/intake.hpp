// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/uuid.hpp"

#include <string>
#include <string_view>

namespace onair::track {

/// From text to something that may be stored, in this order: validate, consent, normalise. Any thread may call.
class Intake {
  public:
    /// `source`: the URI given to events that do not name theirs.
    explicit Intake(std::string source) : source_(std::move(source)) {}

    Record take(std::string_view text, const Arrival& arrival);

  private:
    UuidMaker ids_;
    std::string source_;
};

} // namespace onair::track
