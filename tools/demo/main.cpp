// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The demo: an application that embeds the three elements. `./onair demo` builds it, runs it and shows what came out.
#include "common/base/error.hpp"
#include "event_log.hpp"
#include "main_job.hpp"
#include "options.hpp"

#include <cstdio>
#include <ctime>
#include <exception>
#include <unistd.h>

using namespace onair;
using namespace onair::demo;

namespace {

/// Names a run: its start in UTC and the process.
std::string run_name() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    return std::string(text) + "-" + std::to_string(getpid());
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

int work(const Options& options) {
    EventLog events(options.output + "/events.db", run_name());
    events.add("onair.run.started", {}, {{"input", options.input.empty() ? "generated" : options.input}});
    int status = 0;
    try {
        MainJob job(options, events);
        const Outcome outcome = job.run();
        events.add("onair.run.finished", {},
                   {{"frames", std::to_string(outcome.frames)},
                    {"seconds", number(outcome.seconds)},
                    {"interrupted", outcome.interrupted ? "yes" : "no"}});
        std::printf("%lld frames in %.1f s\n", static_cast<long long>(outcome.frames), outcome.seconds);
    } catch (const Error& e) {
        events.add("onair.run.failed", {}, {{"error", e.what()}, {"detail", e.detail()}});
        std::fprintf(stderr, "error: %s\n%s\n", e.what(), e.detail().c_str());
        status = 1;
    }
    events.close();
    return status;
}

} // namespace

int main(int argc, char** argv) {
    const std::optional<Options> options = read_options(argc, argv);
    if (!options) return 2;
    gst_init(nullptr, nullptr);
    try {
        return work(*options);
    } catch (const Error& e) {
        std::fprintf(stderr, "error: %s\n%s\n", e.what(), e.detail().c_str());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "error: %s\n", e.what());
    }
    return 1;
}
