// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// An element's side of the engine.
#include "gsttracking-port.hpp"

#include "common/gst/guard.hpp"
#include "common/gst/ref_ptr.hpp"

namespace onair::track {

namespace {

/// A reference that does not keep the element alive: the engine's threads may speak a little after it has stopped.
class WeakElement {
  public:
    explicit WeakElement(GstElement* element) { g_weak_ref_init(&ref_, element); }
    ~WeakElement() { g_weak_ref_clear(&ref_); }
    WeakElement(const WeakElement&) = delete;
    WeakElement& operator=(const WeakElement&) = delete;

    gst::ElementPtr lock() { return gst::ElementPtr(GST_ELEMENT(g_weak_ref_get(&ref_))); }

  private:
    GWeakRef ref_;
};

/// The pipeline; only compared.
const void* top_of(GstElement* element) {
    GstObject* top = GST_OBJECT(gst_object_ref(element));
    while (GstObject* parent = gst_object_get_parent(top)) {
        gst_object_unref(top);
        top = parent;
    }
    gst_object_unref(top);
    return top;
}

std::string text_of(std::string_view text) {
    const gst::CharPtr valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    return valid.get();
}

void post(WeakElement& weak, GstStructure* s) {
    const auto element = weak.lock();
    element ? void(gst_element_post_message(element.get(), gst_message_new_element(GST_OBJECT(element.get()), s)))
            : gst_structure_free(s);
}

} // namespace

void Port::set_property(guint id, const GValue* value) {
    bool running = false;
    {
        const std::lock_guard guard(lock_);
        set_setting(settings_, id, value);
        running = use_ != nullptr;
    }
    if (running && is_policy_setting(id)) reload();
}

void Port::get_property(guint id, GValue* value) const {
    const std::lock_guard guard(lock_);
    get_setting(settings_, id, value);
}

Settings Port::settings() const {
    const std::lock_guard guard(lock_);
    return settings_;
}

TrackerUse::Listener Port::listener() const {
    const auto weak = std::make_shared<WeakElement>(element_);
    TrackerUse::Listener out;
    out.scope = top_of(element_);
    out.warn = [weak](const Error& e) {
        if (const auto element = weak->lock()) gst::post_warning(element.get(), e);
    };
    out.fail = [weak, media = media_](const Error& e) {
        if (const auto element = weak->lock())
            media ? gst::post_warning(element.get(), e) : gst::post_error(element.get(), e);
    };
    out.preview = [weak](std::string_view destination, std::string_view request) {
        post(*weak,
             gst_structure_new("trackingsink-preview", "destination", G_TYPE_STRING, text_of(destination).c_str(),
                               "request", G_TYPE_STRING, text_of(request).c_str(), nullptr));
    };
    out.state = [weak](const DestinationStatus& status) { post(*weak, make_status(status)); };
    out.dead = [weak](const DeadLetter& letter) { post(*weak, make_dead_letter(letter)); };
    return out;
}

void Port::start() {
    const Settings settings = this->settings();
    auto around = std::make_shared<Surroundings>(surroundings_of(element_));
    Tracker::Config config = config_of(settings);
    config.source = around->source;
    interrupt_.set(false);
    auto use = std::make_shared<TrackerUse>(std::move(config), terms_of(settings), listener());
    auto_track_ = settings.auto_track;
    progress_interval_ = settings.progress_interval;
    const std::lock_guard guard(lock_);
    position_ = GST_CLOCK_TIME_NONE;
    context_.reset();
    around_ = std::move(around);
    use_ = std::move(use);
}

void Port::stop(bool drain) {
    std::shared_ptr<TrackerUse> use;
    {
        const std::lock_guard guard(lock_);
        use = std::move(use_);
        use_.reset();
    }
    if (!use) return;
    const std::shared_ptr<Tracker> tracker = use->tracker();
    if (drain && tracker->commit() == Result::ok) tracker->drain();
    use.reset(); // closes, unless others use the database (or a signal is being answered on another thread)
    const Books books = tracker->books();
    auto destinations = tracker->destinations();
    const gst::StructurePtr stats(make_stats(books, destinations));
    GST_INFO_OBJECT(element_, "stopped: %" GST_PTR_FORMAT, static_cast<void*>(stats.get()));
    const std::lock_guard guard(lock_);
    last_books_ = books;
    last_destinations_ = std::move(destinations);
}

std::shared_ptr<Tracker> Port::tracker() const {
    const std::lock_guard guard(lock_);
    return use_ ? use_->tracker() : nullptr;
}

Books Port::books() const {
    if (const auto running = tracker()) return running->books();
    const std::lock_guard guard(lock_);
    return last_books_;
}

std::vector<DestinationStatus> Port::destinations() const {
    if (const auto running = tracker()) return running->destinations();
    const std::lock_guard guard(lock_);
    return last_destinations_;
}

bool Port::reload() {
    const std::lock_guard in_order(reload_lock_); // the last one written is the one that holds
    std::shared_ptr<TrackerUse> use;
    Settings settings;
    {
        const std::lock_guard guard(lock_);
        use = use_;
        settings = settings_;
    }
    if (!use) return true;
    try {
        use->reload(policy_of(settings), terms_of(settings));
        return true;
    } catch (const Error& e) {
        gst::post_warning(element_, e);
    }
    return false;
}

void Port::wake() const {
    if (const auto running = tracker()) running->wake();
}

void Port::set_context(std::shared_ptr<const std::string> context) {
    const std::lock_guard guard(lock_);
    context_ = std::move(context);
}

void Port::set_caps(const GstCaps* caps) {
    std::string text = caps_text(caps);
    const std::lock_guard guard(lock_);
    auto around = std::make_shared<Surroundings>(around_ ? *around_ : Surroundings{});
    around->caps = std::move(text);
    around_ = std::move(around);
}

void Port::set_position(GstClockTime pts) {
    if (!GST_CLOCK_TIME_IS_VALID(pts)) return;
    const std::lock_guard guard(lock_);
    position_ = pts;
}

GstClockTime Port::position() const {
    const std::lock_guard guard(lock_);
    return position_;
}

void Port::complete(Arrival& arrival) const {
    const std::lock_guard guard(lock_);
    arrival.context = context_;
    arrival.around = around_;
}

Result Port::push(std::string_view text, Arrival arrival, Wait wait) const {
    const auto running = tracker();
    if (!running) return Result::failed;
    complete(arrival);
    return running->push(text, arrival, wait);
}

Result Port::push(const GstStructure* structure, Arrival arrival, Wait wait) const {
    const auto running = tracker();
    if (!running) return Result::failed;
    try {
        const std::string text = to_json(structure);
        complete(arrival);
        return running->push(text, arrival, wait);
    } catch (const Refused& refused) {
        return running->push_refused(refused.reason, refused.detail, arrival);
    }
}

} // namespace onair::track
