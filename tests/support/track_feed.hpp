// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/command.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/track_books.hpp"

#include "common/gst/ref_ptr.hpp"
#include "engine/store/sqlite.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>

namespace onair::test {

/// appsrc ! trackingsink, and the database it writes.
class TrackFeed {
  public:
    /// `more`: further properties of the sink, "name=value …"; `caps` may be empty.
    explicit TrackFeed(std::string db, const std::string& caps = "application/x-ndjson", const std::string& more = "")
        : db_(std::move(db)) {
        const std::string line = "appsrc name=src format=time " + (caps.empty() ? "" : "caps=" + caps) +
                                 " ! trackingsink name=sink " + (db_.empty() ? "" : "location=" + db_) + " " + more;
        pipeline_ = gst_parse_launch(line.c_str(), nullptr);
        src_ = gst_bin_get_by_name(GST_BIN(pipeline_), "src");
        sink_ = gst_bin_get_by_name(GST_BIN(pipeline_), "sink");
    }
    ~TrackFeed() {
        gst_element_set_state(pipeline_, GST_STATE_NULL);
        gst_object_unref(src_);
        gst_object_unref(sink_);
        gst_object_unref(pipeline_);
    }
    TrackFeed(const TrackFeed&) = delete;
    TrackFeed& operator=(const TrackFeed&) = delete;

    void push(const std::string& bytes, GstClockTime pts = GST_CLOCK_TIME_NONE) {
        GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
        GST_BUFFER_PTS(buffer) = pts;
        push(buffer);
    }
    void push(GstBuffer* buffer) { gst_app_src_push_buffer(GST_APP_SRC(src_), buffer); }
    void send(GstEvent* event) { gst_element_send_event(src_, event); }
    void end() { gst_app_src_end_of_stream(GST_APP_SRC(src_)); }

    /// Plays, lets `body` push, ends the stream.
    PipelineResult run(const std::function<void()>& body) {
        return run_pipeline(pipeline_, [&] {
            body();
            end();
        });
    }

    const std::string& database() const { return db_; }
    GstElement* pipeline() const { return pipeline_; }
    GstElement* sink() const { return sink_; }

    int64_t stat(const char* field) const {
        GstStructure* stats = nullptr;
        g_object_get(sink_, "stats", &stats, nullptr);
        guint64 value = 0;
        const bool there = stats && gst_structure_get_uint64(stats, field, &value);
        if (stats) gst_structure_free(stats);
        return there ? static_cast<int64_t>(value) : -1;
    }
    /// A number that `stats` has of a destination; 0: it has none yet.
    uint64_t of_destination(const char* name, const char* field) const {
        GstStructure* raw = nullptr;
        g_object_get(sink_, "stats", &raw, nullptr);
        const gst::StructurePtr stats(raw);
        const GValue *all = stats ? gst_structure_get_value(stats.get(), "destinations") : nullptr,
                     *one = all ? gst_structure_get_value(gst_value_get_structure(all), name) : nullptr;
        guint64 value = 0;
        if (one) gst_structure_get_uint64(gst_value_get_structure(one), field, &value);
        return value;
    }
    /// The books of the run balance and nothing is pending; so do those of the database.
    bool balanced() const {
        const auto sum = [&](std::initializer_list<const char*> fields) {
            int64_t n = 0;
            for (const char* field : fields)
                n += stat(field);
            return n;
        };
        return stat("pending") == 0 &&
               stat("received") == sum({"stored", "refused", "filtered", "consent", "duplicates", "dropped"}) &&
               sum({"carried", "routed"}) ==
                   sum({"delivered", "unconfirmed", "dead", "expired", "purged", "held", "queued"}) &&
               unbalanced(db_).empty();
    }

    int64_t number(const std::string& sql) const { return track::sql::Database(db_).integer(sql); }
    std::string text(const std::string& sql) const {
        track::sql::Database db(db_);
        track::sql::Statement s(db, sql);
        return s.row() ? s.text(0) : "";
    }
    int64_t count(const std::string& state) const {
        return number("SELECT n FROM onair_counts WHERE state = '" + state + "'");
    }

  private:
    std::string db_;
    GstElement *pipeline_, *src_, *sink_;
};

} // namespace onair::test
