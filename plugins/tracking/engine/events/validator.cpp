// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/validator.hpp"

#include "engine/events/text_rules.hpp"
#include "engine/events/utc_clock.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "common/timecode/timecode.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace onair::track {

namespace {

using json::Value;

/// Null when the value keeps the rule, else what is wrong with it.
using Check = const char* (*)(const Value&);

template <size_t Max, bool NonBlank = false>
const char* text(const Value& v) {
    if (!v.IsString()) return "is not a string";
    if (NonBlank && is_blank(json::text(v))) return "is blank";
    return length(json::text(v)) > Max ? "is too long" : nullptr;
}
template <size_t Max>
constexpr Check name = text<Max, true>;

template <bool (*Rule)(std::string_view)>
const char* matches(const Value& v) {
    if (!v.IsString()) return "is not a string";
    return Rule(json::text(v)) ? nullptr : "does not have the required form";
}

const char* number(const Value& v) { return v.IsNumber() ? nullptr : "is not a number"; }
const char* integer(const Value& v) { return v.IsInt64() ? nullptr : "is not an integer"; }
const char* positive(const Value& v) { return v.IsInt64() && v.GetInt64() > 0 ? nullptr : "is not a positive integer"; }
const char* nanoseconds(const Value& v) {
    return v.IsInt64() && v.GetInt64() >= 0 ? nullptr : "is not a number of nanoseconds";
}
const char* boolean(const Value& v) { return v.IsBool() ? nullptr : "is neither true nor false"; }
const char* object(const Value& v) { return v.IsObject() ? nullptr : "is not an object"; }
const char* array(const Value& v) { return v.IsArray() ? nullptr : "is not an array"; }

const char* url(const Value& v) {
    if (const char* problem = text<1024>(v)) return problem;
    return is_absolute_url(json::text(v)) ? nullptr : "is not an absolute URL";
}

const char* device(const Value& v) {
    return v.IsString() && is_hex(json::text(v), 16) ? nullptr : "is not 16 hexadecimal digits";
}

const char* currency(const Value& v) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!v.IsString() || v.GetStringLength() != 3) return "is not a currency code";
    const auto code = json::text(v);
    return std::all_of(code.begin(), code.end(), upper) ? nullptr : "is not a currency code";
}

const char* timecode(const Value& v) {
    if (!v.IsString()) return "is not a string";
    try {
        tc::parse(json::text(v).substr(0, json::text(v).find('@')));
        return nullptr;
    } catch (const Error&) {
        return "is not a timecode HH:MM:SS:FF";
    }
}

const char* time_source(const Value& v) {
    return v.IsString() && time_source_of(json::text(v)) ? nullptr : "is not a known source of time";
}

const char* kind(const Value& v) {
    constexpr std::array<std::string_view, 13> kinds{"event",   "page",    "download", "outlink", "search",
                                                     "content", "product", "goal",     "order",   "cart",
                                                     "media",   "crash",   "ping"};
    return v.IsString() && std::find(kinds.begin(), kinds.end(), json::text(v)) != kinds.end()
               ? nullptr
               : "is not a known kind of action";
}

const char* decision(const Value& v) {
    constexpr std::array<std::string_view, 3> words{"granted", "denied", "unknown"};
    return v.IsString() && std::find(words.begin(), words.end(), json::text(v)) != words.end()
               ? nullptr
               : "is not granted, denied or unknown";
}

const char* flag(const Value& v) {
    if (v.IsBool() || (v.IsInt() && (v.GetInt() == 0 || v.GetInt() == 1))) return nullptr;
    return v.IsString() && (json::text(v) == "0" || json::text(v) == "1") ? nullptr
                                                                          : "is not a flag (true, false, 0, 1)";
}

const char* dims(const Value& v) {
    if (!v.IsObject()) return "is not an object";
    for (const auto& m : v.GetObject()) {
        const auto key = json::text(m.name);
        const bool digits = !key.empty() && key.size() <= 3 && key[0] != '0' &&
                            std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits) return "has a key that is not 1 to 999";
        if (m.value.IsObject() || m.value.IsArray()) return "has a value that is not a scalar";
    }
    return nullptr;
}

struct Rule {
    std::string_view object; ///< empty: of the event itself
    std::string_view name;
    Check check;
};

constexpr Rule rules[] = {
    {"", "id", matches<is_id>},
    {"", "source", name<1024>},
    {"", "type", matches<is_type>},
    {"", "time", text<64>},
    {"", "time_source", time_source},
    {"", "pts", nanoseconds},
    {"", "dts", integer},
    {"", "running_time", integer},
    {"", "stream_time", integer},
    {"", "timecode", timecode},
    {"", "schema", text<1024>},
    {"", "subject", object},
    {"", "net", object},
    {"", "action", object},
    {"", "order", object},
    {"", "media", object},
    {"", "dims", dims},
    {"", "props", object},
    {"", "consent", object},
    {"subject", "user", name<200>},
    {"subject", "device", device},
    {"subject", "session", name<200>},
    {"subject", "visitor", device},
    {"net", "ip", matches<is_ip>},
    {"net", "ua", text<1024>},
    {"net", "referrer", text<1024>},
    {"net", "lang", text<64>},
    {"action", "kind", kind},
    {"action", "category", name<255>},
    {"action", "action", name<255>},
    {"action", "name", text<4096>},
    {"action", "value", number},
    {"action", "url", url},
    {"action", "goal", positive},
    {"order", "id", name<255>},
    {"order", "revenue", number},
    {"order", "subtotal", number},
    {"order", "tax", number},
    {"order", "shipping", number},
    {"order", "discount", number},
    {"order", "currency", currency},
    {"order", "items", array},
    {"media", "id", name<255>},
    {"media", "title", text<1024>},
    {"media", "resource", text<1024>},
    {"media", "pos", number},
    {"media", "len", number},
    {"media", "w", number},
    {"media", "h", number},
    {"consent", "analytics", decision},
    {"consent", "ads", decision},
    {"consent", "personalisation", decision},
    {"consent", "source", text<255>},
    {"consent", "at", text<64>},
    {"consent", "dnt", flag},
    {"consent", "gpc", flag},
    {"consent", "explicit", boolean},
};

constexpr Rule item_rules[] = {
    {"item", "sku", name<255>}, {"item", "name", text<255>},  {"item", "category", text<255>},
    {"item", "price", number},  {"item", "quantity", number},
};

/// What a kind of action cannot do without.
struct Need {
    std::string_view kind, object, name;
};
constexpr Need needs[] = {
    {"page", "action", "url"},    {"download", "action", "url"}, {"outlink", "action", "url"},
    {"product", "action", "url"}, {"content", "action", "name"}, {"search", "action", "name"},
    {"goal", "action", "goal"},   {"order", "order", "id"},      {"order", "order", "revenue"},
    {"cart", "order", "revenue"},
};

std::string path(std::string_view object_, std::string_view name_) {
    return object_.empty() ? std::string(name_) : std::string(object_) + "." + std::string(name_);
}

Problem field_problem(std::string_view object_, std::string_view name_, const char* what) {
    Reason reason = Reason::field;
    if (object_.empty() && name_ == "id") reason = Reason::id;
    if (object_.empty() && name_ == "type") reason = Reason::type;
    return {reason, path(object_, name_) + " " + what};
}

/// Depth, number of keys, keys that come twice, NUL inside of strings.
class Shape {
  public:
    std::optional<Problem> walk(const Value& v, int depth) {
        if (v.IsString() && has_nul(v)) return Problem{Reason::nul, "a string holds the character NUL"};
        if (!v.IsObject() && !v.IsArray()) return std::nullopt;
        if (depth > Limits::depth) return Problem{Reason::depth, "objects and arrays are nested deeper than 8"};
        if (v.IsArray()) {
            for (const Value& element : v.GetArray())
                if (auto problem = walk(element, depth + 1)) return problem;
            return std::nullopt;
        }
        keys_ += static_cast<int>(v.MemberCount());
        if (keys_ > Limits::keys) return Problem{Reason::keys, "there are more than 256 keys"};
        for (auto m = v.MemberBegin(); m != v.MemberEnd(); ++m) {
            if (has_nul(m->name)) return Problem{Reason::nul, "a key holds the character NUL"};
            for (auto other = v.MemberBegin(); other != m; ++other)
                if (other->name == m->name) return Problem{Reason::duplicate_key, "a key comes twice in one object"};
            if (auto problem = walk(m->value, depth + 1)) return problem;
        }
        return std::nullopt;
    }

  private:
    static bool has_nul(const Value& v) { return std::memchr(v.GetString(), 0, v.GetStringLength()) != nullptr; }
    int keys_ = 0;
};

template <class Rules>
std::optional<Problem> check_rules(const Value& event, const Rules& table) {
    for (const Rule& rule : table) {
        const Value* parent = rule.object.empty() || rule.object == "item" ? &event : json::find(&event, rule.object);
        const Value* v = json::find(parent, rule.name);
        const char* what = v ? rule.check(*v) : nullptr;
        if (what) return field_problem(rule.object, rule.name, what);
    }
    return std::nullopt;
}

/// "Subject" would be kept under props, where no mask and no pseudonym reaches.
std::optional<Problem> check_names(const Value& event, bool strict) {
    for (const auto& member : event.GetObject()) {
        const auto given = json::text(member.name);
        if (is_known_field(given)) continue;
        const std::string lower = ascii_lower(given);
        for (const char* guarded : {"subject", "net", "consent"})
            if (lower == guarded) return Problem{Reason::field, std::string(guarded) + " is not written in lower case"};
        if (strict) return Problem{Reason::field, "there is a field that the specification does not name"};
    }
    return std::nullopt;
}

std::optional<Problem> check_items(const Value& event) {
    const Value* items = json::find(json::find(&event, "order"), "items");
    if (!items) return std::nullopt;
    for (const Value& item : items->GetArray()) {
        if (!item.IsObject()) return Problem{Reason::field, "order.items has an element that is not an object"};
        if (!json::find(&item, "sku")) return Problem{Reason::field, "item.sku is missing"};
        if (auto problem = check_rules(item, item_rules)) return problem;
    }
    return std::nullopt;
}

std::optional<Problem> check_needs(const Value& event) {
    const auto of = json::find_text(json::find(&event, "action"), "kind");
    if (!of) return std::nullopt;
    for (const Need& need : needs) {
        if (need.kind != *of) continue;
        const Value* v = json::find(json::find(&event, need.object), need.name);
        if (!v || (v->IsString() && is_blank(json::text(*v))))
            return Problem{Reason::field,
                           path(need.object, need.name) + " is missing, action.kind " + std::string(*of) + " needs it"};
    }
    return std::nullopt;
}

} // namespace

std::optional<Problem> parse(std::string_view text_, json::Document& doc) {
    if (text_.size() > Limits::bytes) return Problem{Reason::too_long, "the event is longer than 65536 bytes"};
    if (text_.find('\0') != std::string_view::npos) return Problem{Reason::nul, "the text holds the byte NUL"};
    doc.Parse<json::parse_flags>(text_.data(), text_.size());
    if (doc.HasParseError())
        return Problem{doc.GetParseError() == rapidjson::kParseErrorNumberTooBig ? Reason::number : Reason::json,
                       std::string(rapidjson::GetParseError_En(doc.GetParseError())) + " (byte " +
                           std::to_string(doc.GetErrorOffset()) + " of " + std::to_string(text_.size()) + ")"};
    if (!doc.IsObject()) return Problem{Reason::json, "the event is not an object"};
    return std::nullopt;
}

std::optional<Problem> check(const json::Document& doc, bool strict) {
    if (auto problem = Shape().walk(doc, 1)) return problem;
    if (auto problem = check_names(doc, strict)) return problem;
    if (!json::find(&doc, "type")) return Problem{Reason::type, "type is missing"};
    if (auto problem = check_rules(doc, rules)) return problem;
    if (auto problem = check_items(doc)) return problem;
    return check_needs(doc);
}

bool is_known_field(std::string_view name_) {
    return std::any_of(std::begin(rules), std::end(rules),
                       [&](const Rule& rule) { return rule.object.empty() && rule.name == name_; });
}

} // namespace onair::track
