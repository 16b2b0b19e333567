// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "gsttracking-port.hpp"

#include <algorithm>
#include <initializer_list>

/// The action signals of both elements. One that fails says why in a warning on the bus, never in an error: a mistaken
/// call does not end a live pipeline.
///
/// | signal      | takes              | gives                          | when it fails |
/// |-------------|--------------------|--------------------------------|---------------|
/// | push-event  | GstStructure       | gboolean: taken                | FALSE         |
/// | push-json   | string             | gboolean: taken                | FALSE         |
/// | flush       | guint64 ns         | gboolean: nothing is left      | FALSE         |
/// | withdraw    | GstStructure       | GstStructure: what was done    | NULL          |
/// | erase       | GstStructure       | GstStructure                   | NULL          |
/// | grant       | GstStructure       | GstStructure                   | NULL          |
/// | forget      | GstStructure       | GstStructure                   | NULL          |
/// | export      | GstStructure       | string: JSON array             | NULL          |
/// | visitor-id  | string             | string                         | NULL          |
/// | replay      | string, string     | guint: how many                | 0             |
/// | verify      | GstStructure       | GstStructure: counts           | NULL          |
/// | reload      |                    | gboolean: the policy was taken | FALSE         |
namespace onair::track::actions {

gboolean push_event(Port& port, const GstStructure* event);
gboolean push_json(Port& port, const gchar* text);
gboolean flush(Port& port, guint64 timeout);
GstStructure* withdraw(Port& port, const GstStructure* subject);
GstStructure* erase(Port& port, const GstStructure* subject);
GstStructure* grant(Port& port, const GstStructure* subject);
GstStructure* forget(Port& port, const GstStructure* subject);
gchar* export_subject(Port& port, const GstStructure* subject);
gchar* visitor_id(Port& port, const gchar* key);
guint replay(Port& port, const gchar* state, const gchar* reason);
GstStructure* verify(Port& port, const GstStructure* period);
gboolean reload(Port& port);

/// A signal's handler: the same function, with the element in the port's place.
template <auto Function, auto PortOf>
struct Handler;
template <class R, class... Args, R (*Function)(Port&, Args...), auto PortOf>
struct Handler<Function, PortOf> {
    static R call(gpointer self, Args... args, gpointer) { return Function(PortOf(self), args...); }
    static void install(GType type, const char* name, GType gives, std::initializer_list<GType> takes) {
        GType types[2] = {};
        std::copy(takes.begin(), takes.end(), types);
        g_signal_newv(name, type, static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                      g_cclosure_new(G_CALLBACK(&call), nullptr, nullptr), nullptr, nullptr, nullptr, gives,
                      static_cast<guint>(takes.size()), types);
    }
};

/// Installs them on the class of `type`; `PortOf` gives the port of an instance.
template <auto PortOf>
void install(GType type) {
    const GType structure = GST_TYPE_STRUCTURE;
    Handler<&push_event, PortOf>::install(type, "push-event", G_TYPE_BOOLEAN, {structure});
    Handler<&push_json, PortOf>::install(type, "push-json", G_TYPE_BOOLEAN, {G_TYPE_STRING});
    Handler<&flush, PortOf>::install(type, "flush", G_TYPE_BOOLEAN, {G_TYPE_UINT64});
    Handler<&withdraw, PortOf>::install(type, "withdraw", structure, {structure});
    Handler<&erase, PortOf>::install(type, "erase", structure, {structure});
    Handler<&grant, PortOf>::install(type, "grant", structure, {structure});
    Handler<&forget, PortOf>::install(type, "forget", structure, {structure});
    Handler<&export_subject, PortOf>::install(type, "export", G_TYPE_STRING, {structure});
    Handler<&visitor_id, PortOf>::install(type, "visitor-id", G_TYPE_STRING, {G_TYPE_STRING});
    Handler<&replay, PortOf>::install(type, "replay", G_TYPE_UINT, {G_TYPE_STRING, G_TYPE_STRING});
    Handler<&verify, PortOf>::install(type, "verify", structure, {structure});
    Handler<&reload, PortOf>::install(type, "reload", G_TYPE_BOOLEAN, {});
}

} // namespace onair::track::actions
