// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// FFmpeg's log callback belongs to the process. gst-libav sets it when it is loaded, we when we first need it: in both
// orders our errors have the library's words, and the lines of others arrive where gst-libav's users look for them.
// Each order is a process of its own.
#include "common/av/av_log.hpp"
#include "common/gstav/log_bridge.hpp"
#include "tests/support/command.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavutil/log.h>
}

using namespace onair;

namespace {

constexpr char order_variable[] = "ONAIR_LOG_ORDER";

/// "category: words" of the debug lines that contain `part`.
class DebugLines {
  public:
    DebugLines() { gst_debug_add_log_function(&DebugLines::take, this, nullptr); }
    ~DebugLines() { gst_debug_remove_log_function(&DebugLines::take); }
    std::vector<std::string> with(const std::string& part) {
        const std::lock_guard lock(lock_);
        std::vector<std::string> found;
        std::copy_if(lines_.begin(), lines_.end(), std::back_inserter(found),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
        return found;
    }

  private:
    static void take(GstDebugCategory* category, GstDebugLevel, const gchar*, const gchar*, gint, GObject*,
                     GstDebugMessage* message, gpointer self) {
        auto& me = *static_cast<DebugLines*>(self);
        const std::lock_guard lock(me.lock_);
        me.lines_.push_back(std::string(gst_debug_category_get_name(category)) + ": " + gst_debug_message_get(message));
    }
    std::mutex lock_;
    std::vector<std::string> lines_;
};

void load(const char* plugin) {
    GstPlugin* loaded = gst_plugin_load_by_name(plugin);
    CHECK(loaded);
    gst_clear_object(&loaded);
}

void log_from_another_thread(const char* words) {
    std::thread([=] { av_log(nullptr, AV_LOG_ERROR, "%s\n", words); }).join();
}

bool have_libav() {
    GstPlugin* plugin = gst_registry_find_plugin(gst_registry_get(), "libav");
    const bool found = plugin != nullptr;
    gst_clear_object(&plugin);
    return found;
}

void run_child(const std::string& order) {
    setenv(order_variable, order.c_str(), 1);
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto result = test::run_command("'" + self + "' --no-skip '--test-case=one order'");
    unsetenv(order_variable);
    CAPTURE(order);
    CHECK_MESSAGE(result.status == 0, result.output);
    CHECK(result.output.find("1 passed") != std::string::npos);
}

} // namespace

TEST_CASE("one order" * doctest::skip()) {
    const char* order = std::getenv(order_variable);
    REQUIRE(order);
    gst_debug_set_default_threshold(GST_LEVEL_ERROR);
    const std::string names = std::string(order) + ",";
    const bool libav = names.find("libav") != std::string::npos;
    for (size_t at = 0, end; (end = names.find(',', at)) != std::string::npos; at = end + 1) {
        const std::string name = names.substr(at, end - at);
        if (name == "libav") load("libav");
        if (name != "ours") continue;
        load("swscale");
        gstav::forward_av_log_to_gst();
        const av::LogCollector installs;
    }
    DebugLines debug;
    const auto works = [&](const std::string& time) {
        const std::string ours = "our words " + time, theirs = "their words " + time;
        {
            const av::LogCollector log;
            av_log(nullptr, AV_LOG_ERROR, "%s\n", ours.c_str());
            CHECK(log.text() == ours);
        }
        CHECK(debug.with(ours).empty());
        log_from_another_thread(theirs.c_str());
        const auto lines = debug.with(theirs);
        REQUIRE(lines.size() == 1);
        CHECK_MESSAGE(lines[0].starts_with(libav ? "libav: " : "onair-av: "), lines[0]);
    };
    works("first");
    if (libav) {
        const auto result =
            test::run_launch("videotestsrc num-buffers=3 ! video/x-raw,width=64,height=48,framerate=25/1 ! "
                             "swsconvertscale ! video/x-raw,width=96,height=64 ! "
                             "avenc_mjpeg ! avdec_mjpeg ! swsconvertscale ! "
                             "video/x-raw,format=UYVY ! fakesink");
        CHECK(result.eos);
        CHECK(result.errors.empty());
        works("after both were used");
    }
}

TEST_CASE("we alone") { run_child("ours"); }

TEST_CASE("gst-libav before us and behind us") {
    if (!have_libav()) return test::skip("gst-libav is not installed");
    test::ran();
    run_child("libav,ours");
    run_child("ours,libav");
}
