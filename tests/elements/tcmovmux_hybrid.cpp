// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// mode=hybrid in pipelines: the same movie as in plain mode, what goes to the disk when, a file that grows, and a disk
// that is full.
#include "tests/support/mov_feed.hpp"
#include "tests/support/mov_tracks.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

using Bytes = std::vector<uint8_t>;

const std::string video = appsrc("v", prores_caps + "25/1") + " ! m. ";
const std::string sound = appsrc("a", pcm_caps) + " ! m.audio_0 ";

Bytes bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string timecode_text(int number, bool drop = false) {
    char text[16];
    std::snprintf(text, sizeof text, "%02d:%02d:%02d%c%02d", number / 90000, number / 1500 % 60, number / 25 % 60,
                  drop ? ';' : ':', number % 25);
    return text;
}

/// Pictures at 25 a second; `at` tells a picture's place in time, `number` its timecode, below 0 for none.
void feed_pictures(const MovRun& run, int count, const std::function<int(int)>& at,
                   const std::function<int(int)>& number) {
    for (int n = 0; n < count; ++n) {
        const std::string text = timecode_text(std::max(number(n), 0));
        Piece piece;
        piece.pts = static_cast<guint64>(at(n)) * 40 * GST_MSECOND;
        piece.size = 100 + static_cast<size_t>(n) % 9;
        piece.timecode = number(n) < 0 ? nullptr : text.c_str();
        piece.timecode_fps_n = 25;
        run.push("v", piece);
    }
    run.eos("v");
}

int straight(int n) { return n; }
int running(int n) { return 90000 + n; }
int with_gap(int n) { return n < 30 ? n : n + 70; }

/// I B B P …, two B-frames, in decoding order.
void feed_b_frames(const MovRun& run) {
    for (int n = 0; n < 75; ++n) {
        const int group = n / 3 * 3, shown = n % 3 == 0 ? group + 2 : group + n % 3 - 1;
        const std::string text = timecode_text(running(shown));
        Piece piece;
        piece.pts = static_cast<guint64>(shown + 2) * 40 * GST_MSECOND;
        piece.dts = static_cast<guint64>(n) * 40 * GST_MSECOND;
        piece.size = 50 + static_cast<size_t>(n);
        piece.key = n % 12 == 0;
        piece.timecode = text.c_str();
        piece.timecode_fps_n = 25;
        run.push("v", piece);
    }
    run.eos("v");
}

/// The drop-frame flag comes up in the middle.
void feed_flag_change(const MovRun& run) {
    for (int n = 0; n < 60; ++n) {
        char text[16];
        std::snprintf(text, sizeof text, "01:00:%02d%c%02d", n / 30 + 10, n < 40 ? ':' : ';', n % 30);
        Piece piece;
        piece.pts = gst_util_uint64_scale(static_cast<guint64>(n), 1001 * GST_SECOND, 30000);
        piece.timecode = text;
        piece.timecode_fps_n = 30000;
        piece.timecode_fps_d = 1001;
        run.push("v", piece);
    }
    run.eos("v");
}

struct Row {
    std::string what, branches;
    std::function<void(const MovRun&)> feed;
};

std::vector<Row> rows() {
    std::string eight;
    for (int i = 0; i < 8; ++i)
        eight += appsrc("a" + std::to_string(i), pcm_caps) + " ! m.audio_" + std::to_string(i) + " ";
    return {
        {"pictures and sound", video + sound,
         [](const MovRun& r) {
             feed_pictures(r, 75, straight, running);
             r.sound("a", 29);
         }},
        {"8 tracks of sound", video + eight,
         [](const MovRun& r) {
             feed_pictures(r, 50, straight, running);
             for (int i = 0; i < 8; ++i)
                 r.sound(("a" + std::to_string(i)).c_str(), 20);
         }},
        {"B-frames",
         appsrc("v", "video/x-h264,stream-format=avc,alignment=au,width=64,height=48,framerate=25/1,"
                     "codec_data=(buffer)0142c01effe1000467420000010004680000") +
             " ! m. ",
         feed_b_frames},
        {"jumps", video,
         [](const MovRun& r) { feed_pictures(r, 75, straight, [](int n) { return 90000 + n + n / 20 * 1000; }); }},
        {"a late timecode", video,
         [](const MovRun& r) { feed_pictures(r, 75, straight, [](int n) { return n < 60 ? -1 : 90000 + n; }); }},
        {"the drop-frame flag changes", appsrc("v", prores_caps + "30000/1001") + " ! m. ", feed_flag_change},
        {"a gap", video + sound,
         [](const MovRun& r) {
             feed_pictures(r, 75, with_gap, [](int n) { return running(with_gap(n)); });
             r.sound("a", 58);
         }},
        {"sound begins late", video + sound,
         [](const MovRun& r) {
             feed_pictures(r, 75, straight, running);
             r.sound("a", 10, 1500 * GST_MSECOND);
         }},
    };
}

/// What filesink is given, and what lay in the file before each of it.
struct Watch {
    std::string path;
    bool snapshots = false;
    int refuse = -1; ///< this delivery is answered with an error
    int deliveries = 0, sync = 0, refused = 0, after_refusal = 0;
    std::vector<Bytes> files;

    static GstPadProbeReturn probe(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto& w = *static_cast<Watch*>(data);
        if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
            w.after_refusal += w.refused && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_SEGMENT;
            return GST_PAD_PROBE_OK;
        }
        GstBuffer* last = info->type & GST_PAD_PROBE_TYPE_BUFFER ? GST_PAD_PROBE_INFO_BUFFER(info) : nullptr;
        if (!last) {
            GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
            last = gst_buffer_list_get(list, gst_buffer_list_length(list) - 1);
        }
        w.after_refusal += w.refused > 0;
        w.sync += GST_BUFFER_FLAG_IS_SET(last, GST_BUFFER_FLAG_SYNC_AFTER);
        if (w.snapshots) w.files.push_back(bytes_of(w.path));
        if (w.deliveries++ != w.refuse) return GST_PAD_PROBE_OK;
        ++w.refused;
        GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_ERROR;
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
            gst_buffer_unref(GST_PAD_PROBE_INFO_BUFFER(info));
        else
            gst_buffer_list_unref(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        return GST_PAD_PROBE_HANDLED;
    }

    void attach(const MovRun& run) {
        path = run.path();
        const gst::ElementPtr mux = run.element("m");
        const gst::PadPtr pad(gst_element_get_static_pad(mux.get(), "src"));
        gst_pad_add_probe(pad.get(),
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                                       GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                          probe, this, nullptr);
    }
};

std::vector<std::string> types_of(const Bytes& file) { return Mov(file).top; }

size_t ours(const PipelineResult& result) { return errors_with(result, "GstTcMovMux:m"); }

/// The files of this process may not grow beyond a size, while it lives.
class FileLimit {
  public:
    explicit FileLimit(rlim_t size) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{size, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;

  private:
    rlimit before_{};
};

} // namespace

TEST_CASE("the tracks are those of plain mode but for where the samples lie") {
    for (const Row& row : rows()) {
        CAPTURE(row.what);
        std::vector<std::vector<TrackContent>> made;
        for (const char* mode : {"plain", "hybrid"}) {
            MovRun run(row.branches, "fragment-duration=400 mode=" + std::string(mode));
            const PipelineResult result = run.run([&] { row.feed(run); });
            REQUIRE_MESSAGE(result.eos, all_said(result));
            const Bytes file = bytes_of(run.path());
            if (std::string(mode) == "hybrid")
                CHECK(types_of(file) == std::vector<std::string>{"ftyp", "mdat", "moov"});
            made.push_back(movie_content(file));
        }
        REQUIRE(made[0].size() == made[1].size());
        for (size_t i = 0; i < made[0].size(); ++i) {
            CAPTURE(i);
            CHECK(made[0][i].boxes == made[1][i].boxes);
            CHECK(made[0][i].samples == made[1][i].samples);
            CHECK(made[0][i].descriptions == made[1][i].descriptions);
        }
    }
}

TEST_CASE("sync: a flag for each fragment and for the two steps of the end; none for a pipe or a device") {
    struct Case {
        const char* options;
        bool to_file;
        int flags;
    };
    for (const Case& c :
         {Case{"mode=hybrid", true, 3 + 2}, Case{"mode=hybrid sync=none", true, 0}, Case{"mode=fragmented", true, 3},
          Case{"mode=plain", true, 0}, Case{"mode=hybrid", false, 0}}) {
        CAPTURE(std::string(c.options));
        MovRun run(video, c.options);
        if (!c.to_file) { // filesink's fsync() would be an error there
            GstIterator* sinks = gst_bin_iterate_sinks(GST_BIN(run.pipeline()));
            GValue item = G_VALUE_INIT;
            REQUIRE(gst_iterator_next(sinks, &item) == GST_ITERATOR_OK);
            g_object_set(g_value_get_object(&item), "location", "/dev/null", nullptr);
            g_value_unset(&item);
            gst_iterator_free(sinks);
        }
        Watch watch;
        watch.attach(run);
        const PipelineResult result = run.run([&] { feed_pictures(run, 75, straight, running); });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(watch.sync == c.flags);
    }
}

TEST_CASE("a file that grows: at every delivery it is a whole movie of fragments") {
    MovRun run(video + sound, "mode=hybrid fragment-duration=200");
    Watch watch;
    watch.snapshots = true;
    watch.attach(run);
    const PipelineResult result = run.run([&] {
        feed_pictures(run, 75, straight, running);
        run.sound("a", 30);
    });
    REQUIRE_MESSAGE(result.eos, all_said(result));
    size_t fragments = 0, grown = 0;
    for (const Bytes& file : watch.files) {
        if (file.size() < 40) continue;  // nothing but the reserve yet, or not even that
        const auto top = types_of(file); // throws for a box that is cut off
        const auto count = static_cast<size_t>(std::count(top.begin(), top.end(), "moof"));
        CHECK(count >= fragments);
        grown += count > fragments;
        fragments = count;
        const Mov mov(file);
        CHECK(top[1] == "free");
        CHECK(mov.count("tmcd") == 1);
        CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
    }
    CHECK(grown >= 14);
}

TEST_CASE("a refusal downstream: no error of ours, and nothing is touched any more") {
    Watch whole;
    {
        MovRun run(video + sound, "mode=hybrid fragment-duration=400");
        whole.attach(run);
        const PipelineResult result = run.run([&] {
            feed_pictures(run, 50, straight, running);
            run.sound("a", 20);
        });
        REQUIRE(result.eos);
    }
    REQUIRE(whole.deliveries > 6);
    for (int refuse = 0; refuse < whole.deliveries; ++refuse) {
        CAPTURE(refuse);
        MovRun run(video + sound, "mode=hybrid fragment-duration=400");
        Watch watch;
        watch.refuse = refuse;
        watch.attach(run);
        const PipelineResult result = run.run([&] {
            feed_pictures(run, 50, straight, running);
            run.sound("a", 20);
        });
        CHECK_MESSAGE(ours(result) == 0, all_said(result));
        CHECK(watch.refused == 1); // GstAggregator sends EOS then: an event, which writes nothing
        CHECK(watch.after_refusal == 0);
    }
}

TEST_CASE("a full disk: the file stays as of the last whole fragment, and the same element records again") {
    MovRun run(video + sound, "mode=hybrid fragment-duration=200");
    const auto feed = [&] {
        feed_pictures(run, 75, straight, running);
        run.sound("a", 30);
    };
    {
        const FileLimit limit(300000); // of about 580000 bytes
        const PipelineResult result = run.run(feed);
        CHECK_MESSAGE(ours(result) == 0, all_said(result));
        CHECK_MESSAGE(errors_with(result, "GstFileSink") == 1, all_said(result));
        Bytes file = bytes_of(run.path());
        CHECK(file.size() <= 300000);
        // Whole fragments, and behind them one that is cut off.
        uint64_t at = 0, fragments = 0;
        const Mov reader = Mov(Bytes(file.begin(), file.begin() + 20));
        CHECK(reader.top == std::vector<std::string>{"ftyp"});
        while (at + 8 <= file.size()) {
            const uint64_t size =
                uint64_t{file[at]} << 24 | uint64_t{file[at + 1]} << 16 | uint64_t{file[at + 2]} << 8 | file[at + 3];
            if (size < 8 || at + size > file.size()) break;
            fragments += std::string(file.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                                     file.begin() + static_cast<std::ptrdiff_t>(at) + 8) == "moof";
            at += size;
        }
        CHECK(fragments >= 5);
        file.resize(at);
        CHECK(types_of(file)[1] == "free");
    }
    const PipelineResult again = run.run(feed);
    CHECK_MESSAGE(again.eos, all_said(again));
    CHECK(types_of(bytes_of(run.path())) == std::vector<std::string>{"ftyp", "mdat", "moov"});
    CHECK(run.movie().by_handler("vide").samples() == 75);
}

TEST_CASE("max-index-bytes: one warning, and the recording goes on") {
    MovRun run(video, "mode=hybrid fragment-duration=200 max-index-bytes=400");
    const PipelineResult result = run.run([&] { feed_pictures(run, 75, straight, running); });
    CHECK_MESSAGE(result.eos, all_said(result));
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].has("max-index-bytes=400"));
    const auto top = types_of(bytes_of(run.path()));
    CHECK(std::count(top.begin(), top.end(), "moof") == 15);
}

TEST_CASE("hybrid needs an output that can be seeked, and fragments need a duration") {
    const std::string source =
        "videotestsrc num-buffers=3 ! video/x-raw,format=UYVY,width=64,height=48 ! tcmovmux name=m ";
    PipelineResult result = run_launch(source + "mode=hybrid ! fakesink", 20 * GST_SECOND);
    CHECK_MESSAGE(errors_with(result, "hybrid mode needs a seekable output") == 1, all_said(result));
    // Said at the change of state, which run_pipeline() asks for twice.
    result = run_launch(source + "mode=hybrid fragment-duration=0 ! fakesink", 20 * GST_SECOND);
    CHECK_MESSAGE(errors_with(result, "fragment-duration above 0") > 0, all_said(result));
}
