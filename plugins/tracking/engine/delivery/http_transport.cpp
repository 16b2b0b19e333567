// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/http_transport.hpp"

#include "common/base/error.hpp"
#include "onair-config.h"

#include <algorithm>
#include <array>
#include <curl/curl.h>
#include <mutex>

namespace onair::track {

namespace {

constexpr size_t max_answer = 1u << 20;

/// Once per process and never undone: other parts of the process may use libcurl too (curl_global_init(3)).
void init_library() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

size_t take_body(char* data, size_t size, size_t n, void* user) {
    auto& body = *static_cast<std::string*>(user);
    if (body.size() + size * n > max_answer) return 0;
    body.append(data, size * n);
    return size * n;
}

int check_abort(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool>*>(user)->load() ? 1 : 0;
}

/// Failures before anything can have been sent. All others are told apart by how much of the body went out.
constexpr std::array unsent{CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                            CURLE_SSL_CONNECT_ERROR,     CURLE_URL_MALFORMAT,        CURLE_UNSUPPORTED_PROTOCOL};
constexpr std::array untrusted{CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                               CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH};

template <class Codes>
bool is_in(const Codes& codes, CURLcode code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

} // namespace

struct HttpTransport::Handle {
    CURL* curl = curl_easy_init();
    curl_slist* headers = nullptr;
    std::array<char, CURL_ERROR_SIZE> words{};

    ~Handle() {
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
    }
};

HttpTransport::HttpTransport(Timeouts timeouts) : timeouts_(timeouts) {
    init_library();
    handle_ = std::make_unique<Handle>();
    CURL* curl = handle_->curl;
    if (!curl) throw Error(ErrorKind::library, "HTTP cannot be used.", "curl_easy_init");
    // Matomo answers a request with "Expect" or gzip with a page of its own (bulk needs the plain form).
    for (const char* line : {"Content-Type: application/json", "Accept: application/json", "Expect:"})
        handle_->headers = curl_slist_append(handle_->headers, line);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, ONAIR_PACKAGE "/" ONAIR_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeouts_.connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeouts_.total_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->words.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, check_abort);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &aborted_);
}

HttpTransport::~HttpTransport() = default;

Answer HttpTransport::post(const std::string& url, const std::string& body) {
    CURL* curl = handle_->curl;
    Answer answer;
    if (aborted_) return {.kind = Answer::Kind::not_sent, .words = "stopped"};
    handle_->words[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    const CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        long status = 0;
        const char* type = nullptr;
        curl_off_t wait = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
        answer.status = static_cast<int>(status);
        answer.content_type = type ? type : "";
        answer.retry_after_s = static_cast<int>(std::clamp<curl_off_t>(wait, 0, 6 * 3600));
        return answer;
    }
    curl_off_t sent = 0;
    curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    answer.words = handle_->words[0] ? handle_->words.data() : curl_easy_strerror(code);
    answer.kind = is_in(untrusted, code)                                               ? Answer::Kind::tls
                  : is_in(unsent, code) || sent < static_cast<curl_off_t>(body.size()) ? Answer::Kind::not_sent
                                                                                       : Answer::Kind::ambiguous;
    return answer;
}

} // namespace onair::track
