// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/cloud_event.hpp"

#include "engine/events/digest.hpp"
#include "engine/events/json.hpp"
#include "engine/events/json_path.hpp"
#include "engine/events/text_rules.hpp"

#include "common/base/text.hpp"

#include <utility>

namespace onair::track {

namespace {

using json::Document;
using json::Value;

/// | attribute           | becomes                                                              |
/// |---------------------|----------------------------------------------------------------------|
/// | id, source, type, time | the fields of these names; an id in another form a hash of source and id |
/// | data (an object)    | its members are the event's fields, below those above                |
/// | data (anything else)| props.data                                                           |
/// | subject             | props.ce_subject: it is a name of the producer's, not a person       |
/// | dataschema          | schema                                                               |
/// | data_base64, datacontenttype | props of these names                                        |
/// | an extension        | props.ce_NAME                                                        |
class Mapping {
  public:
    explicit Mapping(const Value& from) : from_(from), to_(rapidjson::kObjectType) {}

    std::variant<std::string, Problem> run() {
        if (!from_.IsObject()) return Problem{Reason::json, "the CloudEvent is not an object"};
        if (json::find_text(&from_, "specversion") != "1.0") return Problem{Reason::field, "specversion is not 1.0"};
        for (const char* name : {"id", "source", "type"}) {
            const auto text = json::find_text(&from_, name);
            if (!text || text->empty())
                return Problem{Reason::field, std::string(name) + " is missing in the CloudEvent"};
        }
        const Value* data = json::find(&from_, "data");
        if (data && data->IsObject()) to_.CopyFrom(*data, to_.GetAllocator());
        for (const auto& member : from_.GetObject())
            if (!member.value.IsNull()) take(json::text(member.name), member.value);
        rapidjson::StringBuffer buffer;
        json::Writer w(buffer);
        to_.Accept(w);
        return json::to_string(buffer);
    }

  private:
    void put(std::string_view path, const Value& value) {
        Value copy(value, to_.GetAllocator());
        json::set(to_, path, copy, true);
    }

    void take(std::string_view name, const Value& value) {
        if (name == "specversion") return;
        if (name == "id") return put_id(json::text(value));
        if (name == "source" || name == "type" || name == "time") return put(name, value);
        if (name == "dataschema") return put("schema", value);
        if (name == "data") return value.IsObject() ? void() : put("props.data", value);
        if (name == "datacontenttype" || name == "data_base64") return put("props." + std::string(name), value);
        put("props.ce_" + std::string(name), value);
    }

    /// In CloudEvents source and id together are unique.
    void put_id(std::string_view id) {
        const std::string_view source = *json::find_text(&from_, "source");
        const std::string text =
            is_uuid(id) ? std::string(id) : sha256_hex(std::string(source) + "\n" + std::string(id), 32);
        put("id", json::make_text(text, to_.GetAllocator()));
    }

    const Value& from_;
    Document to_;
};

} // namespace

std::variant<std::string, Problem> from_cloud_event(std::string_view text) {
    Document doc;
    if (auto problem = parse(text, doc)) return *problem;
    return Mapping(doc).run();
}

void read_cloud_events(std::string_view text, const std::function<void(std::variant<std::string, Problem>)>& each) {
    if (!trim(text).starts_with('[')) return each(from_cloud_event(text));
    Document doc;
    doc.Parse<json::parse_flags>(text.data(), text.size());
    if (doc.HasParseError() || !doc.IsArray())
        return each(Problem{Reason::json, "the batch of CloudEvents is not an array in JSON"});
    for (const Value& one : doc.GetArray())
        each(Mapping(one).run());
}

std::string event_of_line(std::string_view line) {
    rapidjson::StringBuffer buffer;
    json::Writer w(buffer);
    w.StartObject();
    json::put(w, "type", "onair.text.line");
    json::put_key(w, "props");
    w.StartObject();
    json::put(w, "text", line);
    w.EndObject();
    w.EndObject();
    return json::to_string(buffer);
}

} // namespace onair::track
