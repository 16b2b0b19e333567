// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The tracker beside bare SQLite with the same rows and indexes and RapidJSON, in the same run, turn about, medians.
// Prints a Markdown table.
//
//   tracking-bench [EVENTS] [ROUNDS] [DIRECTORY]
//
// "bare" parses the same texts with RapidJSON, takes the fields that become columns, writes the document with its
// Writer and inserts the same rows into a database of the same schema and settings (WAL, synchronous=NORMAL), 8192 in a
// transaction, all on one thread: what a careful programmer would write for this one purpose.
#include "tests/support/command.hpp"

#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_open.hpp"
#include "engine/tracker.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

constexpr int64_t first_us = 1'795'521'600'000'000;

std::string text_of(int i, bool personal) {
    char id[48];
    std::snprintf(id, sizeof id, "01931f4e-%04x-7000-8000-%012x", i >> 16 & 0xffff, i);
    std::string text =
        std::string(R"({"id":")") + id + R"(","type":"media.playback.progress","time":"2026-11-24T10:00:00Z",)";
    if (personal)
        text += R"("subject":{"user":"user)" + std::to_string(i % 5000) + R"(","device":"0123456789ab)" +
                std::to_string(1000 + i % 5000) + R"("},"consent":{"analytics":"granted"},)";
    return text + R"("action":{"category":"video","action":"play","name":"programme )" + std::to_string(i % 100) +
           R"(","value":1.5},"media":{"id":"m-17","title":"The evening news","pos":)" + std::to_string(i % 3600) +
           R"(,"len":3600},"props":{"bitrate":8000000,"player":"big screen","quality":"2160p50","note":")" +
           std::string(120, 'n') + R"("}})";
}

double cpu_s() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Result {
    double per_second, cpu_us;
};

template <class F>
Result measure(size_t n, F&& run) {
    const double cpu = cpu_s();
    const auto start = std::chrono::steady_clock::now();
    run();
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {static_cast<double>(n) / s, (cpu_s() - cpu) * 1e6 / static_cast<double>(n)};
}

std::string_view text(const rapidjson::Value& v) { return {v.GetString(), v.GetStringLength()}; }

void bare(const std::vector<std::string>& texts, const std::string& path) {
    const auto db = open_database(path, Durability::normal);
    db->execute("INSERT INTO destinations(destination, kind, url, site) VALUES(1, 'bench', 'u', '1')");
    sql::Statement event(*db, "INSERT INTO events(seq, id, type, time_us, time_source, recv_us, user, device, consent, "
                              "held, body) VALUES(?1, ?2, ?3, ?4, 'given', ?5, ?6, ?7, ?8, 0, ?9) "
                              "ON CONFLICT(id) DO NOTHING");
    std::string body;
    for (size_t at = 0; at < texts.size();) {
        sql::Transaction transaction(*db);
        for (size_t end = std::min(texts.size(), at + 8192); at < end; ++at) {
            rapidjson::Document doc;
            doc.Parse(texts[at].data(), texts[at].size());
            rapidjson::StringBuffer buffer;
            rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
            doc.Accept(writer);
            const auto subject = doc.FindMember("subject");
            event.bind(1, static_cast<int64_t>(at + 1)).bind(2, text(doc["id"])).bind(3, text(doc["type"]));
            event.bind(4, first_us).bind(5, first_us);
            if (subject == doc.MemberEnd())
                event.bind_null(6).bind_null(7).bind(8, "not_needed");
            else
                event.bind(6, text(subject->value["user"])).bind(7, text(subject->value["device"])).bind(8, "granted");
            event.bind(9, std::string_view(buffer.GetString(), buffer.GetSize())).run();
        }
        transaction.commit();
    }
    db->sync_wal();
}

void tracked(const std::vector<std::string>& texts, const std::string& path) {
    Tracker::Config config;
    config.location = path;
    config.source = "gst://host/pipeline/element";
    Tracker tracker(config);
    Arrival arrival;
    arrival.recv_us = first_us;
    for (const std::string& event : texts)
        if (tracker.push(event, arrival) != Recorder::Result::ok) std::abort();
    if (tracker.commit() != Recorder::Result::ok) std::abort();
    if (tracker.books().stored != static_cast<int64_t>(texts.size())) {
        std::fprintf(stderr, "not all were stored: %ld\n", static_cast<long>(tracker.books().stored));
        std::exit(1);
    }
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    const int n = argc > 1 ? std::atoi(argv[1]) : 200000, rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    std::printf("| events | tracker, events/s | CPU, us an event | bare, events/s | CPU, us an event | ratio |\n"
                "|---|---|---|---|---|---|\n");
    for (const bool personal : {false, true}) {
        std::vector<std::string> texts;
        for (int i = 0; i < n; ++i)
            texts.push_back(text_of(i, personal));
        std::vector<double> speed[2], cpu[2], ratio;
        for (int round = 0; round < rounds; ++round) {
            Result result[2];
            for (const int which : {round % 2, 1 - round % 2}) {
                const test::TempDir dir;
                const std::string path = argc > 3 ? std::string(argv[3]) + "/bench.db" : dir / "bench.db";
                for (const char* suffix : {"", "-wal", "-shm", ".lock"})
                    std::remove((path + suffix).c_str());
                result[which] = measure(texts.size(), [&] { which == 0 ? tracked(texts, path) : bare(texts, path); });
                speed[which].push_back(result[which].per_second);
                cpu[which].push_back(result[which].cpu_us);
            }
            ratio.push_back(result[0].per_second / result[1].per_second);
        }
        std::printf("| %d %s, %zu bytes each | %.0f | %.1f | %.0f | %.1f | %.2f |\n", n,
                    personal ? "with user and device" : "of the pipeline", texts[0].size(), median(speed[0]),
                    median(cpu[0]), median(speed[1]), median(cpu[1]), median(ratio));
    }
}
