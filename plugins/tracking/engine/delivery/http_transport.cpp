// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/http_transport.hpp"

#include "common/base/error.hpp"
#include "onair-config.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <curl/curl.h>
#include <map>
#include <mutex>
#include <utility>

namespace onair::track {

namespace {

constexpr long max_idle_s = 4; ///< servers close idle connections after 5 s and more: ours are given up before

/// Once per process and never undone: other parts of the process may use libcurl too (curl_global_init(3)).
void init_library() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// Failures before anything can have been sent. All others are told apart by how much of the body went out (an answer
/// that is no HTTP is CURLE_UNSUPPORTED_PROTOCOL, for one).
constexpr std::array unsent{CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                            CURLE_SSL_CONNECT_ERROR, CURLE_URL_MALFORMAT};
constexpr std::array untrusted{CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                               CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH};

template <class Codes>
bool is_in(const Codes& codes, CURLcode code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

long milliseconds(int64_t us) { return static_cast<long>(std::max<int64_t>(1, us / 1000)); }

Answer not_sent(std::string words) {
    Answer answer;
    answer.kind = Answer::Kind::not_sent;
    answer.words = std::move(words);
    return answer;
}

struct ListDelete {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

} // namespace

/// One request under way.
struct HttpTransport::Transfer {
    uint64_t id = 0;
    Request request;
    size_t read = 0; ///< of the body, by libcurl
    Answer answer;
    CURL* curl = curl_easy_init();
    std::unique_ptr<curl_slist, ListDelete> headers;
    std::array<char, CURL_ERROR_SIZE> words{};

    ~Transfer() { curl_easy_cleanup(curl); }

    /// There is no way back to the body's beginning (no CURLOPT_SEEKFUNCTION): that is what keeps libcurl from sending
    /// it again (Curl_retry_request() in its lib/transfer.c; CURLE_SEND_FAIL_REWIND).
    static size_t give_body(char* to, size_t size, size_t n, void* user) {
        auto& self = *static_cast<Transfer*>(user);
        const size_t part = std::min(size * n, self.request.body.size() - self.read);
        std::memcpy(to, self.request.body.data() + self.read, part);
        self.read += part;
        return part;
    }

    static size_t take_body(char* data, size_t size, size_t n, void* user) {
        auto& self = *static_cast<Transfer*>(user);
        if (self.answer.body.size() + size * n > self.request.max_answer) return 0;
        self.answer.body.append(data, size * n);
        return size * n;
    }

    /// libcurl verifies certificate and name by default; what is a default is said where the token depends on it.
    void trust_only(const std::string& ca_file) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (ca_file.empty()) return;
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr); // else the system's are trusted beside them
    }

    void prepare(const Timing& timing) {
        // Matomo answers a request with "Expect" or gzip with a page of its own (bulk needs the plain form).
        const std::string type = std::string("Content-Type: ") + request.type;
        for (const char* line : {type.c_str(), "Accept: application/json", "Expect:"})
            headers.reset(curl_slist_append(headers.release(), line));
        curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
        curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl, CURLOPT_USERAGENT, ONAIR_PACKAGE "/" ONAIR_VERSION);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(timing.connect_us));
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(timing.request_us));
        trust_only(request.ca_file);
        curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, max_idle_s);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words.data());
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, this);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    }

    Answer finish(CURLcode code) {
        if (code == CURLE_OK) {
            long status = 0;
            const char* type = nullptr;
            curl_off_t wait = 0;
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
            curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait); // seconds, also of a date
            answer.status = static_cast<int>(status);
            answer.content_type = type ? type : "";
            answer.retry_after_s = static_cast<int>(std::clamp<curl_off_t>(wait, 0, 6 * 3600));
            return std::move(answer);
        }
        return broken(code, words[0] ? words.data() : curl_easy_strerror(code));
    }

    /// No whole answer came.
    Answer broken(CURLcode code, const std::string& why) const {
        curl_off_t sent = 0;
        curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
        const auto whole = static_cast<curl_off_t>(request.body.size());
        if (code == CURLE_SEND_FAIL_REWIND) sent = static_cast<curl_off_t>(read); // it was set back already
        Answer out = not_sent(why);
        if (is_in(untrusted, code))
            out.kind = Answer::Kind::tls;
        else if (!is_in(unsent, code) && sent >= whole)
            out.kind = Answer::Kind::ambiguous;
        return out;
    }
};

struct HttpTransport::Multi {
    CURLM* multi = curl_multi_init();
    std::map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::vector<Done> done; ///< without having been sent
    std::atomic<bool> aborted{false};

    ~Multi() {
        for (const auto& [curl, transfer] : transfers)
            curl_multi_remove_handle(multi, curl);
        transfers.clear();
        curl_multi_cleanup(multi);
    }

    std::unique_ptr<Transfer> remove(CURL* curl) {
        const auto at = transfers.find(curl);
        auto transfer = std::move(at->second);
        transfers.erase(at);
        curl_multi_remove_handle(multi, curl);
        return transfer;
    }

    void end_all() {
        while (!transfers.empty()) {
            auto& transfer = *transfers.begin()->second;
            done.push_back({transfer.id, transfer.broken(CURLE_ABORTED_BY_CALLBACK, "stopped")});
            remove(transfer.curl);
        }
    }

    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result;
            const auto transfer = remove(message->easy_handle);
            done.push_back({transfer->id, transfer->finish(code)});
        }
    }
};

HttpTransport::HttpTransport(const Timing& timing) : timing_(timing) {
    init_library();
    multi_ = std::make_unique<Multi>();
    if (!multi_->multi) throw Error(ErrorKind::library, "HTTP cannot be used.", "curl_multi_init");
}

HttpTransport::~HttpTransport() = default;

void HttpTransport::start(uint64_t id, Request request) {
    if (multi_->aborted) return multi_->done.push_back({id, not_sent("stopped")});
    auto transfer = std::make_unique<Transfer>();
    CURL* curl = transfer->curl;
    if (!curl) return multi_->done.push_back({id, not_sent("curl_easy_init")});
    transfer->id = id;
    transfer->request = std::move(request);
    transfer->prepare(timing_);
    const CURLMcode code = curl_multi_add_handle(multi_->multi, curl);
    if (code != CURLM_OK) return multi_->done.push_back({id, not_sent(curl_multi_strerror(code))});
    multi_->transfers.emplace(curl, std::move(transfer));
}

std::vector<Transport::Done> HttpTransport::wait(int64_t longest_us) {
    int running = 0;
    curl_multi_perform(multi_->multi, &running);
    multi_->collect();
    if (multi_->aborted) multi_->end_all();
    if (multi_->done.empty()) {
        constexpr int64_t hour_ms = 3'600'000;
        const int64_t ms = longest_us < 0 ? hour_ms : std::min(hour_ms, (longest_us + 999) / 1000);
        curl_multi_poll(multi_->multi, nullptr, 0, static_cast<int>(ms), nullptr);
        curl_multi_perform(multi_->multi, &running);
        multi_->collect();
    }
    if (multi_->aborted) multi_->end_all();
    return std::exchange(multi_->done, {});
}

void HttpTransport::wake() { curl_multi_wakeup(multi_->multi); }

void HttpTransport::abort() {
    multi_->aborted = true;
    curl_multi_wakeup(multi_->multi);
}

Answer post_once(Transport& transport, Request request) {
    transport.start(0, std::move(request));
    for (;;)
        for (auto& done : transport.wait(-1))
            return std::move(done.answer);
}

} // namespace onair::track
