// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

namespace onair::track {

/// Gives the event what it lacks of the context, objects member by member. Of a context that names another subject
/// (an id of the same kind with another value) `subject`, `net` and `consent` are not taken: nobody agrees for others.
void merge_context(json::Document& event, const json::Value& context);

} // namespace onair::track
