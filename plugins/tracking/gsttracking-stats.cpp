// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The books and the state of destinations as GstStructures.
#include "gsttracking-port.hpp"

#include <string>

namespace onair::track {

namespace {

template <class B>
struct Row {
    const char* name;
    int64_t B::*field;
};

constexpr Row<Books> events[] = {
    {"received", &Books::received}, {"stored", &Books::stored},   {"refused", &Books::refused},
    {"filtered", &Books::filtered}, {"consent", &Books::consent}, {"duplicates", &Books::duplicates},
    {"dropped", &Books::dropped},   {"pending", &Books::pending}, {"repaired", &Books::repaired},
};

constexpr Row<DestinationBooks> deliveries[] = {
    {"carried", &DestinationBooks::carried},     {"routed", &DestinationBooks::routed},
    {"delivered", &DestinationBooks::delivered}, {"unconfirmed", &DestinationBooks::unconfirmed},
    {"dead", &DestinationBooks::dead},           {"expired", &DestinationBooks::expired},
    {"purged", &DestinationBooks::purged},       {"held", &DestinationBooks::held},
    {"queued", &DestinationBooks::queued},       {"ambiguous", &DestinationBooks::ambiguous},
};

template <class B, size_t N>
void put(GstStructure* to, const B& books, const Row<B> (&rows)[N]) {
    for (const Row<B>& row : rows)
        gst_structure_set(to, row.name, G_TYPE_UINT64, static_cast<guint64>(books.*row.field), nullptr);
}

void put(GstStructure* to, const char* name, std::string_view text) {
    gst_structure_set(to, name, G_TYPE_STRING, std::string(text).c_str(), nullptr);
}
void put(GstStructure* to, const char* name, int64_t value) {
    gst_structure_set(to, name, G_TYPE_UINT64, static_cast<guint64>(value), nullptr);
}
void put(GstStructure* to, const char* name, size_t value) {
    gst_structure_set(to, name, G_TYPE_UINT, static_cast<guint>(value), nullptr);
}

void put(GstStructure* to, const DestinationStatus& status) {
    put(to, "state", to_text(status.state));
    put(to, "reason", status.reason);
    put(to, "since", status.since_us);
    put(to, "in-flight", status.in_flight);
    put(to, "connections", status.connections);
    put(to, "batch-size", status.batch_size);
    put(to, "requests", status.requests);
    put(to, "failures", status.failures);
    put(to, "last-error", status.last_error);
}

} // namespace

GstStructure* make_status(const DestinationStatus& status) {
    GstStructure* out = gst_structure_new_empty("trackingsink-destination");
    put(out, "name", status.name);
    put(out, "state", to_text(status.state));
    put(out, "reason", status.reason);
    put(out, "queued", status.queued);
    put(out, "since", status.since_us);
    return out;
}

GstStructure* make_dead_letter(const DeadLetter& letter) {
    GstStructure* out = gst_structure_new_empty("trackingsink-dead-letter");
    put(out, "id", letter.id);
    put(out, "seq", letter.seq);
    put(out, "destination", letter.destination);
    put(out, "reason", letter.reason);
    put(out, "suppressed", letter.suppressed);
    return out;
}

GstStructure* make_stats(const Books& books, const std::vector<DestinationStatus>& destinations) {
    GstStructure* out = gst_structure_new_empty("trackingsink-stats");
    put(out, books, events);
    put(out, books.all(), deliveries);
    GstStructure* each = gst_structure_new_empty("destinations");
    for (const DestinationBooks& one : books.destinations) {
        GstStructure* s = gst_structure_new_empty("destination");
        put(s, one, deliveries);
        for (const DestinationStatus& status : destinations)
            if (status.name == one.name) put(s, status);
        gst_structure_set(each, one.name.c_str(), GST_TYPE_STRUCTURE, s, nullptr);
        gst_structure_free(s);
    }
    gst_structure_set(out, "destinations", GST_TYPE_STRUCTURE, each, nullptr);
    gst_structure_free(each);
    return out;
}

void install_stats(GObjectClass* klass, guint id) {
    g_object_class_install_property(
        klass, id,
        g_param_spec_boxed(
            "stats", "Statistics",
            "What became of the events of this run (of the last one, when stopped), as unsigned 64-bit fields: "
            "received = stored + refused + filtered + consent + duplicates + dropped + pending; carried + routed = "
            "delivered + unconfirmed + dead + expired + purged + held + queued, in sum and for each of `destinations`, "
            "which have "
            "their state as well",
            GST_TYPE_STRUCTURE, static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

} // namespace onair::track
