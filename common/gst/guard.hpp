// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/error.hpp"

#include <gst/gst.h>

#include <exception>
#include <new>
#include <source_location>

/// The border between engines, which throw, and GStreamer, which must never see an exception.
namespace onair::gst {

struct DomainCode {
    GQuark domain;
    int code;
};

/// The GError that an ErrorKind becomes.
DomainCode domain_code(ErrorKind kind) noexcept;

/// Posts `error` on the bus with the place it was caught at.
void post_error(GstElement* element, const Error& error,
                std::source_location at = std::source_location::current()) noexcept;

/// Posts a warning in the same form.
void post_warning(GstElement* element, const Error& error,
                  std::source_location at = std::source_location::current()) noexcept;

/// Runs `body`; an exception becomes one error on the bus of `element` and the value `on_error`.
template <class R, class F>
R guard(GstElement* element, R on_error, F&& body, std::source_location at = std::source_location::current()) noexcept {
    try {
        return body();
    } catch (const Error& e) {
        post_error(element, e, at);
    } catch (const std::bad_alloc&) {
        post_error(element, Error(ErrorKind::resource, "Out of memory.", "std::bad_alloc"), at);
    } catch (const std::exception& e) {
        post_error(element, Error(ErrorKind::internal, "Internal error; please report it with the log.", e.what()), at);
    } catch (...) {
        post_error(element, Error(ErrorKind::internal, "Internal error; please report it with the log."), at);
    }
    return on_error;
}

/// As guard(), for calls where a refusal is an answer and not a failure (a caps query): logs, does not post.
template <class R, class F>
R guard_quiet(GstObject* object, R on_error, F&& body) noexcept {
    try {
        return body();
    } catch (const std::exception& e) {
        GST_CAT_INFO_OBJECT(GST_CAT_DEFAULT, object, "%s", e.what());
    } catch (...) {
        GST_CAT_INFO_OBJECT(GST_CAT_DEFAULT, object, "unknown exception");
    }
    return on_error;
}

} // namespace onair::gst
