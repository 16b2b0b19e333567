// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What trackingsink and trackingtap cost the stream.
//
//     track-live live [SECONDS]   A live pipeline of 25 frames a second with trackingtap, three events on each frame,
//                                 while another process holds the database locked (and is stopped) and the destination
//                                 takes connections and never answers. Fails when a frame is missing or came later than
//                                 its frame's duration; beside it the same pipeline with identity.
//     track-live cost [EVENTS]    CPU time of the streaming thread for one event (CLOCK_THREAD_CPUTIME_ID), its waits
//                                 and its I/O (getrusage(RUSAGE_THREAD)); memory of the idle element. Fails when the
//                                 99th percentile is 20 us or more, when there was I/O, or when idle is 20 MB or more.
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/stopped_locker.hpp"

#include "common/gst/ref_ptr.hpp"

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace onair;

namespace {

constexpr int fps = 25;

template <class T>
T percentile(std::vector<T> all, double share) {
    if (all.empty()) return {};
    std::sort(all.begin(), all.end());
    return all[std::min(all.size() - 1, static_cast<size_t>(share * static_cast<double>(all.size())))];
}

guint64 stat(GstElement* element, const char* field) {
    GstStructure* stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    guint64 n = 0;
    if (stats) gst_structure_get_uint64(stats, field, &n);
    if (stats) gst_structure_free(stats);
    return n;
}

void ride(GstBuffer* buffer, const char* type) {
    GstStructure* s = gst_custom_meta_get_structure(gst_buffer_add_custom_meta(buffer, "GstTrackingEventMeta"));
    gst_structure_set(s, "type", G_TYPE_STRING, type, "props.n", G_TYPE_INT, 1, nullptr);
}

GstPadProbeReturn add_events(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    for (const char* type : {"proof.frame.seen", "proof.frame.measured", "proof.frame.judged"})
        ride(buffer, type);
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    return GST_PAD_PROBE_OK;
}

/// How much later than its timestamp each frame came to the sink, us.
struct Lateness {
    GstElement* sink;
    std::mutex lock;
    std::vector<int64_t> us;
};

GstPadProbeReturn note_lateness(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto& late = *static_cast<Lateness*>(data);
    const auto now = gst_element_get_current_running_time(late.sink);
    const auto pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
    const std::lock_guard guard(late.lock);
    late.us.push_back(GST_CLOCK_DIFF(pts, now) / 1000);
    return GST_PAD_PROBE_OK;
}

struct LiveRun {
    guint64 rendered = 0, dropped = 0, pending = 0;
    std::vector<int64_t> late_us;
};

LiveRun play(const std::string& middle, int seconds, const std::string& db) {
    const std::string line = "videotestsrc is-live=true num-buffers=" + std::to_string(seconds * fps) +
                             " ! video/x-raw,width=320,height=180,framerate=" + std::to_string(fps) + "/1 ! " + middle +
                             " name=middle ! fakesink name=out sync=true qos=true max-lateness=40000000";
    GstElement* pipeline = gst_parse_launch(line.c_str(), nullptr);
    const gst::ElementPtr tested(gst_bin_get_by_name(GST_BIN(pipeline), "middle"));
    const gst::ElementPtr out(gst_bin_get_by_name(GST_BIN(pipeline), "out"));
    const gst::PadPtr in(gst_element_get_static_pad(tested.get(), "sink"));
    const gst::PadPtr end(gst_element_get_static_pad(out.get(), "sink"));
    Lateness late{out.get(), {}, {}};
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_BUFFER, add_events, nullptr, nullptr);
    gst_pad_add_probe(end.get(), GST_PAD_PROBE_TYPE_BUFFER, note_lateness, &late, nullptr);
    gst_element_set_state(pipeline, GST_STATE_PAUSED);
    if (!db.empty()) {
        gboolean taken = FALSE; // one event is sent, so that the destination hangs on it
        g_signal_emit_by_name(tested.get(), "push-json", R"({"type":"proof.first.event"})", &taken);
        g_signal_emit_by_name(tested.get(), "flush", guint64{0}, &taken);
    }
    LiveRun run;
    {
        const std::unique_ptr<test::StoppedLocker> locker(db.empty() ? nullptr : new test::StoppedLocker(db));
        gst_element_set_state(pipeline, GST_STATE_PLAYING);
        const gst::BusPtr bus(gst_element_get_bus(pipeline));
        const gst::MessagePtr message(
            gst_bus_timed_pop_filtered(bus.get(), static_cast<GstClockTime>(seconds + 60) * GST_SECOND,
                                       static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
        if (!message || GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_EOS) std::puts("no EOS");
        run.rendered = stat(out.get(), "rendered");
        run.dropped = stat(out.get(), "dropped");
        run.pending = db.empty() ? 0 : stat(tested.get(), "pending");
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (!db.empty())
        std::printf("afterwards: received %" G_GUINT64_FORMAT ", stored %" G_GUINT64_FORMAT "\n",
                    stat(tested.get(), "received"), stat(tested.get(), "stored"));
    run.late_us = late.us;
    gst_object_unref(pipeline);
    return run;
}

void print(const char* name, const LiveRun& run) {
    std::printf("%-12s rendered %" G_GUINT64_FORMAT ", dropped %" G_GUINT64_FORMAT
                ", lateness p50 %.2f ms, p99 %.2f ms, worst %.2f ms",
                name, run.rendered, run.dropped, static_cast<double>(percentile(run.late_us, 0.5)) / 1000,
                static_cast<double>(percentile(run.late_us, 0.99)) / 1000,
                static_cast<double>(percentile(run.late_us, 1.0)) / 1000);
    std::printf(", events waiting %" G_GUINT64_FORMAT "\n", run.pending);
}

/// It registers the meta. After idle(), which counts what loading takes.
bool load_plugin() {
    GstPlugin* plugin = gst_plugin_load_by_name("tracking");
    if (plugin) gst_object_unref(plugin);
    return plugin != nullptr;
}

int live(int seconds) {
    if (!load_plugin()) return 77;
    const test::TempDir dir;
    const std::string db = dir / "e.db";
    std::ofstream(dir / "token") << "0123456789abcdef0123456789abcdef\n";
    std::atomic<bool> over{false};
    const test::HttpServer server([&](const auto&) {
        while (!over)
            g_usleep(1000);
        return std::string();
    });
    print("identity", play("identity", std::min(seconds, 10), ""));
    const LiveRun run = play("trackingtap drain-timeout=1000000 location=" + db + " matomo-url=" + server.url() +
                                 " site-id=1 token-file=" + (dir / "token"),
                             seconds, db);
    over = true;
    print("trackingtap", run);
    const auto frames = static_cast<guint64>(seconds * fps);
    const bool hung = run.pending >= frames * 3;
    if (!hung) std::puts("the store did not hang");
    return run.rendered == frames && run.dropped == 0 && hung ? 0 : 1;
}

int64_t thread_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

/// `make` gives the n-th buffer; true when the bounds hold.
template <class Make>
bool measure(const char* name, const std::string& element, const char* caps, int events, Make&& make) {
    const test::TempDir dir;
    GstHarness* h = gst_harness_new_parse((element + " location=" + (dir / "e.db")).c_str());
    gst_harness_set_src_caps_str(h, caps);
    std::vector<int64_t> ns;
    ns.reserve(static_cast<size_t>(events));
    for (int i = 0; i < 1000; ++i) // the first ones find nothing in any cache
        gst_harness_push(h, make(i));
    rusage before{}, after{};
    getrusage(RUSAGE_THREAD, &before);
    for (int i = 0; i < events; ++i) {
        GstBuffer* buffer = make(i);
        const int64_t at = thread_ns();
        gst_harness_push(h, buffer);
        ns.push_back(thread_ns() - at);
        while (GstBuffer* out = gst_harness_try_pull(h))
            gst_buffer_unref(out);
    }
    getrusage(RUSAGE_THREAD, &after);
    gst_harness_teardown(h);
    const long blocks = after.ru_oublock - before.ru_oublock + after.ru_inblock - before.ru_inblock;
    const double p99 = static_cast<double>(percentile(ns, 0.99)) / 1000;
    std::printf("%-32s p50 %.1f us, p99 %.1f us, worst %.1f us; disk blocks %ld, waits %ld of %d\n", name,
                static_cast<double>(percentile(ns, 0.5)) / 1000, p99, static_cast<double>(percentile(ns, 1.0)) / 1000,
                blocks, after.ru_nvcsw - before.ru_nvcsw, events);
    return p99 < 20 && blocks == 0;
}

GstBuffer* text_buffer(const std::string& text, int n) {
    GstBuffer* buffer = gst_buffer_new_memdup(text.data(), text.size());
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(n) * GST_MSECOND;
    return buffer;
}

/// Resident memory of this process that no file backs, and all of it, kB.
struct Memory {
    long own = 0, all = 0;
};
Memory memory() {
    std::ifstream file("/proc/self/status");
    Memory out;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("RssAnon:")) out.own = std::atol(line.c_str() + 8);
        if (line.starts_with("VmRSS:")) out.all = std::atol(line.c_str() + 6);
    }
    return out;
}

bool idle() {
    const test::TempDir dir;
    const Memory before = memory();
    GstElement* pipeline =
        gst_parse_launch(("appsrc ! application/x-ndjson ! trackingsink location=" + (dir / "e.db")).c_str(), nullptr);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_usleep(2 * G_USEC_PER_SEC);
    const Memory now = memory();
    std::printf("idle: the process has %.1f MB resident, %.1f MB of it not backed by files; %.1f MB and %.1f MB more "
                "than before the plugin was loaded\n",
                static_cast<double>(now.all) / 1024, static_cast<double>(now.own) / 1024,
                static_cast<double>(now.all - before.all) / 1024, static_cast<double>(now.own - before.own) / 1024);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
    return now.all - before.all < 20 * 1024;
}

int cost(int events) {
    bool good = idle();
    if (!load_plugin()) return 77;
    const std::string plain =
        R"({"type":"onair.run.progress","timecode":"01:00:00:00","props":{"n":1,"state":"on air"}})"
        "\n";
    const std::string personal =
        R"({"type":"shop.page.viewed","subject":{"user":"joe","device":"aaaaaaaaaaaaaaaa"},"net":{"ip":"203.0.113.7"},)"
        R"("action":{"kind":"page","url":"https://shop.example/?q=1"},"consent":{"analytics":"granted"}})"
        "\n";
    good &= measure("trackingsink, plain event", "trackingsink", "application/x-ndjson", events,
                    [&](int n) { return text_buffer(plain, n); });
    good &= measure("trackingsink, personal event", "trackingsink pseudonyms=user-device", "application/x-ndjson",
                    events, [&](int n) { return text_buffer(personal, n); });
    good &= measure("trackingtap, event on a buffer", "trackingtap", "video/x-raw", events, [&](int n) {
        GstBuffer* buffer = text_buffer("x", n);
        ride(buffer, "proof.frame.seen");
        return buffer;
    });
    good &= measure("trackingtap, nothing on it", "trackingtap", "video/x-raw", events,
                    [&](int n) { return text_buffer("x", n); });
    return good ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const std::string what = argc > 1 ? argv[1] : "";
    const int n = argc > 2 ? std::atoi(argv[2]) : 0;
    if (what == "live") {
        if (!test::have_program("python3")) return 77;
        return live(n > 0 ? n : 60);
    }
    if (what == "cost") return cost(n > 0 ? n : 100000);
    std::fputs("track-live live [SECONDS] | cost [EVENTS]\n", stderr);
    return 2;
}
