// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/messages.hpp"

/// Every error and warning text of trackingsink. Values: see the line above each row. No text holds a secret or
/// anything out of an event.
namespace onair::track {

enum class Msg {
    missing_location,
    cannot_open,
    foreign_database,
    newer_schema,
    not_private,
    disk_full,
    store_failed,
    store_in_use,
    read_only,
    disk_full_now,
    store_trouble,
    store_busy,
    store_again,
    set_aside,
    bound_reached,
    queue_full,
    cannot_block,
    lost_at_stop,
    policy_unreadable,
    bad_policy,
    key_unreadable,
    key_unusable,
    key_changed,
    no_subject,
    act_waits,
    bad_url,
    bad_destination,
    missing_site,
    missing_token,
    token_unreadable,
    token_unusable,
    ca_unusable,
    event_refused,
    plain_http,
    unreachable,
    tls_refused,
    overloaded,
    ambiguous,
    access_denied,
    redirected,
    not_matomo,
    database_gone,
    no_count,
    all_invalid,
    nothing_recorded,
    server_error,
    dead_letter,
    unattributed,
    unconfirmed,
    read_back_failed,
    report_failed,
    bad_period,
    settings_differ,
    bad_allow,
    not_running,
    bad_replay,
};

inline constexpr MessageRow<Msg> messages[] = {
    {Msg::missing_location, ErrorKind::settings,
     "No database is named. Set the property location to the file that shall hold the events."},
    // {0} location
    {Msg::cannot_open, ErrorKind::open_write,
     "The event database {0} cannot be opened. Check that its directory exists and may be written to."},
    // {0} location
    {Msg::foreign_database, ErrorKind::open_write,
     "{0} is not an event database of this element; it was left untouched. Choose another location."},
    // {0} location, {1} version of the file, {2} version known here
    {Msg::newer_schema, ErrorKind::open_write,
     "The event database {0} has schema version {1}, this element knows up to {2}; it was left untouched. Use the "
     "newer plugin, or another location."},
    // {0} file
    {Msg::not_private, ErrorKind::open_write,
     "{0} can be read by others and its mode cannot be set to 0600. Let the file belong to the user that runs this."},
    // {0} location
    {Msg::disk_full, ErrorKind::no_space,
     "No space is left for the event database {0}. Events accepted before are whole; make room and start again."},
    // {0} location
    {Msg::store_failed, ErrorKind::write,
     "The event database {0} cannot be written to. Events accepted before are whole."},
    // {0} location
    {Msg::store_in_use, ErrorKind::open_write,
     "The event database {0} is in use by another process or element. Give each its own location; elements of one "
     "process may share one when their settings agree."},
    // {0} location
    {Msg::read_only, ErrorKind::open_write,
     "The event database {0} may only be read. Choose a location that can be written to, or change the permissions of "
     "the file and its directory."},
    // {0} location
    {Msg::disk_full_now, ErrorKind::no_space,
     "No space is left for the event database {0}. Events wait in memory and are written when there is room; what does "
     "not fit there is dropped and counted. Make room."},
    // {0} location
    {Msg::store_trouble, ErrorKind::write,
     "The event database {0} cannot be written to at the moment. Events wait in memory and are written when it can; "
     "what does not fit there is dropped and counted. Check the disk."},
    // {0} location
    {Msg::store_busy, ErrorKind::write,
     "Another program holds the event database {0} locked for long. Events wait in memory; end that program's "
     "transaction."},
    // {0} location
    {Msg::store_again, ErrorKind::write, "The event database {0} is written to again."},
    // {0} location, {1} new name
    {Msg::set_aside, ErrorKind::read,
     "The event database {0} is damaged. It was moved to {1} and a new one was begun; sqlite3 {1} .recover reads what "
     "can be read of it."},
    // {0} location, {1} what gives way
    {Msg::bound_reached, ErrorKind::no_space,
     "The event database {0} is at its bound: {1} (when-full); they are counted. Raise max-bytes or max-rows, or see "
     "why nothing is delivered."},
    // {0} what gives way
    {Msg::queue_full, ErrorKind::resource,
     "Events come faster than they can be written: {0} (when-full); they are counted as dropped."},
    {Msg::cannot_block, ErrorKind::settings,
     "when-full=block cannot hold up a live pipeline; the newest events are dropped instead."},
    // {0} how many
    {Msg::lost_at_stop, ErrorKind::write,
     "{0} events could not be written before the end and are lost. What was stored before is whole."},
    // {0} file, {1} the system's words
    {Msg::policy_unreadable, ErrorKind::settings,
     "The policy file {0} cannot be read: {1}. Check policy-file and the file's permissions."},
    // {0} file, {1} where, {2} what is wrong
    {Msg::bad_policy, ErrorKind::settings,
     "The policy {0} cannot be used: {1} {2}. What held before holds on; correct it and load it again."},
    // {0} file, {1} the system's words
    {Msg::key_unreadable, ErrorKind::settings,
     "The key file {0} cannot be read or made: {1}. Check pseudonym-key-file and the permissions of its directory."},
    // {0} file, {1} what is wrong
    {Msg::key_unusable, ErrorKind::settings, "The key file {0} cannot be used: {1}."},
    // {0} file
    {Msg::key_changed, ErrorKind::settings,
     "The key in {0} is not the one that the opt-outs in the database were made with: those who opted out would be "
     "tracked again. Nothing is taken; bring the old key back."},
    {Msg::no_subject, ErrorKind::settings, "No subject is named. Give at least one of user, device, session, visitor."},
    // {0} act
    {Msg::act_waits, ErrorKind::write,
     "The database cannot be written to: the {0} waits and is done when it can. Nothing of the subject is taken or "
     "sent "
     "until then; ask again to be sure."},
    // {0} what is wrong
    {Msg::bad_url, ErrorKind::settings,
     "The property matomo-url cannot be used: {0}. Give the base address of Matomo, as https://host/path/."},
    // {0} name, {1} what is wrong
    {Msg::bad_destination, ErrorKind::settings, "The destination {0} cannot be used: {1}"},
    {Msg::missing_site, ErrorKind::settings,
     "matomo-url is set but site-id is not. Set site-id to the number of the site in Matomo."},
    {Msg::missing_token, ErrorKind::settings,
     "matomo-url is set but there is no token. Set token-file to a file that holds it, or the environment variable "
     "ONAIR_MATOMO_TOKEN."},
    // {0} file, {1} the system's words
    {Msg::token_unreadable, ErrorKind::settings,
     "The token file {0} cannot be read: {1}. Check token-file and the file's permissions."},
    // {0} where it came from, {1} what is wrong
    {Msg::token_unusable, ErrorKind::settings, "The token in {0} cannot be used: {1}."},
    // {0} file, {1} what is wrong
    {Msg::ca_unusable, ErrorKind::settings,
     "The CA file {0} cannot be used: {1}. Set ca-file to a file with the certificates (PEM) of the authorities that "
     "are trusted for this Matomo."},
    // {0} reason
    {Msg::event_refused, ErrorKind::format,
     "An event was refused (reason {0}). The table 'refused' of the database has each; further ones of this kind are "
     "only counted."},
    // {0} host
    {Msg::plain_http, ErrorKind::settings,
     "matomo-url is plain http to {0}: the token and the events travel unencrypted. Use https."},
    // {0} host, {1} the library's words
    {Msg::unreachable, ErrorKind::write,
     "{0} cannot be reached ({1}). Events stay queued and are sent when it is back."},
    // {0} host, {1} the library's words
    {Msg::tls_refused, ErrorKind::write,
     "The certificate of {0} is not trusted ({1}): nothing was sent. Events stay queued; correct the certificate or "
     "the address, or name the authority that signed it in ca-file."},
    // {0} host, {1} status
    {Msg::overloaded, ErrorKind::write, "{0} answers {1} (overloaded or down). Events stay queued and are sent later."},
    // {0} host
    {Msg::ambiguous, ErrorKind::write,
     "{0} took a request but its answer did not come or did not add up. The events may be there: they are counted as "
     "ambiguous, and ambiguous-policy says whether they are sent again."},
    // {0} host, {1} status
    {Msg::access_denied, ErrorKind::write,
     "{0} refuses access ({1}). Events stay queued; check the token and what stands before Matomo."},
    // {0} host, {1} status
    {Msg::redirected, ErrorKind::settings,
     "{0} redirects ({1}), which is not followed because the token would go along. Events stay queued; set matomo-url "
     "to the final address."},
    // {0} host, {1} status
    {Msg::not_matomo, ErrorKind::settings,
     "{0} does not answer as Matomo's bulk tracking does (status {1}). Events stay queued; check matomo-url and that "
     "the plugin BulkTracking is on."},
    // {0} host
    {Msg::database_gone, ErrorKind::write,
     "{0} lost its database in the middle of a request and stored nothing of it. Events stay queued and are sent "
     "again; check Matomo's database."},
    // {0} host
    {Msg::no_count, ErrorKind::write,
     "{0} has taken events before and now answers with something else than Matomo's count, as a server in trouble "
     "does. Events stay queued and are sent again; check Matomo, PHP and what stands before them."},
    // {0} host
    {Msg::all_invalid, ErrorKind::settings,
     "{0} calls every event invalid. Events stay queued; check site-id and that the token may write to this site."},
    // {0} host
    {Msg::nothing_recorded, ErrorKind::settings,
     "{0} answers success but recorded nothing. Events stay queued; check that recording is on in Matomo."},
    // {0} host
    {Msg::server_error, ErrorKind::write,
     "{0} failed on a request (500) and stored nothing of it. Events stay queued; the request is sent again, in "
     "parts."},
    // {0} host, {1} reason
    {Msg::dead_letter, ErrorKind::write,
     "An event cannot be delivered to {0} (reason {1}). It stays in the database as dead; further ones are only "
     "counted."},
    // {0} host, {1} how many, {2} of how many
    {Msg::unattributed, ErrorKind::write,
     "{0} called {1} of {2} events invalid without saying which; none is sent again. A super user's token makes Matomo "
     "name them."},
    // {0} host
    {Msg::unconfirmed, ErrorKind::write,
     "{0} answers without a count (QueuedTracking, perhaps): delivery cannot be confirmed, events are marked "
     "unconfirmed."},
    // {0} host
    {Msg::read_back_failed, ErrorKind::read,
     "{0} cannot be asked which events it has (ambiguous-policy=verify). They wait and are asked for again; check that "
     "the token may read reports and that the visits log is on."},
    // {0} host, {1} method
    {Msg::report_failed, ErrorKind::read,
     "{0} does not answer {1}. Check that the token may read the reports of this site."},
    // {0} what was given
    {Msg::bad_period, ErrorKind::settings,
     "\"{0}\" is no period: the signal verify wants the fields from and to as YYYY-MM-DD, from not after to."},
    // {0} location, {1} property
    {Msg::settings_differ, ErrorKind::settings,
     "The event database {0} is in use by another element of this process with another value of the property {1}. Set "
     "it alike in both, or choose another location."},
    // {0} part of the property
    {Msg::bad_allow, ErrorKind::settings,
     "The property allow cannot be read at \"{0}\". Write DESTINATION=PROFILE or DESTINATION=FIELD,FIELD, with ';' "
     "between destinations."},
    // {0} signal
    {Msg::not_running, ErrorKind::settings,
     "The signal {0} needs the database, which is open only from PAUSED on. Start the element first."},
    // {0} state
    {Msg::bad_replay, ErrorKind::settings,
     "\"{0}\" is no state that the signal replay knows: dead, expired, unconfirmed or refused."},
};

inline Error error(Msg id, std::initializer_list<std::string_view> args, std::string detail = {}) {
    return make_error(messages, id, args, std::move(detail));
}

} // namespace onair::track
