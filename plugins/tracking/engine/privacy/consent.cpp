// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/consent.hpp"

#include "common/base/text.hpp"

namespace onair::track {

namespace {

bool has_content(const json::Value& v) {
    if (v.IsNull()) return false;
    if (v.IsObject()) return v.MemberCount() > 0;
    return true;
}

/// A signal of refusal is off only where it is absent or says so.
bool is_set(const json::Value* consent, const char* name) {
    const json::Value* v = json::find(consent, name);
    if (!v || v->IsFalse()) return false;
    if (v->IsInt64()) return v->GetInt64() != 0;
    return !(v->IsString() && json::text(*v) == "0");
}

} // namespace

bool is_personal(const json::Value& event) {
    for (const auto& member : event.GetObject()) {
        const std::string name = ascii_lower(json::text(member.name));
        if ((name == "subject" || name == "net") && has_content(member.value)) return true;
    }
    return false;
}

bool consent_allows(const json::Value& event) {
    if (!is_personal(event)) return true;
    const json::Value* consent = json::find(&event, "consent");
    const auto analytics = json::find_text(consent, "analytics");
    return analytics == "granted" && !is_set(consent, "dnt") && !is_set(consent, "gpc");
}

} // namespace onair::track
