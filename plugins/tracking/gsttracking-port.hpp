// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/status.hpp"
#include "engine/events/event.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/shared_tracker.hpp"
#include "engine/store/books.hpp"
#include "engine/wait.hpp"
#include "gsttracking-settings.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

/// What trackingsink and trackingtap have in common. The parts are: an element's side of the engine (-port.cpp),
/// properties (-settings.cpp), action signals (-actions.cpp), events of the stream (-events.cpp), structures to JSON
/// (-structure.cpp), metas (-meta.cpp), times (-arrival.cpp), statistics (-stats.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_tracking_debug);
#define GST_CAT_DEFAULT gst_tracking_debug

namespace onair::track {

using Result = Recorder::Result;

/// Where the stream stands. The streaming thread's own; made by start, dropped by stop.
struct Stream {
    UtcMap utc;
    GstSegment segment{};           ///< the current one; of the sink a copy
    uint64_t buffers = 0;           ///< since the start
    uint64_t bytes = 0;             ///< since the start
    GstClockTime next_progress = 0; ///< running time; 0: there was none
};

/// An element's side of the engine. Any thread may call.
class Port {
  public:
    /// `media`: others than events pass, which nothing here may stop: failures are warnings.
    Port(GstElement* element, bool media) : element_(element), media_(media) {}

    void set_property(guint id, const GValue* value);
    void get_property(guint id, GValue* value) const;
    Settings settings() const;

    /// Opens the database. Throws Error for what the operator has to correct.
    void start();
    /// Commits and closes; `drain`: what is queued is sent first, as far as it can be.
    void stop(bool drain);
    std::shared_ptr<Tracker> tracker() const;            ///< null when stopped
    Books books() const;                                 ///< of this run; of the last one when stopped
    std::vector<DestinationStatus> destinations() const; ///< the same

    /// The policy of the properties as they are now. False: it is wrong and was not taken; the bus knows why.
    bool reload();

    Interrupt& interrupt() noexcept { return interrupt_; }
    void wake() const;

    /// Of the stream: what its events are given (see Arrival).
    void set_context(std::shared_ptr<const std::string> context);
    void set_caps(const GstCaps* caps);
    void set_position(GstClockTime pts); ///< of the last buffer or gap
    GstClockTime position() const;

    /// Adds context and surroundings.
    void complete(Arrival& arrival) const;

    /// Hands an event to the engine; the arrival is completed. Refused structures are counted as such.
    Result push(std::string_view text, Arrival arrival, Wait wait) const;
    Result push(const GstStructure* structure, Arrival arrival, Wait wait) const;

    GstElement* element() const noexcept { return element_; }
    unsigned auto_track() const noexcept { return auto_track_; }
    GstClockTime progress_interval() const noexcept { return progress_interval_; }

  private:
    TrackerUse::Listener listener() const;

    GstElement* const element_;
    const bool media_;
    Interrupt interrupt_;
    std::mutex reload_lock_;
    unsigned auto_track_ = 0; ///< as it was at the start
    GstClockTime progress_interval_ = 0;

    mutable std::mutex lock_; ///< of all below
    Settings settings_;
    std::shared_ptr<TrackerUse> use_; ///< between start and stop
    Books last_books_;                ///< of the run before, once stopped
    std::vector<DestinationStatus> last_destinations_;
    GstClockTime position_ = GST_CLOCK_TIME_NONE;
    std::shared_ptr<const std::string> context_;
    std::shared_ptr<const Surroundings> around_;
};

// -structure.cpp
/// The JSON text of a structure's fields. Names with dots and nested structures become objects, lists and arrays
/// become arrays. Throws Refused for what JSON cannot say.
struct Refused {
    Reason reason;
    const char* detail;
};
std::string to_json(const GstStructure* structure);

// -arrival.cpp
/// Media time, timecode and UTC of a buffer; without one (or without timestamps) only the moment.
Arrival arrival_of(GstElement* element, Stream& stream, GstBuffer* buffer);
/// The same for a moment of the stream (an event, a gap); `pts` may be GST_CLOCK_TIME_NONE.
Arrival arrival_at(GstElement* element, Stream& stream, GstClockTime pts);
/// Of what is not in the stream: now.
Arrival arrival_now();
/// The same, with the place where the stream stands.
Arrival arrival_now_at(const Port& port);
/// The element's place in the world: gst://host/pipeline/element, and the names alone.
Surroundings surroundings_of(GstElement* element);

// -events.cpp
/// Takes what an event of the stream says: "tracking-event", the sticky "tracking-context", and (auto-track) what the
/// event itself is. On the streaming thread. Never waits.
Result take_event(Port& port, Stream& stream, GstEvent* event);
/// Takes a "tracking-event" that is out of band. Any thread.
Result take_out_of_band(Port& port, GstEvent* event);
/// Caps without what only a decoder reads (codec_data, streamheader): that can be long.
std::string caps_text(const GstCaps* caps);
/// Counts a buffer for the progress events and sends one when it is due.
void count_buffer(Port& port, Stream& stream, GstBuffer* buffer);
/// QoS events of downstream are many: one event a second tells of those that were late.
class QosWatch {
  public:
    void take(Port& port, GstEvent* event);

  private:
    std::mutex lock_;
    uint64_t late_ = 0;
    GstClockTimeDiff worst_ = 0;
    int64_t next_us_ = 0;
};

// -meta.cpp
/// Events that ride on buffers: custom metas of the name GstTrackingEventMeta.
void register_event_meta();
/// Calls `each` with the structure of every one of them.
void for_each_event(GstBuffer* buffer, const std::function<void(const GstStructure*)>& each);

// -stats.cpp
GstStructure* make_stats(const Books& books, const std::vector<DestinationStatus>& destinations);
/// Element messages about destinations.
GstStructure* make_status(const DestinationStatus& status);
GstStructure* make_dead_letter(const DeadLetter& letter);
/// Installs the property `stats` as `id`.
void install_stats(GObjectClass* klass, guint id);

} // namespace onair::track
