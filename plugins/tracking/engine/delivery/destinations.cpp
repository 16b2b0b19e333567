// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/destinations.hpp"

#include "engine/delivery/secret.hpp"
#include "engine/messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace onair::track {

namespace {

constexpr std::string_view own_name = "matomo"; ///< of the destination of the properties

/// It becomes the name of a field of `stats`.
bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

/// At the start: a wrong one would look like a server that cannot be trusted.
void check_ca_file(const std::string& file) {
    if (file.empty()) return;
    errno = 0;
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open()) throw error(Msg::ca_unusable, {file, std::strerror(errno)});
    if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos &&
        text.find("-----BEGIN TRUSTED CERTIFICATE-----") == std::string::npos)
        throw error(Msg::ca_unusable, {file, "it holds no certificate (PEM)"});
}

[[noreturn]] void wrong(const std::string& name, std::string_view what, const std::string& detail = {}) {
    throw error(Msg::bad_destination, {name, what}, detail);
}

DestinationSetup setup_of(const DeliverySettings& settings, const std::string& name, const Endpoint& endpoint) {
    DestinationSetup out;
    out.name = name;
    out.site = endpoint.site;
    out.token_file = endpoint.token_file;
    out.token_variable = endpoint.token_variable;
    out.ca_file = endpoint.ca_file;
    out.pace.slow_us = settings.timing.slow_us;
    out.pace.connections = endpoint.connections.value_or(settings.connections);
    out.pace.events = endpoint.batch_size.value_or(settings.batch_size);
    out.ambiguous = endpoint.ambiguous.value_or(settings.ambiguous);
    return out;
}

/// The destination of the properties; they come before what the policy file says of it.
DestinationSetup own_setup(const DeliverySettings& settings, const Endpoint& endpoint) {
    DestinationSetup out = setup_of(settings, std::string(own_name), endpoint);
    out.url = read_matomo_url(settings.matomo_url);
    if (settings.site != 0) out.site = settings.site;
    if (out.site == 0) throw error(Msg::missing_site, {});
    if (!settings.token_file.empty()) out.token_file = settings.token_file;
    if (!settings.ca_file.empty()) out.ca_file = settings.ca_file;
    if (out.token_variable.empty()) out.token_variable = token_variable;
    read_token(out.token_file, out.token_variable);
    check_ca_file(out.ca_file);
    return out;
}

/// One of the policy file. Nothing stands in for a token: it would be that of another Matomo.
DestinationSetup file_setup(const DeliverySettings& settings, const std::string& name, const Endpoint& endpoint) {
    if (!is_name(name)) wrong(name, "its name is not of letters, digits, '-' and '_' (up to 64)");
    DestinationSetup out = setup_of(settings, name, endpoint);
    if (out.site == 0) wrong(name, "it has no site");
    if (out.token_file.empty() && out.token_variable.empty()) wrong(name, "it has neither token-file nor token-env");
    try {
        out.url = read_matomo_url(endpoint.url);
        read_token(out.token_file, out.token_variable);
        check_ca_file(out.ca_file);
    } catch (const Error& e) {
        wrong(name, e.what(), e.detail());
    }
    return out;
}

void check(const DestinationSetup& one, const Policy& policy) {
    if (one.ambiguous == AmbiguousPolicy::verify && policy.of_destination(one.name).mapping.id_dimension == 0)
        wrong(one.name, "ambiguous-policy=verify needs id-dimension, the dimension that holds the events' ids");
}

void check(const std::vector<DestinationSetup>& setups, const Policy& policy) {
    for (const DestinationSetup& one : setups) {
        check(one, policy);
        for (const DestinationSetup& other : setups)
            if (&other != &one && other.url.tracker == one.url.tracker && other.site == one.site)
                wrong(one.name, "it is the same site as the destination " + other.name);
    }
}

} // namespace

std::vector<DestinationSetup> destinations_of(const DeliverySettings& settings, const Policy& policy) {
    std::vector<DestinationSetup> out;
    if (!settings.matomo_url.empty()) out.push_back(own_setup(settings, policy.of_destination(own_name).endpoint));
    for (const auto& [name, rules] : policy.destinations) {
        if (rules.endpoint.url.empty() || (name == own_name && !out.empty())) continue;
        out.push_back(file_setup(settings, name, rules.endpoint));
    }
    check(out, policy);
    return out;
}

struct Destinations::One {
    One(DestinationSetup s, const Outbox::PolicyFn& policy, const std::shared_ptr<const OptOut>& opt_out)
        : setup(std::move(s)), outbox(setup.name, policy, opt_out),
          sender(
              setup.url, setup.site,
              [policy, name = setup.name] {
                  const auto now = policy();
                  return std::shared_ptr<const MatomoMapping>(now, &now->of_destination(name).mapping);
              },
              read_token(setup.token_file, setup.token_variable), setup.ca_file) {}

    DestinationSetup setup;
    Outbox outbox;
    MatomoSender sender;
    std::unique_ptr<Dispatcher> dispatcher;
};

Destinations::Destinations(std::vector<DestinationSetup> setups, const Timing& timing, const Outbox::PolicyFn& policy,
                           const std::shared_ptr<const OptOut>& opt_out)
    : timing_(timing), transport_(timing) {
    for (DestinationSetup& setup : setups)
        all_.push_back(std::make_unique<One>(std::move(setup), policy, opt_out));
}

Destinations::~Destinations() = default;

void Destinations::start(Store& store, const Hooks& hooks) {
    std::vector<Dispatcher*> dispatchers;
    for (const auto& one : all_) {
        const DestinationSetup& s = one->setup;
        if (!s.url.encrypted && !s.url.loopback && hooks.warn) hooks.warn(error(Msg::plain_http, {s.url.host}));
        const int64_t number = store.open_destination("matomo", s.url.tracker, std::to_string(s.site), s.name);
        one->dispatcher = std::make_unique<Dispatcher>(store, number, one->sender, clock_,
                                                       Dispatcher::Config{.name = s.name,
                                                                          .pace = s.pace,
                                                                          .ambiguous = s.ambiguous,
                                                                          .timing = timing_,
                                                                          .outbox = &one->outbox,
                                                                          .random = [this] { return jitter_(engine_); },
                                                                          .warn = hooks.warn,
                                                                          .state = hooks.state,
                                                                          .dead = hooks.dead});
        dispatchers.push_back(one->dispatcher.get());
    }
    courier_ = std::make_unique<Courier>(std::move(dispatchers), transport_, hooks.fail);
}

void Destinations::wake() {
    if (courier_) courier_->wake();
}

void Destinations::try_now() {
    if (courier_) courier_->try_now();
}

bool Destinations::drain(int64_t patience_us, Wait wait) { return !courier_ || courier_->drain(patience_us, wait); }

void Destinations::wake_waiting() {
    if (courier_) courier_->wake_waiting();
}

void Destinations::stop(int64_t grace_us) {
    if (courier_) courier_->stop(grace_us);
}

void Destinations::accept(const Policy& policy) const {
    for (const auto& one : all_)
        check(one->setup, policy);
}

std::vector<DestinationStatus> Destinations::status() const {
    std::vector<DestinationStatus> out;
    for (const auto& one : all_)
        if (one->dispatcher) out.push_back(one->dispatcher->status());
    return out;
}

std::vector<Comparison> Destinations::compare(Store& store, const std::string& from, const std::string& to) const {
    constexpr int64_t day_us = 86'400'000'000;
    const auto begin = parse_utc(from + "T00:00:00Z"), end = parse_utc(to + "T00:00:00Z");
    if (from.size() != 10 || to.size() != 10 || !begin || !end || *end < *begin)
        throw error(Msg::bad_period, {from + " to " + to});
    std::vector<Comparison> out;
    HttpTransport transport(timing_); // the other one is the courier's
    for (const auto& one : all_) {
        Comparison comparison{one->setup.name, {}, {}};
        for (const auto& [kind, has_url, n] : store.delivered(one->setup.name, *begin, *end + day_us))
            if (const auto count = count_of_kind(kind, has_url); !count.empty())
                comparison.ours[std::string(count)] += n;
        comparison.theirs = read_matomo_reports(
            [&](std::string_view method, std::string_view more) {
                return post_once(transport, one->sender.report(method, from, to, more));
            },
            one->setup.url.host);
        out.push_back(std::move(comparison));
    }
    return out;
}

void Destinations::preview(const Event& event, const std::function<void(std::string_view, std::string_view)>& show) {
    Queued queued;
    queued.id = event.id;
    queued.time_us = event.time_us;
    queued.body = event.body;
    queued.user = event.user;
    queued.device = event.device;
    queued.session = event.session;
    queued.visitor = event.visitor;
    queued.consent = to_text(event.consent);
    for (const auto& one : all_) {
        const std::string& name = one->setup.name;
        if (event.routes && std::find(event.routes->begin(), event.routes->end(), name) == event.routes->end())
            continue;
        const Cleared cleared = one->outbox.clear(queued);
        if (cleared.state != Delivery::queued) continue;
        const Compiled compiled = one->sender.compile(cleared.event, clock_.utc_us());
        show(name, compiled.refused.empty() ? compiled.request : "refused: " + compiled.refused);
    }
}

} // namespace onair::track
