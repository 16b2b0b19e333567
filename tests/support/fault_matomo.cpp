// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What a Matomo understands of a request, and what it answers when it is well.
#include "tests/support/fault_server.hpp"

#include "engine/events/json.hpp"

#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

namespace onair::test {

namespace {

namespace json = track::json;

bool blank(const json::Value& request, const char* name) {
    const auto text = json::find_text(&request, name);
    return !text || text->find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The three kinds: ca=1 with nothing in it, a name that is too long, no scalar where one belongs. And one of our own,
/// because a mapping that is right lets none of these through: the action "poison".
bool is_poison(const json::Value& request) {
    if (json::find_text(&request, "e_a") == "poison") return true;
    if (request.HasMember("ca") && !request.HasMember("c_n") && blank(request, "e_a")) return true;
    for (const auto& m : request.GetObject()) {
        if (m.value.IsArray() || m.value.IsObject()) return true;
        if (m.value.IsDouble() && !std::isfinite(m.value.GetDouble())) return true;
        if (m.value.IsString() && m.value.GetStringLength() > 4096) return true;
    }
    return false;
}

bool is_invalid(const json::Value& request) {
    const auto cid = json::find_text(&request, "cid");
    return cid && cid->size() != 16;
}

std::string id_of(const json::Value& request) {
    for (const char* name : {"dimension1", "e_n"})
        if (const auto text = json::find_text(&request, name)) return std::string(*text);
    return nobody;
}

std::string list(const std::vector<size_t>& numbers) {
    std::string out = "[";
    for (const size_t n : numbers)
        out += (out.size() > 1 ? "," : "") + std::to_string(n);
    return out + "]";
}

std::string decoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string parameter(const std::string& form, const std::string& name) {
    const std::string text = "&" + form;
    const size_t at = text.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const size_t from = at + name.size() + 2;
    return decoded(text.substr(from, text.find('&', from) - from));
}

/// "dimension1==a,dimension1==b": any of them.
std::set<std::string> ids_of_segment(const std::string& segment) {
    std::set<std::string> out;
    for (size_t at = segment.find("=="); at != std::string::npos; at = segment.find("==", at + 2))
        out.insert(decoded(segment.substr(at + 2, segment.find_first_of(",;", at) - at - 2)));
    return out;
}

} // namespace

Play as_matomo(const Bulk& bulk, int wait_ms) {
    Play out{.body = {}, .wait_ms = wait_ms};
    if (!bulk.authorised) {
        out.name = "no token";
        out.body = R"({"status":"success","tracked":0,"invalid":$n})";
    } else if (!bulk.poison.empty()) {
        out.name = "poison";
        out.status = "500 Internal Server Error";
        out.body = R"({"status":"error","tracked":)" + std::to_string(bulk.poison.front()) +
                   R"(,"invalid":0,"invalid_indices":[]})";
    } else {
        out.commit = Play::Commit::all;
        out.body = R"({"status":"success","tracked":)" + std::to_string(bulk.ids.size() - bulk.invalid.size()) +
                   ",\"invalid\":" + std::to_string(bulk.invalid.size()) +
                   ",\"invalid_indices\":" + list(bulk.invalid) + "}";
    }
    return out;
}

Bulk read_bulk(const std::string& body, const std::string& token) {
    Bulk out;
    json::Document doc;
    doc.Parse<rapidjson::kParseNanAndInfFlag>(body.data(), body.size());
    if (doc.HasParseError() || !doc.IsObject() || !doc.HasMember("requests") || !doc["requests"].IsArray()) return out;
    out.authorised = json::find_text(&doc, "token_auth") == token;
    std::map<std::string, int64_t> last;
    for (const json::Value& request : doc["requests"].GetArray()) {
        if (!request.IsObject()) continue;
        if (is_poison(request)) out.poison.push_back(out.ids.size());
        if (is_invalid(request)) out.invalid.push_back(out.ids.size());
        out.ids.push_back(id_of(request));
        const std::string visitor(json::find_text(&request, "cid").value_or(""));
        const json::Value* cdt = json::find(&request, "cdt");
        const int64_t time = cdt && cdt->IsInt64() ? cdt->GetInt64() : 0;
        if (last.count(visitor) && last[visitor] > time)
            out.disorders.push_back(out.ids.back() + " comes after a later one");
        last[visitor] = time;
        out.visitors.push_back(visitor);
    }
    return out;
}

/// Live.getLastVisitsDetails: the visits (100 actions each) in which one of the segment's dimensions is.
std::string visits_report(const std::string& body, const Books& books) {
    if (body.find("Live.getLastVisitsDetails") == std::string::npos)
        return R"({"result":"error","message":"no such method here"})";
    const std::set<std::string> wanted = ids_of_segment(parameter(body, "segment"));
    const bool actions = parameter(body, "doNotFetchActions") != "1";
    std::string out = "[", visit;
    int visits = 0, n = 0;
    bool fits = false;
    const auto end_visit = [&] {
        ++visits;
        if (fits)
            out += (out.size() > 1 ? "," : "") + std::string(R"({"idVisit":")") + std::to_string(visits) + '"' +
                   (actions ? ",\"actionDetails\":[" + visit + "]}" : "}");
        visit.clear();
        n = 0;
        fits = false;
    };
    for (const auto& [id, stored] : books)
        for (int i = 0; i < stored; ++i) {
            visit += (n ? "," : "") + std::string(R"({"type":"event","dimension1":")") + id + "\"}";
            fits = fits || wanted.empty() || wanted.count(id);
            if (++n == 100) end_visit();
        }
    end_visit();
    return out + "]";
}

} // namespace onair::test
