// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/tracker.hpp"

#include "engine/events/cloud_event.hpp"
#include "engine/messages.hpp"
#include "engine/privacy/identity.hpp"
#include "engine/store/sqlite_store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <unistd.h>
#include <utility>

namespace onair::track {

namespace {

/// Beside the opt-outs: tells whether the key is the one that they were made with.
std::string mark_of(const Pseudonymiser& key) { return "key:" + key.hash("key", "mark", 64); }

void need_ids(const Subject& subject) {
    if (subject.user.empty() && subject.device.empty() && subject.session.empty() && subject.visitor.empty())
        throw error(Msg::no_subject, {});
}

} // namespace

Tracker::Tracker(Config config) : config_(std::move(config)) {
    if (config_.location.empty()) throw error(Msg::missing_location, {});
    // The recorder and the sender meet the same full disk: that is one failure.
    config_.fail = [said = std::make_shared<std::atomic<bool>>(false), fail = config_.fail](const Error& e) {
        if (!said->exchange(true) && fail) fail(e);
    };
    policy_ = load_policy(config_.policy); // settings first: a wrong one leaves no file behind
    auto setups = destinations_of(config_, *policy_);
    store_ = std::make_unique<SqliteStore>(
        config_.location,
        StoreConfig{.limits = config_.limits, .durability = config_.durability, .warn = config_.warn});
    open_key();
    intake_ = std::make_unique<Intake>(config_.source, policy_, key_, opt_out_);
    if (!setups.empty()) {
        destinations_ = std::make_unique<Destinations>(
            std::move(setups), config_.timing, [this] { return policy(); }, opt_out_);
        if (!config_.dry_run && !config_.validate_only)
            destinations_->start(
                *store_, {.warn = config_.warn, .fail = config_.fail, .state = config_.state, .dead = config_.dead});
    }
    const bool syncs_itself = config_.durability == Durability::sync;
    recorder_ = std::make_unique<Recorder>(
        *store_, Recorder::Config{.when_full = config_.limits.when_full,
                                  .sync_interval_us = syncs_itself ? 0 : config_.sync_interval_us,
                                  .patience_us = config_.drain_timeout_us,
                                  .committed =
                                      [this] {
                                          if (destinations_) destinations_->wake();
                                      },
                                  .warn = config_.warn,
                                  .failed = config_.fail});
}

Tracker::~Tracker() { close(); }

/// The key is read now where something was or will be made with it, else at the first use.
void Tracker::open_key() {
    const std::string file =
        config_.policy.pseudonym_key_file.empty() ? config_.location + ".key" : config_.policy.pseudonym_key_file;
    key_ = std::make_shared<const Pseudonymiser>([file] { return read_or_make_key(file); });
    opt_out_ = std::make_shared<OptOut>(key_);
    const auto opted_out = store_->opt_out();
    if (!opted_out.empty()) {
        const auto is_mark = [](const std::string& k) { return k.starts_with("key:"); };
        const bool marked = std::any_of(opted_out.begin(), opted_out.end(), is_mark);
        if (marked && access(file.c_str(), F_OK) != 0) throw error(Msg::key_changed, {file}, "there is no such file");
        if (marked && std::find(opted_out.begin(), opted_out.end(), mark_of(*key_)) == opted_out.end())
            throw error(Msg::key_changed, {file});
        opt_out_->add(opted_out);
    }
    if (policy_->needs_key()) key_->prepare();
}

void Tracker::close() {
    if (recorder_) recorder_->stop();
    if (destinations_) destinations_->stop(drained_ ? 0 : config_.drain_timeout_us);
}

Recorder::Result Tracker::push(std::string_view text, const Arrival& arrival, Wait wait) {
    const InFlight::Guard inside(pushes_);
    return submit(intake_->take(text, arrival), wait);
}

Recorder::Result Tracker::push_refused(Reason reason, std::string_view detail, const Arrival& arrival) {
    return submit(Refusal{.reason = reason,
                          .detail = std::string(detail),
                          .id = {},
                          .type = {},
                          .time_us = {},
                          .recv_us = arrival.recv_us,
                          .excerpt = {},
                          .whole = false},
                  false);
}

Recorder::Result Tracker::push_cloud_events(std::string_view text, const Arrival& arrival, Wait wait) {
    Recorder::Result worst = Recorder::Result::ok; // they stand in the order of how bad they are
    read_cloud_events(text, [&](std::variant<std::string, Problem> one) {
        const auto* problem = std::get_if<Problem>(&one);
        const auto result = problem ? push_refused(problem->reason, problem->detail, arrival)
                                    : push(std::get<std::string>(one), arrival, wait);
        worst = std::max(worst, result);
    });
    return worst;
}

Recorder::Result Tracker::push_line(std::string_view line, const Arrival& arrival, Wait wait) {
    return push(event_of_line(line), arrival, wait);
}

Recorder::Result Tracker::submit(Record record, Wait wait) {
    if (const auto* refusal = std::get_if<Refusal>(&record)) note_refusal(refusal->reason);
    if (config_.dry_run || config_.validate_only) record = previewed(std::move(record));
    return recorder_->submit(std::move(record), wait);
}

/// Of a valid event only that there was one; of a refused one all that is kept of refused ones: that is what such a run
/// is for.
Record Tracker::previewed(Record record) const {
    const auto* event = std::get_if<Event>(&record);
    if (!event) return record;
    if (!config_.dry_run) return Tally{.outcome = Outcome::filtered, .reason = "validate-only"};
    if (destinations_ && config_.preview) destinations_->preview(*event, config_.preview);
    return Tally{.outcome = Outcome::filtered, .reason = "dry-run"};
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

ActReport Tracker::act(Act act, const Subject& subject, bool anonymise) {
    need_ids(subject);
    auto keys = opt_out_->keys_of(subject);
    const bool refuses = act == Act::withdraw || act == Act::erase;
    if (refuses) {
        keys.push_back(mark_of(*key_));
        opt_out_->add(keys); // from here on nothing of the subject is taken or sent
        pushes_.wait_out();  // and what was let in before is in the queue, in front of the command
    }
    // The events may be there under the id or under its pseudonym, whatever the policy says today.
    std::array<Command, 2> commands{
        Command{.act = act, .subject = subject, .anonymise = anonymise, .reason = "given"},
        Command{.act = act, .subject = pseudonym_form(subject, *key_), .anonymise = anonymise, .reason = "pseudonym"}};
    commands[0].opt_out = act == Act::forget ? std::vector<std::string>{} : keys;
    SystemClock clock;
    ActReport sum;
    for (Command& command : commands) {
        command.at_us = clock.utc_us();
        command.report = std::make_shared<ActReport>();
    }
    const std::array reports{commands[0].report, commands[1].report};
    for (Command& command : commands)
        recorder_->submit(std::move(command), false);
    const bool committed = recorder_->flush() == Recorder::Result::ok;
    if (!committed) throw error(Msg::act_waits, {to_text(act)});
    if (act == Act::grant) opt_out_->remove(keys);
    for (const auto& report : reports) {
        sum.purged += report->purged;
        sum.deleted += report->deleted;
        sum.anonymised += report->anonymised;
        sum.released += report->released;
        sum.complete = sum.complete && report->complete;
    }
    if (destinations_) destinations_->wake();
    return sum;
}

ActReport Tracker::withdraw(const Subject& subject, bool anonymise) { return act(Act::withdraw, subject, anonymise); }
ActReport Tracker::erase(const Subject& subject) { return act(Act::erase, subject, false); }
ActReport Tracker::grant(const Subject& subject) { return act(Act::grant, subject, false); }
ActReport Tracker::forget(const Subject& subject) { return act(Act::forget, subject, false); }

std::string Tracker::export_subject(const Subject& subject) {
    need_ids(subject);
    recorder_->flush();
    std::string out = "[";
    for (const Subject& one : {subject, pseudonym_form(subject, *key_)}) {
        const std::string part = store_->export_subject(one);
        if (part.size() <= 2) continue;
        if (out.size() > 1) out += ',';
        out += part.substr(1, part.size() - 2);
    }
    if (opt_out_->has(subject)) out += out.size() > 1 ? R"(,{"kind":"opt-out"})" : R"({"kind":"opt-out"})";
    return out + "]";
}

std::string Tracker::visitor_id(std::string_view key) {
    if (key.empty()) return {};
    SystemClock clock;
    // The application's key may be an address: it is kept as a hash.
    const std::string id = store_->visitor_of(key_->id("key", key), config_.limits.visitor_max_age_us, clock.utc_us());
    return opt_out_->has({.user = {}, .device = {}, .session = {}, .visitor = id}) ? std::string() : id;
}

std::vector<Comparison> Tracker::compare(const std::string& from, const std::string& to) {
    recorder_->flush();
    return destinations_ ? destinations_->compare(*store_, from, to) : std::vector<Comparison>{};
}

int64_t Tracker::replay(const Replay& what) {
    const int64_t n = store_->replay(what);
    if (n > 0 && destinations_) destinations_->wake();
    return n;
}

int64_t Tracker::replay_refused(std::string_view reason) {
    SystemClock clock;
    int64_t n = 0, last = 0;
    for (;;) {
        const auto texts = store_->refused_texts(reason, last, 256);
        if (texts.empty()) return n;
        std::vector<int64_t> seqs;
        for (const RefusedText& refused : texts) {
            push(refused.text, Arrival{.recv_us = clock.utc_us()});
            seqs.push_back(refused.seq);
        }
        last = seqs.back();
        if (recorder_->flush() != Recorder::Result::ok) return n;
        store_->remove_refused(seqs);
        n += static_cast<int64_t>(seqs.size());
    }
}

void Tracker::reload(PolicySource source) {
    auto policy = load_policy(source);
    if (destinations_) destinations_->accept(*policy);
    source.pseudonym_key_file = config_.policy.pseudonym_key_file; // one key for the life of a database
    if (policy->needs_key()) key_->prepare();
    {
        const std::lock_guard guard(policy_lock_);
        policy_ = policy;
        config_.policy = std::move(source);
    }
    intake_->set_policy(std::move(policy));
    if (destinations_) destinations_->try_now();
}

void Tracker::reload() {
    PolicySource source;
    {
        const std::lock_guard guard(policy_lock_);
        source = config_.policy;
    }
    reload(std::move(source));
}

std::shared_ptr<const Policy> Tracker::policy() const {
    const std::lock_guard guard(policy_lock_);
    return policy_;
}

bool Tracker::flush(int64_t timeout_us) {
    if (recorder_->flush() != Recorder::Result::ok) return false;
    if (!destinations_) return true;
    destinations_->try_now();
    return destinations_->drain(timeout_us);
}

Recorder::Result Tracker::commit(Wait wait) { return recorder_->flush(wait); }

bool Tracker::drain(Wait wait) {
    if (!destinations_ || !destinations_->started()) return true;
    drained_ = true;
    return destinations_->drain(config_.drain_timeout_us, wait);
}

void Tracker::wake() {
    recorder_->wake();
    if (destinations_) destinations_->wake_waiting();
}

std::vector<DestinationStatus> Tracker::destinations() const {
    return destinations_ ? destinations_->status() : std::vector<DestinationStatus>{};
}

Books Tracker::books() const {
    // Committed first: what is received in between is pending then.
    Books books = store_->books();
    books.received = recorder_->received();
    books.pending = books.received - books.settled();
    return books;
}

} // namespace onair::track
