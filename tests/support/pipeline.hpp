// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"

#include <gst/gst.h>

#include <functional>
#include <string>
#include <vector>

namespace onair::test {

/// One error or warning of a bus, with the text for the operator and the debug string.
struct Said {
    std::string text;
    std::string debug;
    bool has(const std::string& part) const {
        return text.find(part) != std::string::npos || debug.find(part) != std::string::npos;
    }
};

struct PipelineResult {
    bool eos = false;
    std::vector<Said> errors, warnings;
    std::vector<std::string> messages; ///< element messages, as gst_structure_to_string() prints them
};

inline Said said_by(GstMessage* message, void (*parse)(GstMessage*, GError**, gchar**)) {
    GError* error = nullptr;
    gchar* debug = nullptr;
    parse(message, &error, &debug);
    Said said{error ? error->message : "", debug ? debug : ""};
    g_clear_error(&error);
    g_free(debug);
    return said;
}

/// Takes what is on the bus; returns true at EOS or the first error.
inline bool take_message(PipelineResult& result, GstMessage* message) {
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_EOS:
        return result.eos = true;
    case GST_MESSAGE_ERROR:
        result.errors.push_back(said_by(message, gst_message_parse_error));
        return true;
    case GST_MESSAGE_WARNING:
        result.warnings.push_back(said_by(message, gst_message_parse_warning));
        return false;
    case GST_MESSAGE_ELEMENT: {
        const gst::CharPtr text(gst_structure_to_string(gst_message_get_structure(message)));
        result.messages.emplace_back(text.get());
        return false;
    }
    default:
        return false;
    }
}

/// Plays `pipeline` until EOS, an error or `limit`; then collects what else is on the bus (so that a second error of
/// the same failure is seen) and sets it to NULL. `started` runs when the pipeline was asked to play.
inline PipelineResult run_pipeline(GstElement* pipeline, const std::function<void()>& started = {},
                                   GstClockTime limit = 120 * GST_SECOND) {
    PipelineResult result;
    const gst::BusPtr bus(gst_element_get_bus(pipeline));
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    if (started) started();
    constexpr auto kinds =
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);
    while (const gst::MessagePtr message{gst_bus_timed_pop_filtered(bus.get(), limit, kinds)})
        if (take_message(result, message.get())) break;
    gst_element_set_state(pipeline, GST_STATE_PAUSED); // NULL would flush the bus
    while (const gst::MessagePtr message{gst_bus_timed_pop_filtered(bus.get(), 100 * GST_MSECOND, kinds)})
        take_message(result, message.get());
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return result;
}

/// The same for a gst-launch line; a line that does not parse becomes an error of the result.
inline PipelineResult run_launch(const std::string& line, GstClockTime limit = 120 * GST_SECOND) {
    GError* error = nullptr;
    GstElement* pipeline = gst_parse_launch(line.c_str(), &error);
    if (error) {
        PipelineResult result;
        result.errors.push_back({error->message, "gst_parse_launch"});
        g_error_free(error);
        if (pipeline) gst_object_unref(pipeline);
        return result;
    }
    const PipelineResult result = run_pipeline(pipeline, {}, limit);
    gst_object_unref(pipeline);
    return result;
}

inline bool have_element(const char* name) {
    GstElementFactory* factory = gst_element_factory_find(name);
    if (factory) gst_object_unref(factory);
    return factory != nullptr;
}

} // namespace onair::test
