// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/sender.hpp"
#include "engine/delivery/senders/matomo_answer.hpp"
#include "engine/delivery/senders/matomo_mapping.hpp"
#include "engine/delivery/senders/matomo_url.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace onair::track {

/// Matomo's bulk tracking, `POST {base}/matomo.php` with {"token_auth": …, "requests": [{…}, …]}.
///
/// What would make Matomo fail on a whole request or lose an event silently cannot be in a request of ours:
///
/// | Matomo                                             | here                                            |
/// |----------------------------------------------------|-------------------------------------------------|
/// | ca=1 with a blank e_a fails the request            | ca=1 only beside e_c and e_a that are not blank  |
/// | a name over 4096 characters does                   | names are cut to 600: escaping makes six of one  |
/// | ca=1 with nothing that a plugin of it knows does    | e_c and e_a beside ma_* and cra*                |
/// | an array or an infinite number does                | scalars, finite                                  |
/// | without rec=1, or a bot without bots=1: not stored | both always                                      |
/// | cid other than 16 hex digits: invalid              | 16 hex digits                                    |
/// | a future cdt becomes "now"                         | whole seconds, at most now - 1                   |
/// | string requests shift invalid_indices              | requests are objects                             |
class MatomoSender : public Sender {
  public:
    /// The mapping that counts now. Whoever changes it sees to it that what was compiled before is not sent any more
    /// (Outbox::version()).
    using MappingFn = std::function<std::shared_ptr<const MatomoMapping>()>;
    /// `site`: whatever the mapping says, for what is queued is queued for that one. `ca_file`: see Request.
    MatomoSender(MatomoUrl url, int64_t site, MappingFn mapping, std::string token, std::string ca_file = {});
    MatomoSender(MatomoUrl url, MatomoMapping mapping, std::string token);

    std::string host() const override { return url_.host; }
    Compiled compile(const Outgoing& event, int64_t now_us) const override;
    Request bulk(std::span<const std::string* const> requests) const override;
    Verdict judge(const Answer& answer, size_t sent, Shown shown) const override;
    std::optional<Request> probe() const override;
    std::optional<Request> ask(std::span<const Asked> events, int64_t now_us) const override;
    Found found(const Answer& answer, std::span<const Asked> events) const override;
    /// A call of the reporting API about the site and the days from `from` to `to` (YYYY-MM-DD).
    Request report(std::string_view method, std::string_view from, std::string_view to, std::string_view more) const;

  private:
    Request api_request(std::string form) const;

    MatomoUrl url_;
    int64_t site_;
    MappingFn mapping_;
    std::string token_, ca_file_;
};

/// The request object of one event (as the outbox lets it go), or why there is none. Pure.
Compiled compile_for_matomo(std::string_view body, int64_t time_us, const MatomoMapping& mapping, int64_t site,
                            int64_t now_us);
inline Compiled compile_for_matomo(std::string_view body, int64_t time_us, const MatomoMapping& mapping,
                                   int64_t now_us) {
    return compile_for_matomo(body, time_us, mapping, mapping.site, now_us);
}

/// The form of a call of Matomo's reporting API (index.php) about one site and days, with the token.
std::string matomo_api_form(std::string_view method, int64_t site, std::string_view from, std::string_view to,
                            std::string_view token);

} // namespace onair::track
