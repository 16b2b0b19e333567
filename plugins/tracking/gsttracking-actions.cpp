// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What applications ask of a running element.
#include "gsttracking-actions.hpp"

#include "common/gst/guard.hpp"
#include "engine/messages.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <string>
#include <utility>

namespace onair::track::actions {

namespace {

/// Runs `body` with the tracker; whatever fails is a warning.
template <class R, class F>
R answer(Port& port, const char* signal, R on_failure, F&& body) noexcept {
    try {
        const auto tracker = port.tracker();
        if (!tracker) throw error(Msg::not_running, {signal});
        return body(*tracker);
    } catch (const Error& e) {
        gst::post_warning(port.element(), e);
    } catch (const std::exception& e) {
        gst::post_warning(port.element(), Error(ErrorKind::internal, "Internal error; please report it.", e.what()));
    }
    return on_failure;
}

std::string text_in(const GstStructure* s, const char* name) {
    const gchar* text = s ? gst_structure_get_string(s, name) : nullptr;
    return text ? text : "";
}

Subject subject_of(const GstStructure* s) {
    const auto field = [&](const char* name) { return text_in(s, name); };
    return {.user = field("user"), .device = field("device"), .session = field("session"), .visitor = field("visitor")};
}

GstStructure* report_of(const ActReport& report) {
    const auto n = [](int64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new("tracking-report", "purged", G_TYPE_UINT64, n(report.purged), "deleted", G_TYPE_UINT64,
                             n(report.deleted), "anonymised", G_TYPE_UINT64, n(report.anonymised), "released",
                             G_TYPE_UINT64, n(report.released), "complete", G_TYPE_BOOLEAN, report.complete, nullptr);
}

template <class F>
GstStructure* act(Port& port, const char* signal, F&& body) {
    return answer(port, signal, static_cast<GstStructure*>(nullptr),
                  [&](Tracker& tracker) { return report_of(body(tracker)); });
}

} // namespace

gboolean push_event(Port& port, const GstStructure* event) {
    return answer(port, "push-event", FALSE,
                  [&](Tracker&) { return event && port.push(event, arrival_now_at(port), false) == Result::ok; });
}

gboolean push_json(Port& port, const gchar* text) {
    return answer(port, "push-json", FALSE,
                  [&](Tracker&) { return text && port.push(text, arrival_now_at(port), false) == Result::ok; });
}

gboolean flush(Port& port, guint64 timeout) {
    constexpr guint64 longest = static_cast<guint64>(std::numeric_limits<int64_t>::max()) / 4; // room for a deadline
    return answer(port, "flush", FALSE, [&](Tracker& tracker) {
        return static_cast<gboolean>(tracker.flush(static_cast<int64_t>(std::min(timeout, longest) / 1000)));
    });
}

GstStructure* withdraw(Port& port, const GstStructure* subject) {
    gboolean anonymise = FALSE;
    if (subject) gst_structure_get_boolean(subject, "anonymise", &anonymise);
    return act(port, "withdraw", [&](Tracker& t) { return t.withdraw(subject_of(subject), anonymise); });
}

GstStructure* erase(Port& port, const GstStructure* subject) {
    return act(port, "erase", [&](Tracker& t) { return t.erase(subject_of(subject)); });
}

GstStructure* grant(Port& port, const GstStructure* subject) {
    return act(port, "grant", [&](Tracker& t) { return t.grant(subject_of(subject)); });
}

GstStructure* forget(Port& port, const GstStructure* subject) {
    return act(port, "forget", [&](Tracker& t) { return t.forget(subject_of(subject)); });
}

gchar* export_subject(Port& port, const GstStructure* subject) {
    return answer(port, "export", static_cast<gchar*>(nullptr),
                  [&](Tracker& t) { return g_strdup(t.export_subject(subject_of(subject)).c_str()); });
}

gchar* visitor_id(Port& port, const gchar* key) {
    return answer(port, "visitor-id", static_cast<gchar*>(nullptr), [&](Tracker& t) -> gchar* {
        const std::string id = key ? t.visitor_id(key) : std::string();
        return id.empty() ? nullptr : g_strdup(id.c_str());
    });
}

/// `state`: refused, or one of a delivery that is settled; nothing: dead.
guint replay(Port& port, const gchar* state, const gchar* reason) {
    const std::string wanted = state && *state ? state : "dead";
    const std::string why = reason ? reason : "";
    return answer(port, "replay", 0u, [&](Tracker& t) {
        if (wanted == "refused") return static_cast<guint>(t.replay_refused(why));
        const auto delivery = delivery_of(wanted);
        if (!delivery) throw error(Msg::bad_replay, {wanted});
        return static_cast<guint>(t.replay({.destination = {}, .state = *delivery, .reason = why}));
    });
}

/// {NAME: {ours: {events, pages, …}, theirs: {…}}}
GstStructure* verify(Port& port, const GstStructure* period) {
    return answer(port, "verify", static_cast<GstStructure*>(nullptr), [&](Tracker& tracker) {
        const auto compared = tracker.compare(text_in(period, "from"), text_in(period, "to"));
        GstStructure* out = gst_structure_new_empty("tracking-verification");
        for (const Comparison& one : compared) {
            GstStructure* both = gst_structure_new_empty("destination");
            for (const auto& [name, counts] : {std::pair{"ours", &one.ours}, std::pair{"theirs", &one.theirs}}) {
                GstStructure* s = gst_structure_new_empty(name);
                for (const auto& [kind, n] : *counts)
                    gst_structure_set(s, kind.c_str(), G_TYPE_UINT64, static_cast<guint64>(n), nullptr);
                gst_structure_set(both, name, GST_TYPE_STRUCTURE, s, nullptr);
                gst_structure_free(s);
            }
            gst_structure_set(out, one.destination.c_str(), GST_TYPE_STRUCTURE, both, nullptr);
            gst_structure_free(both);
        }
        return out;
    });
}

gboolean reload(Port& port) {
    return answer(port, "reload", FALSE, [&](Tracker&) { return static_cast<gboolean>(port.reload()); });
}

} // namespace onair::track::actions
