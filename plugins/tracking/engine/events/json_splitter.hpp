// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace onair::track {

/// Follows the structure of one JSON object byte by byte: brackets, strings, commas and colons. What a scalar or an
/// escape says is left to the parser.
class ObjectScanner {
  public:
    enum class Step { more, done, broken };

    void start(); ///< after the object's '{'
    Step feed(char c);

  private:
    enum class Expect { key_or_end, key, colon, value, value_or_end, comma_or_end };
    Step structure(char c);
    Step value(char c);
    Step open(char c);
    Step close(char c);
    void begin_string(Expect after);

    std::string open_; ///< '{' and '[' that are open
    Expect expect_ = Expect::key_or_end;
    Expect after_string_ = Expect::colon;
    bool in_string_ = false, escape_ = false, in_scalar_ = false;
};

/// Cuts a byte stream into the texts of events, whatever the borders of its chunks.
///
/// | mode    | an event ends                | after an error it goes on                            |
/// |---------|------------------------------|------------------------------------------------------|
/// | lines   | at a newline or at the end   | at the next line                                     |
/// | objects | where its object is complete | at the next line that begins with '{' (column 1)     |
/// | batch   | as objects; "[", "," and "]" between them are skipped | as objects                  |
///
/// Between events blanks, a byte order mark and the record separator of RFC 7464 are skipped. A text over
/// Limits::bytes is refused once and skipped as a whole.
class JsonSplitter {
  public:
    enum class Mode { lines, objects, batch };
    struct Output {
        std::function<void(std::string_view text)> event;
        std::function<void(Reason, std::string_view detail)> refused;
    };

    JsonSplitter(Mode mode, Output output) : mode_(mode), output_(std::move(output)) {}

    void push(std::string_view chunk);
    void finish(); ///< end of stream: the last line may lack its newline; an open object is refused
    void reset();  ///< drops what is unfinished (a flush)
    Mode mode() const noexcept { return mode_; }

  private:
    enum class State { between, collecting, discarding, skipping };

    void push_lines(std::string_view chunk);
    void emit_line(std::string_view line);
    void step(char c);
    void begin();
    void collect(char c);
    void broken(std::string_view detail);

    Mode mode_;
    Output output_;
    ObjectScanner scanner_;
    State state_ = State::between;
    std::string text_;
    bool line_start_ = true;
};

} // namespace onair::track
