// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event_log.hpp"

#include "common/base/error.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace onair::demo {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& json, std::string_view text) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

GstElement* make(const char* factory) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    if (!element)
        throw Error(ErrorKind::not_found,
                    std::string("There is no element \"") + factory + "\": is GST_PLUGIN_PATH set to our plugins?");
    return element;
}

/// Throws what the sink said; null when it said nothing.
[[noreturn]] void fail(const gst::MessagePtr& message) {
    GError* error = nullptr;
    gchar* debug = nullptr;
    if (message) gst_message_parse_error(message.get(), &error, &debug);
    const gst::ErrorPtr owned_error(error);
    const gst::CharPtr owned_debug(debug);
    throw Error(ErrorKind::write, error ? error->message : "The event log did not end in time.", debug ? debug : "");
}

} // namespace

EventLog::EventLog(const std::string& database, std::string run)
    : run_(std::move(run)), pipeline_(gst_pipeline_new("events")), source_(GST_ELEMENT(gst_object_ref(make("appsrc")))),
      sink_(GST_ELEMENT(gst_object_ref(make("trackingsink")))), bus_(gst_element_get_bus(pipeline_.get())) {
    const gst::CapsPtr caps(gst_caps_new_empty_simple("application/x-ndjson"));
    g_object_set(source_.get(), "caps", caps.get(), "format", GST_FORMAT_TIME, nullptr);
    g_object_set(sink_.get(), "location", database.c_str(), nullptr);
    gst_bin_add_many(GST_BIN(pipeline_.get()), source_.get(), sink_.get(), nullptr);
    gst_element_link(source_.get(), sink_.get());
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        fail(gst::MessagePtr(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR)));
}

EventLog::~EventLog() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void EventLog::add(std::string_view type, const Position& at,
                   std::initializer_list<std::pair<std::string_view, std::string_view>> props) {
    rapidjson::StringBuffer text;
    Writer json(text);
    json.StartObject();
    json.Key("type");
    put(json, type);
    if (at.pts_ns) {
        json.Key("pts");
        json.Int64(*at.pts_ns);
    }
    if (!at.timecode.empty()) {
        json.Key("timecode");
        put(json, at.timecode);
    }
    json.Key("props");
    json.StartObject();
    json.Key("run");
    put(json, run_);
    for (const auto& [key, value] : props) {
        put(json, key);
        put(json, value);
    }
    json.EndObject();
    json.EndObject();
    text.Put('\n');
    GstBuffer* buffer = gst_buffer_new_memdup(text.GetString(), text.GetSize());
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
}

uint64_t EventLog::accepted() const {
    GstStructure* stats = nullptr;
    g_object_get(sink_.get(), "stats", &stats, nullptr);
    const gst::StructurePtr owned(stats);
    guint64 accepted = 0;
    if (stats) gst_structure_get_uint64(stats, "stored", &accepted);
    return accepted;
}

void EventLog::close() {
    gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
    constexpr auto kinds = static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    const gst::MessagePtr message(gst_bus_timed_pop_filtered(bus_.get(), 30 * GST_SECOND, kinds));
    if (!message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) fail(message);
}

} // namespace onair::demo
