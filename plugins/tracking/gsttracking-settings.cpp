// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of trackingsink and trackingtap, and what the engine is told of them.
#include "gsttracking-settings.hpp"

#include "common/base/text.hpp"
#include "common/gst/enum_type.hpp"
#include "common/gst/property.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/messages.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace onair::track {

namespace {

GType durability_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(Durability::normal), "Safe from a power cut within sync-interval, from a kill at once",
         "normal"},
        {static_cast<gint>(Durability::sync), "Safe from a power cut before an event counts as stored", "sync"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingDurability", values);
}

GType when_full_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(WhenFull::spill), "Events that are done go, oldest first; then the newest are dropped",
         "spill"},
        {static_cast<gint>(WhenFull::drop_oldest), "The oldest events go, whether sent or not", "drop-oldest"},
        {static_cast<gint>(WhenFull::drop_newest), "The newest events are dropped", "drop-newest"},
        {static_cast<gint>(WhenFull::block), "The stream waits; a live one does not, and drops the newest", "block"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingWhenFull", values);
}

GType ambiguous_policy_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(AmbiguousPolicy::retry), "They are sent again; some may be recorded twice", "retry"},
        {static_cast<gint>(AmbiguousPolicy::verify), "The destination is asked which it has; the others are sent again",
         "verify"},
        {static_cast<gint>(AmbiguousPolicy::drop), "They are not sent again; some may be missing", "drop"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingAmbiguousPolicy", values);
}

GType consent_mode_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(ConsentMode::drop), "It is counted, and nothing of it is kept", "drop"},
        {static_cast<gint>(ConsentMode::anonymous), "It is kept and sent without all that is personal", "anonymous"},
        {static_cast<gint>(ConsentMode::hold), "It is kept back until there is a decision", "hold"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingConsentMode", values);
}

GType pseudonyms_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(Pseudonyms::off), "Ids are stored and sent as they come", "off"},
        {static_cast<gint>(Pseudonyms::user), "User ids become keyed hashes", "user"},
        {static_cast<gint>(Pseudonyms::user_device), "User and device ids become keyed hashes", "user-device"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingPseudonyms", values);
}

GType referrer_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(ReferrerMode::keep), "As it comes", "keep"},
        {static_cast<gint>(ReferrerMode::exclude_query), "Without its query", "exclude-query"},
        {static_cast<gint>(ReferrerMode::exclude_path), "The host only", "exclude-path"},
        {static_cast<gint>(ReferrerMode::exclude_all), "Nothing", "exclude-all"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTrackingReferrer", values);
}

GType auto_track_type() {
    static const GFlagsValue values[] = {
        {auto_start, "The stream begins (onair.stream.start)", "start"},
        {auto_caps, "It has other caps (onair.stream.caps)", "caps"},
        {auto_segment, "A segment begins, as after a seek (onair.stream.segment)", "segment"},
        {auto_tags, "Title, codec, bit rate (onair.stream.tags)", "tags"},
        {auto_progress, "Each progress-interval (onair.stream.progress)", "progress"},
        {auto_gap, "A gap in the stream (onair.stream.gap)", "gap"},
        {auto_qos, "Buffers come too late downstream (onair.stream.qos)", "qos"},
        {auto_eos, "The stream ends (onair.stream.eos)", "eos"},
        {0, nullptr, nullptr}};
    return gst::register_flags("GstTrackingAutoTrack", values);
}

/// On what users of one database have to agree.
enum class Scope { database, policy, element };

struct Row : gst::Property<Settings> {
    Scope scope = Scope::database;
};

constexpr int ready = GST_PARAM_MUTABLE_READY;
constexpr int playing = GST_PARAM_MUTABLE_PLAYING;
constexpr double longest_age = 3.2e9; // seconds, about 100 years

const std::array<Row, 38> properties{{
    {{.field = &Settings::location,
      .name = "location",
      .nick = "Location",
      .blurb = "File of the SQLite database that the events are committed to; it is made when missing and appended to "
               "otherwise",
      .flags = ready},
     Scope::element}, // it is what they share
    {{.field = &Settings::matomo_url,
      .name = "matomo-url",
      .nick = "Matomo URL",
      .blurb = "Base address of the Matomo that the events are sent to (https://host/path/); without it nothing leaves "
               "the database",
      .flags = ready}},
    {{.field = &Settings::site_id,
      .name = "site-id",
      .nick = "Site id",
      .blurb = "Number of the site in Matomo; 0 is none",
      .minimum = 0,
      .maximum = 2147483647,
      .flags = ready}},
    {{.field = &Settings::token_file,
      .name = "token-file",
      .nick = "Token file",
      .blurb =
          "File whose first line is Matomo's token; without it the environment variable ONAIR_MATOMO_TOKEN is taken",
      .flags = ready}},
    {{.field = &Settings::ca_file,
      .name = "ca-file",
      .nick = "CA file",
      .blurb =
          "File with the certificates (PEM) of the authorities that are trusted for matomo-url; without it those of "
          "the system",
      .flags = ready}},
    {{.field = &Settings::max_connections,
      .name = "max-connections",
      .nick = "Max connections",
      .blurb = "Most requests at a time to a destination; there are fewer while it is overloaded",
      .minimum = 1,
      .maximum = 16,
      .flags = ready}},
    {{.field = &Settings::batch_size,
      .name = "batch-size",
      .nick = "Batch size",
      .blurb = "Most events of a request; there are fewer while the destination is slow or refuses such requests",
      .minimum = 1,
      .maximum = 1000,
      .flags = ready}},
    {{.field = gst::enum_field<Settings, &Settings::ambiguous_policy, ambiguous_policy_type>(),
      .name = "ambiguous-policy",
      .nick = "Ambiguous policy",
      .blurb = "What becomes of events that may have arrived: the request went out, but no answer came",
      .flags = ready}},
    {{.field = &Settings::id_dimension,
      .name = "id-dimension",
      .nick = "Id dimension",
      .blurb =
          "Number of the action dimension in Matomo that takes the events' ids (ambiguous-policy=verify needs it); "
          "0 is none",
      .minimum = 0,
      .maximum = 999,
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::request_timeout,
      .name = "request-timeout",
      .nick = "Request timeout",
      .blurb = "Longest time from the begin of a request to the end of its answer, in nanoseconds; after it the events "
               "may have arrived (ambiguous-policy)",
      .minimum = 1e9,
      .maximum = 3.6e12,
      .flags = ready}},
    {{.field = &Settings::drain_timeout,
      .name = "drain-timeout",
      .nick = "Drain timeout",
      .blurb =
          "Longest wait at the end for a destination without an event being delivered, and for a disk in trouble, in "
          "nanoseconds; what is queued then is sent by the next run",
      .flags = ready}},
    {{.field = gst::enum_field<Settings, &Settings::durability, durability_type>(),
      .name = "durability",
      .nick = "Durability",
      .blurb = "What a stored event survives; a killed process loses none that is stored",
      .flags = ready}},
    {{.field = &Settings::sync_interval,
      .name = "sync-interval",
      .nick = "Sync interval",
      .blurb = "Longest time from storing an event to syncing the disk with durability=normal, in milliseconds",
      .minimum = 1,
      .maximum = 3600000,
      .flags = ready}},
    {{.field = gst::enum_field<Settings, &Settings::when_full, when_full_type>(),
      .name = "when-full",
      .nick = "When full",
      .blurb = "What gives way when the database is at max-bytes or max-rows, or the disk does not keep up",
      .flags = ready}},
    {{.field = &Settings::max_bytes,
      .name = "max-bytes",
      .nick = "Max bytes",
      .blurb = "Largest size of the database file in bytes (its -wal file apart); 0 is no bound",
      .minimum = 0,
      .maximum = 9e15,
      .flags = ready}},
    {{.field = &Settings::max_rows,
      .name = "max-rows",
      .nick = "Max rows",
      .blurb = "Most events in the database; 0 is no bound",
      .minimum = 0,
      .maximum = 9e15,
      .flags = ready}},
    {{.field = &Settings::max_age,
      .name = "max-age",
      .nick = "Max age",
      .blurb = "How long events are kept that are done (sent, or never to be sent), in seconds; 0 is for ever",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::queue_max_age,
      .name = "queue-max-age",
      .nick = "Queue max age",
      .blurb = "How long an event waits for its destination before it expires, in seconds; 0 is for ever",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::hold_max_age,
      .name = "hold-max-age",
      .nick = "Hold max age",
      .blurb = "How long an event waits for consent (consent-mode=hold) before it is purged, in seconds; 0 is for ever",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::personal_max_age,
      .name = "personal-max-age",
      .nick = "Personal max age",
      .blurb = "How long the personal part of events is kept that are done, in seconds; 0 is as long as the event",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::visitor_max_age,
      .name = "visitor-max-age",
      .nick = "Visitor max age",
      .blurb = "How long a visitor is recognised after the last visit, in seconds (13 months); 0 is for ever",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::campaign_max_age,
      .name = "campaign-max-age",
      .nick = "Campaign max age",
      .blurb = "How long after an ad click an order still counts as its, in seconds (90 days); 0 is for ever",
      .minimum = 0,
      .maximum = longest_age,
      .flags = ready}},
    {{.field = &Settings::policy_file,
      .name = "policy-file",
      .nick = "Policy file",
      .blurb = "JSON file of rules, consent settings and allow-lists; written again, it is read anew",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::environment,
      .name = "environment",
      .nick = "Environment",
      .blurb = "Which environment of the policy file counts (dev, stage, live, …)",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::strict,
      .name = "strict",
      .nick = "Strict",
      .blurb = "Events with unknown top-level fields are refused; else the fields are kept under props",
      .flags = playing},
     Scope::policy},
    {{.field = gst::enum_field<Settings, &Settings::consent_mode, consent_mode_type>(),
      .name = "consent-mode",
      .nick = "Consent mode",
      .blurb = "What becomes of a personal event without consent",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::honour_dnt,
      .name = "honour-dnt",
      .nick = "Honour DNT",
      .blurb = "DNT: 1 (consent.dnt) is a refusal, unless it was overruled explicitly",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::honour_gpc,
      .name = "honour-gpc",
      .nick = "Honour GPC",
      .blurb = "Sec-GPC: 1 (consent.gpc) is a refusal, unless it was overruled explicitly",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::ip_mask,
      .name = "ip-mask",
      .nick = "IP mask",
      .blurb = "How many bytes at the end of an IPv4 address are zeroed before it is stored (IPv6 accordingly); 0 is "
               "none, 4 is all",
      .minimum = 0,
      .maximum = 4,
      .flags = playing},
     Scope::policy},
    {{.field = gst::enum_field<Settings, &Settings::pseudonyms, pseudonyms_type>(),
      .name = "pseudonyms",
      .nick = "Pseudonyms",
      .blurb = "Which ids become keyed hashes before they are stored",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::pseudonym_key_file,
      .name = "pseudonym-key-file",
      .nick = "Pseudonym key file",
      .blurb = "File with the key of pseudonyms and of the opt-out list; none: the database's name with .key. Made "
               "(mode 0600) when missing",
      .flags = ready}},
    {{.field = &Settings::url_strip,
      .name = "url-strip",
      .nick = "URL strip",
      .blurb = "Query parameters that are cut from URLs, comma-separated; never written: Matomo's list",
      .flags = playing},
     Scope::policy},
    {{.field = gst::enum_field<Settings, &Settings::referrer, referrer_type>(),
      .name = "referrer",
      .nick = "Referrer",
      .blurb = "How much of a referrer is stored",
      .flags = playing},
     Scope::policy},
    {{.field = &Settings::allow,
      .name = "allow",
      .nick = "Allow",
      .blurb = "Which fields may be sent: DESTINATION=PROFILE or DESTINATION=FIELD,FIELD,…; several with ';' between. "
               "Profiles: purchase, matomo, anonymous, all",
      .flags = playing},
     Scope::policy},
    {{.field = gst::FlagsField<Settings>{&Settings::auto_track, auto_track_type},
      .name = "auto-track",
      .nick = "Auto track",
      .blurb = "Events of the stream itself that are tracked",
      .flags = ready},
     Scope::element},
    {{.field = &Settings::progress_interval,
      .name = "progress-interval",
      .nick = "Progress interval",
      .blurb = "Running time between two events onair.stream.progress, in nanoseconds",
      .minimum = 1e6,
      .maximum = 1e18,
      .flags = ready},
     Scope::element},
    {{.field = &Settings::dry_run,
      .name = "dry-run",
      .nick = "Dry run",
      .blurb = "Nothing is kept or sent; what would be sent is posted as element messages (trackingsink-preview)",
      .flags = ready}},
    {{.field = &Settings::validate_only,
      .name = "validate-only",
      .nick = "Validate only",
      .blurb = "Events are checked and counted; nothing of the valid ones is kept or sent",
      .flags = ready}},
}};

const Row& row_of(guint id) { return properties.at(id - 1); }

bool was_written(const Settings& s, std::string_view name) {
    const auto row = std::find_if(properties.begin(), properties.end(), [&](const Row& r) { return r.name == name; });
    return s.written[static_cast<size_t>(row - properties.begin())];
}

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const size_t end = text.find(by);
        const auto part = trim(text.substr(0, end));
        if (!part.empty()) out.emplace_back(part);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

std::map<std::string, std::string> read_allow(const std::string& text) {
    std::map<std::string, std::string> out;
    for (const std::string& part : split(text, ';')) {
        const size_t equals = part.find('=');
        const std::string name(trim(std::string_view(part).substr(0, equals)));
        if (equals == std::string::npos || name.empty()) throw error(Msg::bad_allow, {part});
        out[name] = std::string(trim(std::string_view(part).substr(equals + 1)));
    }
    return out;
}

/// 64 bits hold it: the properties' ranges see to that.
int64_t us(uint64_t seconds) { return static_cast<int64_t>(seconds) * 1'000'000; }

} // namespace

guint install_settings(GObjectClass* klass) {
    gst::install_properties(klass, properties);
    return static_cast<guint>(properties.size());
}

void set_setting(Settings& settings, guint id, const GValue* value) {
    row_of(id).set(settings, value);
    // A text that is taken away (NULL) does not override the policy file any more.
    settings.written[id - 1] = !G_VALUE_HOLDS_STRING(value) || g_value_get_string(value);
}

void get_setting(const Settings& settings, guint id, GValue* value) { row_of(id).get(settings, value); }

bool is_policy_setting(guint id) { return row_of(id).scope == Scope::policy; }

PolicySource policy_of(const Settings& s) {
    PolicySource out;
    const auto override = [&](auto& to, const char* name, auto value) {
        if (was_written(s, name)) to = std::move(value);
    };
    out.file = s.policy_file;
    override(out.id_dimension, "id-dimension", s.id_dimension);
    override(out.environment, "environment", s.environment);
    override(out.strict, "strict", s.strict);
    override(out.consent_mode, "consent-mode", s.consent_mode);
    override(out.honour_dnt, "honour-dnt", s.honour_dnt);
    override(out.honour_gpc, "honour-gpc", s.honour_gpc);
    override(out.ip_mask, "ip-mask", s.ip_mask);
    override(out.pseudonyms, "pseudonyms", s.pseudonyms);
    override(out.url_strip, "url-strip", split(s.url_strip, ','));
    override(out.referrer, "referrer", s.referrer);
    out.pseudonym_key_file = s.pseudonym_key_file;
    out.allow = read_allow(s.allow);
    return out;
}

Tracker::Config config_of(const Settings& s) {
    Tracker::Config out;
    out.location = s.location;
    out.policy = policy_of(s);
    out.limits.max_bytes = static_cast<int64_t>(s.max_bytes);
    out.limits.max_rows = static_cast<int64_t>(s.max_rows);
    out.limits.archive_max_age_us = us(s.max_age);
    out.limits.queue_max_age_us = us(s.queue_max_age);
    out.limits.hold_max_age_us = us(s.hold_max_age);
    out.limits.personal_max_age_us = us(s.personal_max_age);
    out.limits.visitor_max_age_us = us(s.visitor_max_age);
    out.limits.campaign_max_age_us = us(s.campaign_max_age);
    out.limits.when_full = s.when_full;
    out.durability = s.durability;
    out.sync_interval_us = int64_t{s.sync_interval} * 1000;
    out.matomo_url = s.matomo_url;
    out.site = s.site_id;
    out.token_file = s.token_file;
    out.ca_file = s.ca_file;
    out.connections = s.max_connections;
    out.batch_size = s.batch_size;
    out.ambiguous = s.ambiguous_policy;
    out.timing.request_us = static_cast<int64_t>(s.request_timeout / 1000);
    out.timing.connect_us = std::min(out.timing.connect_us, out.timing.request_us);
    constexpr uint64_t month_us = 31ULL * 24 * 3600 * 1'000'000; // room for deadlines in 64 bits
    out.drain_timeout_us = static_cast<int64_t>(std::min(s.drain_timeout / 1000, month_us));
    out.validate_only = s.validate_only;
    out.dry_run = s.dry_run;
    return out;
}

Terms terms_of(const Settings& s) {
    Terms out;
    for (size_t i = 0; i < properties.size(); ++i) {
        const Row& row = properties[i];
        if (row.scope == Scope::element || (row.scope == Scope::policy && !s.written[i])) continue;
        GParamSpec* spec = g_param_spec_ref_sink(row.spec());
        GValue value = G_VALUE_INIT;
        g_value_init(&value, spec->value_type);
        row.get(s, &value);
        const gst::CharPtr text(gst_value_serialize(&value));
        out[row.name] = text ? text.get() : "";
        g_value_unset(&value);
        g_param_spec_unref(spec);
    }
    return out;
}

} // namespace onair::track
