// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/tracker.hpp"

#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/secret.hpp"
#include "engine/delivery/sender_thread.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/messages.hpp"
#include "engine/store/sqlite_store.hpp"

#include <random>

namespace onair::track {

struct Tracker::Delivery {
    Delivery(Store& store, const MatomoUrl& url, const Config& config)
        : sender(url, config.site, read_token(config.token_file)),
          dispatcher(store, store.open_destination("matomo", url.tracker, std::to_string(config.site)), sender,
                     transport, clock, {.random = [this] { return jitter(engine); }, .warn = config.warn}),
          thread(dispatcher, transport, config.fail) {}

    std::mt19937_64 engine{std::random_device{}()};
    std::uniform_real_distribution<double> jitter{0.0, 1.0};
    SystemClock clock;
    MatomoSender sender;
    HttpTransport transport;
    Dispatcher dispatcher;
    SenderThread thread;
};

Tracker::Tracker(Config config) : config_(std::move(config)), intake_(config_.source) {
    if (config_.location.empty()) throw error(Msg::missing_location, {});
    // The recorder and the sender meet the same full disk: that is one failure.
    config_.fail = [said = std::make_shared<std::atomic<bool>>(false), fail = config_.fail](const Error& e) {
        if (!said->exchange(true) && fail) fail(e);
    };
    MatomoUrl url;
    if (!config_.matomo_url.empty()) { // settings first: a wrong one leaves no file behind
        url = read_matomo_url(config_.matomo_url);
        if (config_.site == 0) throw error(Msg::missing_site, {});
        read_token(config_.token_file);
    }
    store_ = std::make_unique<SqliteStore>(config_.location, StoreConfig{.limits = {}, .warn = config_.warn});
    if (!config_.matomo_url.empty()) {
        if (!url.encrypted && !url.loopback && config_.warn) config_.warn(error(Msg::plain_http, {url.host}));
        delivery_ = std::make_unique<Delivery>(*store_, url, config_);
    }
    recorder_ = std::make_unique<Recorder>(*store_, Recorder::Config{.committed =
                                                                         [this] {
                                                                             if (delivery_) delivery_->thread.wake();
                                                                         },
                                                                     .warn = config_.warn,
                                                                     .failed = config_.fail});
}

Tracker::~Tracker() { close(); }

void Tracker::close() {
    if (recorder_) recorder_->stop();
    if (delivery_) delivery_->thread.stop(drained_ ? 0 : config_.drain_timeout_us);
}

Recorder::Result Tracker::push(std::string_view text, const Arrival& arrival, bool wait) {
    Record record = intake_.take(text, arrival);
    if (const auto* refusal = std::get_if<Refusal>(&record)) note_refusal(refusal->reason);
    return recorder_->submit(std::move(record), wait);
}

Recorder::Result Tracker::push_refused(Reason reason, std::string_view detail, const Arrival& arrival) {
    note_refusal(reason);
    return recorder_->submit(Refusal{.reason = reason,
                                     .detail = std::string(detail),
                                     .id = {},
                                     .type = {},
                                     .time_us = {},
                                     .recv_us = arrival.recv_us,
                                     .excerpt = {},
                                     .whole = false},
                             false);
}

/// A refusal for want of consent is no trouble: it is only counted.
void Tracker::note_refusal(Reason reason) {
    if (reason == Reason::consent || !config_.warn) return;
    {
        const std::lock_guard guard(said_lock_);
        if (!said_.insert(reason).second) return;
    }
    config_.warn(error(Msg::event_refused, {to_text(reason)}));
}

Recorder::Result Tracker::commit() { return recorder_->flush(); }

bool Tracker::drain() {
    if (!delivery_) return true;
    drained_ = true;
    return delivery_->thread.drain(config_.drain_timeout_us);
}

void Tracker::interrupt(bool on) {
    recorder_->interrupt(on);
    if (delivery_) delivery_->thread.interrupt(on);
}

Books Tracker::books() const {
    // Committed first: what is received in between is pending then.
    Books books = store_->books();
    books.received = recorder_->received();
    books.pending = books.received - books.settled();
    return books;
}

} // namespace onair::track
