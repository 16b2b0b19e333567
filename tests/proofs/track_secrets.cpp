// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The token and what is personal, searched for wherever it must not be: the log at GST_DEBUG=*:9, every property read
// back, every message on the bus, the graph, the arguments of the process, and the memory of another host that the
// destination redirects to, by http and https, or that stands in the destination's place with a certificate of its own.
//
//     track-secrets [ROWS]   so many rows of the decision table, 0: all; each with personal events through a pipeline
#include "tests/support/fault_plays.hpp"
#include "tests/support/track_feed.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

int failures = 0, searched = 0;

// Put together at run time: the program's own memory and file hold them in parts only.
std::string joined(const char* a, const char* b) { return std::string(a) + b; }

struct Secret {
    const char* what;
    std::string text;
};
const std::vector<Secret>& secrets() {
    static const std::vector<Secret> all{
        {"token", joined("70ce9a11f", "5ecre7b0d")},       {"user", joined("erika.", "mustermann")},
        {"session", joined("sess-", "4711-0815")},         {"device", joined("c0ffee00", "deadbea7")},
        {"address", joined("198.51.", "100.77")},          {"browser", joined("Netscape/", "4.08 (Amiga)")},
        {"referrer", joined("http://diary.", "example/")}, {"order", joined("order-of-", "erika-1")},
    };
    return all;
}

void search(const std::string& where, const std::string& text) {
    ++searched;
    for (const Secret& secret : secrets()) {
        const size_t at = text.find(secret.text);
        if (at == std::string::npos) continue;
        ++failures;
        const size_t line = text.rfind('\n', at) + 1;
        std::printf("WRONG: the %s is in %s: %.400s\n", secret.what, where.c_str(),
                    text.substr(line, std::min<size_t>(text.find('\n', at) - line, 400)).c_str());
    }
}

std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Another host: a process of its own, which answers everything by 200 and keeps what it gets. With `identity` over
/// TLS.
class OtherHost {
  public:
    explicit OtherHost(const Identity* identity = nullptr) {
        const std::string script = dir_ / "host.py", port = dir_ / "port", file = identity ? dir_ / "host.pem" : "";
        if (identity) std::ofstream(file) << identity->certificate << identity->key;
        std::ofstream(script) << R"(import http.server, os, ssl, sys
kept = []
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        kept.append((self.path, str(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0)))))
        self.send_response(200); self.end_headers()
    do_GET = do_POST
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if sys.argv[2]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
open(sys.argv[1] + ".new", "w").write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.handle_error = lambda *_: None # a client that does not trust this one
server.serve_forever()
)";
        child_ = fork();
        if (child_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); // it must not outlive a proof that aborts
            execlp("python3", "python3", script.c_str(), port.c_str(), file.c_str(), nullptr);
            _exit(127);
        }
        for (int i = 0; i < 500 && !std::filesystem::exists(port); ++i)
            usleep(20'000);
        url_ = (identity ? "https://127.0.0.1:" : "http://127.0.0.1:") + contents(port);
    }
    ~OtherHost() {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    const std::string& url() const { return url_; }

    /// What a core of it would hold: all of its writable memory.
    std::string memory() const {
        std::string out;
        const std::string proc = "/proc/" + std::to_string(child_);
        std::ifstream maps(proc + "/maps");
        const int mem = open((proc + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
        for (std::string line; std::getline(maps, line) && mem >= 0;) {
            unsigned long from = 0, to = 0;
            char mode[5] = "";
            if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, mode) != 3 || std::strncmp(mode, "rw", 2) != 0)
                continue;
            const size_t before = out.size();
            out.resize(before + (to - from));
            const ssize_t n = pread(mem, out.data() + before, to - from, static_cast<off_t>(from));
            out.resize(before + static_cast<size_t>(std::max<ssize_t>(n, 0)));
        }
        if (mem >= 0) close(mem);
        return out;
    }

  private:
    TempDir dir_;
    pid_t child_ = -1;
    std::string url_;
};

std::string personal_events() {
    const auto& s = secrets();
    const std::string person = R"("subject":{"user":")" + s[1].text + R"(","session":")" + s[2].text +
                               R"(","device":")" + s[3].text + R"("},"net":{"ip":")" + s[4].text + R"(","ua":")" +
                               s[5].text + R"(","referrer":")" + s[6].text + R"("},)";
    std::string out;
    for (const char* consent : {"granted", "denied"})
        for (const char* action :
             {R"("action":{"kind":"page","url":"http://shop.example/"})", R"("action":{"value":1})"})
            out += R"({"type":"shop.page.viewed",)" + person + R"("consent":{"analytics":")" + consent + R"("},)" +
                   action + "}\n";
    out += R"({"type":"shop.order.paid",)" + person +
           R"("consent":{"analytics":"granted"},"action":{"kind":"order"},"order":{"id":")" + s[7].text +
           R"(","revenue":5}})" + "\n";
    out +=
        R"({"type":"shop.page.viewed",)" + person + R"("consent":{"analytics":"granted"},"order":5})" + "\n"; // refused
    return out + R"({"type":"shop.page.viewed",)" + person + "\n";                                            // no JSON
}

/// Every property of the element, as text.
std::string properties(GstElement* element) {
    std::string out;
    guint n = 0;
    GParamSpec** all = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &n);
    for (guint i = 0; i < n; ++i) {
        if (!(all[i]->flags & G_PARAM_READABLE)) continue;
        GValue value = G_VALUE_INIT;
        g_object_get_property(G_OBJECT(element), all[i]->name, &value);
        const bool nothing = (G_VALUE_HOLDS_BOXED(&value) && !g_value_get_boxed(&value)) ||
                             (G_VALUE_HOLDS_OBJECT(&value) && !g_value_get_object(&value));
        const gst::CharPtr text(nothing ? nullptr : gst_value_serialize(&value));
        const gst::CharPtr shown(g_strdup_value_contents(&value));
        out += std::string(all[i]->name) + ": " + (text ? text.get() : "") + " " + (shown ? shown.get() : "") + "\n";
        g_value_unset(&value);
    }
    g_free(all);
    return out;
}

/// How the destination is reached.
struct Way {
    std::string more; ///< properties
    std::optional<TlsServer> tls = std::nullopt;
    std::string stranger = {}; ///< address of another host that stands in its place
};

void run(const FaultRow& row, const TempDir& dir, const Way& way) {
    FaultServer server([&](const Asked& asked) { return asked.number < 2 ? row.play : well(); }, secrets()[0].text, 0,
                       way.tls);
    const std::string db = dir / "e.db";
    for (const char* suffix : {"", "-wal", "-shm", ".lock", ".key"})
        std::filesystem::remove(db + suffix);
    std::string graph, read;
    {
        TrackFeed feed(db, "application/x-ndjson",
                       "matomo-url=" + (way.stranger.empty() ? server.url() : way.stranger) +
                           " site-id=1 drain-timeout=3000000000 id-dimension=1 ip-mask=0 "
                           "referrer=keep token-file=" +
                           (dir / "token") + " " + way.more);
        const auto result = feed.run([&] {
            feed.push(personal_events());
            g_usleep(50'000);
            read = properties(feed.sink());
            const gst::CharPtr dot(gst_debug_bin_to_dot_data(GST_BIN(feed.pipeline()), GST_DEBUG_GRAPH_SHOW_ALL));
            graph = dot.get();
        });
        if (!result.eos) {
            ++failures;
            std::printf("WRONG: no EOS with %s\n", row.play.name.c_str());
        }
        const std::string name = " with " + row.play.name + " " + way.more;
        search("a property" + name, read + properties(feed.sink()));
        search("the graph" + name, graph);
        for (const auto* list : {&result.errors, &result.warnings})
            for (const Said& said : *list)
                search("a message" + name, said.text + "\n" + said.debug);
        for (const std::string& message : result.messages)
            search("an element message" + name, message);
    }
    const std::string sent = server.everything();
    // What is looked for is really there.
    if (row.play.name != "well" || !way.stranger.empty()) return;
    for (const Secret& secret : secrets())
        if (std::strcmp(secret.what, "session") != 0 && sent.find(secret.text) == std::string::npos) {
            ++failures;
            std::printf("WRONG: the %s did not even reach the server\n", secret.what);
        }
}

} // namespace

int main(int argc, char** argv) {
    if (!have_program("python3")) return 77;
    const size_t limit = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 0;
    const TempDir dir;
    const std::string log = dir / "gst.log";
    setenv("GST_DEBUG", "*:9", 1);
    setenv("GST_DEBUG_FILE", log.c_str(), 1);
    setenv("GST_DEBUG_NO_COLOR", "1", 1);
    // Before this process knows the secrets: hosts that are none of the destination's.
    const Identity authority = make_certificate({.name = "ours", .from_days = -1, .to_days = 1, .authority = true});
    const Identity foreign = make_certificate({}), ours = make_certificate({}, &authority);
    const OtherHost other, stranger(&foreign);
    gst_init(&argc, &argv);
    const mode_t mask = umask(077);
    std::ofstream(dir / "token") << secrets()[0].text << "\n";
    std::ofstream(dir / "ca.pem") << authority.certificate;
    umask(mask);
    search("the other host before", other.memory() + stranger.memory());
    const std::string ca_file = "ca-file=" + (dir / "ca.pem");
    size_t n = 0, log_bytes = 0;
    const auto play = [&](const FaultRow& row, const Way& way) {
        ++n;
        run(row, dir, way);
        const std::string text = contents(log);
        log_bytes += text.size();
        search("the log with " + row.play.name, text);
        if (truncate(log.c_str(), 0) != 0) std::abort(); // it is open for appending or grows a hole; both are fine
    };
    for (const FaultRow& row : fault_rows(other.url())) {
        // Redirects always, over TLS as well; of the others as many as are asked for.
        const bool redirect = row.play.status.starts_with("30");
        if (limit == 0 || n < limit || redirect) play(row, {n % 2 ? "" : "ambiguous-policy=verify"});
        if (redirect || row.play.name == "well") play(row, {ca_file, TlsServer(ours)});
    }
    for (const FaultRow& row : status_rows(stranger.url()))
        if (row.play.status.starts_with("30")) play(row, {ca_file, TlsServer(ours)});
    for (const std::string& more : {std::string(), ca_file})
        play({"certificate not trusted", named("a stranger", well())}, {more, std::nullopt, stranger.url()});
    search("the process arguments", contents("/proc/self/cmdline"));
    const std::string memory = other.memory(), strangers = stranger.memory();
    search("the memory of the other host", memory);
    search("the memory of the stranger", strangers);
    std::printf("%zu rows, %zu MiB of log at level 9, %zu MiB of the other hosts' memory, %d searches for %zu secrets\n"
                "%d wrong\n",
                n, log_bytes >> 20, (memory.size() + strangers.size()) >> 20, searched, secrets().size(), failures);
    if (std::min(memory.size(), strangers.size()) < (1u << 20)) {
        std::puts("WRONG: the other host's memory cannot be read");
        return 1;
    }
    return failures ? 1 : 0;
}
