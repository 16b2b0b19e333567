// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A million queued events are sent, and replayed and sent again, in memory that does not grow with their number. Under
// a sanitizer, which keeps what was freed for a while, the books alone are judged.
//
//   track-replay [EVENTS]
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/store/sqlite_store.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool frees_at_once = false;
#else
constexpr bool frees_at_once = true;
#endif
constexpr double allowed_mib = 8;

double rss_mib() {
    std::ifstream statm("/proc/self/statm");
    long all = 0, resident = 0;
    statm >> all >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

size_t count(const std::string& body) { // the requests of a bulk body
    size_t n = 0;
    for (size_t at = body.find("\"rec\""); at != std::string::npos; at = body.find("\"rec\"", at + 1))
        ++n;
    return n;
}

} // namespace

int main(int argc, char** argv) {
    const int n = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    const test::TempDir dir;
    const std::string path = dir / "e.db";
    StoreConfig config;
    config.limits.max_bytes = 0;
    SqliteStore store(path, config);
    const int64_t to = store.open_destination("matomo", "http://m/matomo.php", "1");
    for (int i = 0; i < n;) {
        std::vector<Record> records;
        for (; records.size() < 5000 && i < n; ++i)
            records.emplace_back(test::make_event(std::to_string(i)));
        store.commit(records);
    }
    struct NullTransport : Transport {
        size_t seen = 0;
        std::vector<Done> done;
        void start(uint64_t id, Request request) override {
            const size_t sent = count(request.body);
            seen += sent;
            done.push_back({id, test::success(sent)});
        }
        std::vector<Done> wait(int64_t) override { return std::exchange(done, {}); }
    } transport;
    test::FakeClock clock;
    const MatomoSender sender({"http://m/matomo.php", "m", false, true}, {.site = 1, .categories = {}}, "secret");
    Dispatcher dispatcher(store, to, sender, clock, {.random = [] { return 1.0; }, .warn = {}});
    bool failed = false;
    double after_10000 = 0;
    for (const char* pass : {"sent", "replayed and sent"}) {
        const double before = rss_mib();
        double most = before;
        if (pass[0] == 'r' && store.replay({.state = Delivery::delivered}) != n) failed = true;
        most = std::max(most, rss_mib());
        dispatcher.look();
        for (int step = 0; !dispatcher.idle(); ++step) {
            for (auto& [id, request] : dispatcher.next())
                transport.start(id, std::move(request));
            for (auto& [id, answer] : transport.wait(0))
                dispatcher.answered(id, answer);
            if (step == 50 && after_10000 == 0) after_10000 = rss_mib();
            if (step % 100 == 0) most = std::max(most, rss_mib());
        }
        const Books books = store.books();
        std::printf("%d events %s: %.1f MiB before, at most %.1f MiB; %zu seen by the transport, %ld delivered\n", n,
                    pass, before, most, transport.seen, static_cast<long>(books.all().delivered));
        failed |= books.all().delivered != n || (frees_at_once && most > after_10000 + allowed_mib) ||
                  !test::unbalanced_store(books).empty();
    }
    const std::string wrong = test::unbalanced(path);
    if (!wrong.empty()) std::printf("wrong: %s\n", wrong.c_str());
    failed |= !wrong.empty() || transport.seen != 2 * static_cast<size_t>(n);
    std::printf("%s\n", failed ? "FAILED" : "flat");
    return failed;
}
