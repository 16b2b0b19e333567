// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/policy.hpp"
#include "engine/shared_tracker.hpp"
#include "engine/store/limits.hpp"
#include "engine/tracker.hpp"

#include <glib-object.h>
#include <gst/gst.h>

#include <bitset>
#include <cstdint>
#include <string>

namespace onair::track {

/// Events of the stream itself that are tracked without anyone sending them; the property `auto-track`.
enum AutoTrack : unsigned {
    auto_start = 1u << 0,
    auto_caps = 1u << 1,
    auto_segment = 1u << 2,
    auto_tags = 1u << 3,
    auto_progress = 1u << 4,
    auto_gap = 1u << 5,
    auto_qos = 1u << 6,
    auto_eos = 1u << 7,
};

/// The properties of both elements. Copied under the lock when the element starts. Ages are seconds, 0 is none.
struct Settings {
    // where to
    std::string location;
    std::string matomo_url;
    unsigned site_id = 0;
    std::string token_file;
    std::string ca_file;
    unsigned max_connections = DeliverySettings{}.connections;
    unsigned batch_size = DeliverySettings{}.batch_size;
    AmbiguousPolicy ambiguous_policy = DeliverySettings{}.ambiguous;
    unsigned id_dimension = 0;
    uint64_t request_timeout = static_cast<uint64_t>(Timing{}.request_us) * 1000; ///< ns
    uint64_t drain_timeout = 5 * GST_SECOND;                                      ///< ns

    // the store
    Durability durability = Durability::normal;
    unsigned sync_interval = 1000; ///< ms
    WhenFull when_full = StoreLimits{}.when_full;
    uint64_t max_bytes = static_cast<uint64_t>(StoreLimits{}.max_bytes);
    uint64_t max_rows = static_cast<uint64_t>(StoreLimits{}.max_rows);
    uint64_t max_age = seconds(StoreLimits{}.archive_max_age_us);
    uint64_t queue_max_age = seconds(StoreLimits{}.queue_max_age_us);
    uint64_t hold_max_age = seconds(StoreLimits{}.hold_max_age_us);
    uint64_t personal_max_age = seconds(StoreLimits{}.personal_max_age_us);
    uint64_t visitor_max_age = seconds(StoreLimits{}.visitor_max_age_us);
    uint64_t campaign_max_age = seconds(StoreLimits{}.campaign_max_age_us);

    // privacy: those that were written override the policy file
    std::string policy_file;
    std::string environment;
    bool strict = false;
    ConsentMode consent_mode = ConsentRules{}.mode;
    bool honour_dnt = ConsentRules{}.honour_dnt;
    bool honour_gpc = ConsentRules{}.honour_gpc;
    int ip_mask = MinimiseRules{}.ip_mask;
    Pseudonyms pseudonyms = MinimiseRules{}.pseudonyms;
    std::string pseudonym_key_file;
    std::string url_strip; ///< comma-separated names
    ReferrerMode referrer = MinimiseRules{}.referrer;
    std::string allow; ///< "DESTINATION=PROFILE|FIELD,FIELD;…"

    // of the element
    unsigned auto_track = 0;                      ///< AutoTrack
    uint64_t progress_interval = 10 * GST_SECOND; ///< ns
    bool dry_run = false;
    bool validate_only = false;

    std::bitset<64> written; ///< by property id

    static uint64_t seconds(int64_t us) { return static_cast<uint64_t>(us) / 1'000'000; }
};

/// Installs, sets and reads the properties, by id; they are 1 to the returned number.
guint install_settings(GObjectClass* klass);
void set_setting(Settings& settings, guint id, const GValue* value);
void get_setting(const Settings& settings, guint id, GValue* value);
bool is_policy_setting(guint id); ///< may change while the element runs

/// What the engine is told. Throws Error(settings) for texts that mean nothing.
Tracker::Config config_of(const Settings& settings);
PolicySource policy_of(const Settings& settings);
/// The settings on which elements that share a database have to agree, as text.
Terms terms_of(const Settings& settings);

} // namespace onair::track
