// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>
#include <string_view>

/// The one door to PCRE2.
namespace onair::track {

/// A regular expression of an operator. However it is written, a match ends after a bounded number of steps. Any thread
/// may call.
class Pattern {
  public:
    /// Throws std::invalid_argument with the library's words and the position.
    explicit Pattern(std::string_view text);
    ~Pattern();
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    enum class Match { yes, no, gave_up };
    Match match(std::string_view text) const;

  private:
    struct Code;
    std::unique_ptr<Code> code_;
};

} // namespace onair::track
