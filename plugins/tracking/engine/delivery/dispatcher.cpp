// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>

namespace onair::track {

Dispatcher::Dispatcher(Store& store, int64_t destination, const Sender& sender, Transport& transport, Clock& clock,
                       Config config)
    : store_(store), destination_(destination), sender_(sender), transport_(transport), clock_(clock),
      config_(std::move(config)), outbox_(config_.outbox ? *config_.outbox : default_outbox_),
      backoff_(config_.random) {}

std::optional<int64_t> Dispatcher::step() {
    const int64_t now = clock_.monotonic_us();
    if (now < not_before_) return not_before_;
    if (spans_.empty() && !load()) return std::nullopt;
    if (!spans_.empty()) {
        const Span span = spans_.front();
        spans_.pop_front();
        send(span);
    }
    return std::max(now, not_before_);
}

/// False when nothing is queued. A batch may come out empty: all of it was dead.
bool Dispatcher::load() {
    auto queued = store_.queued(destination_, config_.max_events, config_.max_bytes);
    if (queued.empty()) return false;
    // Matomo makes a second visit of events that come out of order.
    std::stable_sort(queued.begin(), queued.end(),
                     [](const Queued& a, const Queued& b) { return a.time_us < b.time_us; });
    batch_.clear();
    std::vector<Settlement> not_sent;
    std::string dead;
    const int64_t now = clock_.utc_us();
    cleared_at_ = outbox_.version();
    for (const Queued& event : queued) {
        Cleared cleared = outbox_.clear(event);
        Compiled compiled;
        if (cleared.state == Delivery::queued) {
            compiled = sender_.compile(cleared.event, now);
            if (!compiled.refused.empty()) cleared = Cleared::settled(Delivery::dead, compiled.refused);
        }
        if (cleared.state == Delivery::queued)
            batch_.push_back({event.seq, std::move(compiled.request)});
        else
            not_sent.push_back({event.seq, cleared.state, cleared.reason});
        if (cleared.state == Delivery::dead && dead.empty()) dead = cleared.reason;
    }
    if (!not_sent.empty()) settle(not_sent);
    if (!dead.empty()) say(Msg::dead_letter, {dead}); // want of consent is no trouble
    if (!batch_.empty()) spans_.push_back({0, batch_.size()});
    return true;
}

void Dispatcher::send(const Span& span) {
    // Everything that is left of an isolation was split so often without success that the server itself is ill.
    if (isolating_ && !isolated_some_ && span.level > 2 + outages_) return outage();

    if (outbox_.version() != cleared_at_) return reload(); // somebody opted out in the meantime, or the policy is new
    if (!store_.mark_sending(destination_, seqs(span))) return reload();
    std::vector<const std::string*> requests;
    for (size_t i = span.begin; i < span.end; ++i)
        requests.push_back(&batch_[i].request);
    const Answer answer = transport_.post(sender_.url(), sender_.body(requests));
    const Verdict verdict = sender_.judge(answer, span.size(), proven_);
    if (verdict.say) say(*verdict.say, verdict.args, verdict.detail);
    apply(span, verdict);
    if (isolating_ && spans_.empty()) end_isolation();
}

/// Some of the batch may have been purged in the meantime: it is taken from the store anew, without them.
void Dispatcher::reload() {
    spans_.clear();
    suspects_.clear();
    isolating_ = false;
}

void Dispatcher::apply(const Span& span, const Verdict& verdict) {
    switch (verdict.action) {
    case Action::delivered:
        return delivered(span, verdict, Delivery::delivered);
    case Action::unconfirmed:
        return delivered(span, verdict, Delivery::unconfirmed);
    case Action::unattributed:
        return unattributed(span, verdict);
    case Action::retry:
    case Action::pause:
        return again(span, verdict);
    case Action::isolate:
        return isolate(span, verdict);
    case Action::split:
        return split(span);
    }
}

void Dispatcher::delivered(const Span& span, const Verdict& verdict, Delivery state) {
    std::vector<Settlement> done;
    for (size_t i = 0; i < span.size(); ++i)
        done.push_back({batch_[span.begin + i].seq, state, {}});
    for (const size_t i : verdict.dead) {
        done[i].state = Delivery::dead;
        done[i].reason = verdict.reason;
    }
    settle(done);
    answered();
}

/// The destination works.
void Dispatcher::answered() {
    backoff_.succeeded();
    not_before_ = 0;
    proven_ = true;
    isolated_some_ = true;
    if (isolating_) return;
    failed_once_ = false;
    outages_ = 0;
}

void Dispatcher::unattributed(const Span& span, const Verdict& verdict) {
    std::vector<Settlement> done;
    for (const int64_t seq : seqs(span))
        done.push_back({seq, Delivery::dead, verdict.reason});
    settle(done);
    answered();
}

/// All of the batch that is not settled comes back with the next load, in order and with what has come since.
void Dispatcher::again(const Span& span, const Verdict& verdict) {
    store_.requeue(destination_, seqs(span), verdict.maybe_stored);
    spans_.clear();
    if (!suspects_.empty()) {
        std::vector<int64_t> left;
        for (const size_t i : suspects_)
            left.push_back(batch_[i].seq);
        store_.requeue(destination_, left, false);
    }
    suspects_.clear();
    isolating_ = false;
    const int64_t wait = static_cast<int64_t>(verdict.retry_after_s) * 1'000'000;
    back_off(verdict.action == Action::pause ? std::max(wait, Backoff::pause_us) : wait);
}

/// A 500: the first time all of it again; then it is halved, in breadth, until the culprits are alone.
void Dispatcher::isolate(const Span& span, const Verdict& verdict) {
    if (!failed_once_) {
        failed_once_ = true;
        return again(span, verdict);
    }
    if (!isolating_) {
        isolating_ = true;
        isolated_some_ = false;
        suspects_.clear();
    }
    if (span.size() == 1)
        suspects_.push_back(span.begin);
    else
        halve(span, span.level + 1, false);
}

void Dispatcher::halve(const Span& span, int level, bool front) {
    const size_t middle = span.begin + span.size() / 2;
    const Span low{span.begin, middle, level}, high{middle, span.end, level};
    if (front) {
        spans_.push_front(high);
        spans_.push_front(low);
    } else {
        spans_.push_back(low);
        spans_.push_back(high);
    }
}

/// An event that failed alone is only to blame when the server took another one at the same time.
void Dispatcher::end_isolation() {
    if (!isolated_some_) return outage();
    std::vector<Settlement> dead;
    for (const size_t i : suspects_)
        dead.push_back({batch_[i].seq, Delivery::dead, "rejected"});
    suspects_.clear();
    isolating_ = failed_once_ = false;
    outages_ = 0;
    if (dead.empty()) return;
    settle(dead);
    say(Msg::dead_letter, {"rejected"});
}

/// Each time one level deeper, so that even a batch of little but poison is got through in the end.
void Dispatcher::outage() {
    store_.requeue(destination_, seqs({0, batch_.size()}), false);
    spans_.clear();
    suspects_.clear();
    isolating_ = false;
    ++outages_;
    back_off(0);
}

void Dispatcher::split(const Span& span) {
    if (span.size() == 1) {
        settle({{batch_[span.begin].seq, Delivery::dead, "too-large"}});
        return say(Msg::dead_letter, {"too-large"});
    }
    store_.requeue(destination_, seqs(span), false);
    config_.max_events = std::max<size_t>(1, span.size() / 2);
    halve(span, span.level, true);
}

void Dispatcher::back_off(int64_t at_least_us) {
    not_before_ = clock_.monotonic_us() + std::max(backoff_.next(), at_least_us);
}

std::vector<int64_t> Dispatcher::seqs(const Span& span) const {
    std::vector<int64_t> out;
    for (size_t i = span.begin; i < span.end; ++i)
        out.push_back(batch_[i].seq);
    return out;
}

void Dispatcher::settle(const std::vector<Settlement>& settlements) {
    store_.settle(destination_, settlements);
    settled_ += static_cast<int64_t>(settlements.size());
}

void Dispatcher::say(Msg msg, const std::vector<std::string>& args, const std::string& detail) {
    const auto kind = static_cast<size_t>(msg);
    if (said_[kind] || !config_.warn) return;
    said_.set(kind);
    const std::string host = sender_.host();
    const std::string a = args.size() > 0 ? args[0] : "", b = args.size() > 1 ? args[1] : "";
    config_.warn(error(msg, {host, a, b}, detail));
}

} // namespace onair::track
