// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace onair {

/// What went wrong, in words that the GStreamer border turns into a GError domain and code (common/gst/guard.hpp).
enum class ErrorKind {
    settings,    ///< a property's value cannot be used
    negotiation, ///< caps or formats that do not go together
    format,      ///< the stream itself is wrong
    timing,      ///< timestamps or rates that cannot be written
    library,     ///< a library refused
    resource,    ///< memory, threads
    not_found,   ///< a file or name that is not there
    open_write,  ///< cannot be opened for writing
    read,        ///< reading failed
    write,       ///< writing failed
    no_space,    ///< the device is full
    seek,        ///< the output cannot be seeked
    internal,    ///< a promise of our own was broken
};

/// The one exception type of the engines.
/// `text` is for the operator (what happened and what to do, with the values that matter), `detail` for the log:
/// the library call that failed and the library's own words.
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, std::string text, std::string detail = {})
        : std::runtime_error(std::move(text)), kind_(kind), detail_(std::move(detail)) {}

    ErrorKind kind() const noexcept { return kind_; }
    const std::string& detail() const noexcept { return detail_; }

  private:
    ErrorKind kind_;
    std::string detail_;
};

} // namespace onair
