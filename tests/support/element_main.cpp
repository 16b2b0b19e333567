// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The main of tests that use GStreamer: runs under the leaks tracer and fails when an object outlives gst_deinit().
// A case that needs what is absent calls skip() (support/skip.hpp); a binary in which nothing ran exits with 77.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<int> alive{0};

void watch_tracer(GstDebugCategory* category, GstDebugLevel level, const gchar* file, const gchar* function, gint line,
                  GObject* object, GstDebugMessage* message, gpointer) {
    const char* text = gst_debug_message_get(message);
    if (std::strcmp(gst_debug_category_get_name(category), "GST_TRACER") == 0) {
        if (std::strncmp(text, "object-alive, type-name=(string)", 32) != 0)
            return; // format lines say "type-name=(structure)"
        ++alive;
        std::fprintf(stderr, "LEAK %s\n", text);
        return;
    }
    gst_debug_log_default(category, level, file, function, line, object, message, nullptr);
}

} // namespace

int main(int argc, char** argv) {
    setenv("GST_TRACERS", "leaks", 0);
    const char* debug = std::getenv("GST_DEBUG");
    setenv("GST_DEBUG", (debug ? std::string(debug) + ",GST_TRACER:7" : std::string("GST_TRACER:7")).c_str(), 1);
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(watch_tracer, nullptr, nullptr);
    gst_init(&argc, &argv);

    doctest::Context context(argc, argv);
    const int failed = context.run();
    gst_deinit();
    if (failed) return failed;
    if (alive > 0) {
        std::fprintf(stderr, "%d object(s) leaked\n", alive.load());
        return 1;
    }
    return onair::test::all_skipped() ? 77 : 0;
}
