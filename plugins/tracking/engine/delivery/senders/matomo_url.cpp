// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo_url.hpp"

#include "engine/messages.hpp"

#include "common/base/text.hpp"

#include <curl/curl.h>
#include <memory>

namespace onair::track {

namespace {

struct Cleanup {
    void operator()(CURLU* u) const noexcept { curl_url_cleanup(u); }
};
using Url = std::unique_ptr<CURLU, Cleanup>;

std::string part(const Url& url, CURLUPart which) {
    char* raw = nullptr;
    std::string out;
    if (curl_url_get(url.get(), which, &raw, 0) == CURLUE_OK && raw) out = raw;
    curl_free(raw);
    return out;
}

} // namespace

MatomoUrl read_matomo_url(const std::string& text) {
    const Url url(curl_url());
    const CURLUcode code =
        url ? curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) : CURLUE_OUT_OF_MEMORY;
    if (code != CURLUE_OK)
        throw error(Msg::bad_url, {"it is no address with http:// or https:// in front"}, curl_url_strerror(code));
    const std::string scheme = ascii_lower(part(url, CURLUPART_SCHEME));
    if (scheme != "http" && scheme != "https") throw error(Msg::bad_url, {"its scheme is neither http nor https"});
    if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty())
        throw error(Msg::bad_url, {"it holds a user name or a password"});
    if (!part(url, CURLUPART_QUERY).empty() || !part(url, CURLUPART_FRAGMENT).empty())
        throw error(Msg::bad_url, {"it holds a query or a fragment"});

    MatomoUrl out;
    const std::string name = part(url, CURLUPART_HOST), port = part(url, CURLUPART_PORT);
    out.host = port.empty() ? name : name + ":" + port;
    out.encrypted = scheme == "https";
    out.loopback = name == "localhost" || name.starts_with("127.") || name == "[::1]";
    std::string path = part(url, CURLUPART_PATH);
    if (!path.ends_with("/matomo.php") && !path.ends_with("/piwik.php")) {
        if (!path.ends_with('/')) path += '/';
        path += "matomo.php";
    }
    out.tracker = scheme + "://" + out.host + path;
    out.api = scheme + "://" + out.host + path.substr(0, path.rfind('/') + 1) + "index.php";
    return out;
}

} // namespace onair::track
