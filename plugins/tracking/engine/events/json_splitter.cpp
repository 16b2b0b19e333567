// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/json_splitter.hpp"

#include "common/base/text.hpp"

#include <utility>

namespace onair::track {

namespace {

/// Deeper than Limits::depth, so that a deep but sound object is refused for its depth and as a whole. It also bounds
/// how often a broken text is looked at again.
constexpr size_t max_open = 32;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_scalar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
           c == '.';
}

} // namespace

void ObjectScanner::start() {
    open_.assign(1, '{');
    expect_ = Expect::key_or_end;
    in_string_ = escape_ = in_scalar_ = false;
}

void ObjectScanner::begin_string(Expect after) {
    in_string_ = true;
    escape_ = false;
    after_string_ = after;
}

ObjectScanner::Step ObjectScanner::open(char c) {
    if (open_.size() >= max_open) return Step::broken;
    open_ += c;
    expect_ = c == '{' ? Expect::key_or_end : Expect::value_or_end;
    return Step::more;
}

ObjectScanner::Step ObjectScanner::close(char c) {
    if (open_.back() != (c == '}' ? '{' : '[')) return Step::broken;
    open_.pop_back();
    expect_ = Expect::comma_or_end;
    return open_.empty() ? Step::done : Step::more;
}

ObjectScanner::Step ObjectScanner::feed(char c) {
    if (in_string_) {
        if (static_cast<unsigned char>(c) < 0x20) return Step::broken; // a newline is never inside a string
        if (escape_) {
            escape_ = false;
        } else if (c == '\\') {
            escape_ = true;
        } else if (c == '"') {
            in_string_ = false;
            expect_ = after_string_;
        }
        return Step::more;
    }
    if (in_scalar_) {
        if (is_scalar(c)) return Step::more;
        in_scalar_ = false;
        expect_ = Expect::comma_or_end;
    }
    return is_blank(c) ? Step::more : structure(c);
}

ObjectScanner::Step ObjectScanner::structure(char c) {
    switch (expect_) {
    case Expect::key_or_end:
        if (c == '}') return close(c);
        [[fallthrough]];
    case Expect::key:
        if (c != '"') return Step::broken;
        begin_string(Expect::colon);
        return Step::more;
    case Expect::colon:
        if (c != ':') return Step::broken;
        expect_ = Expect::value;
        return Step::more;
    case Expect::value_or_end:
        if (c == ']') return close(c);
        [[fallthrough]];
    case Expect::value:
        return value(c);
    case Expect::comma_or_end:
        if (c == '}' || c == ']') return close(c);
        if (c != ',') return Step::broken;
        expect_ = open_.back() == '{' ? Expect::key : Expect::value;
        return Step::more;
    }
    return Step::broken;
}

ObjectScanner::Step ObjectScanner::value(char c) {
    if (c == '{' || c == '[') return open(c);
    if (c == '"') {
        begin_string(Expect::comma_or_end);
        return Step::more;
    }
    in_scalar_ = is_scalar(c);
    return in_scalar_ ? Step::more : Step::broken;
}

void JsonSplitter::push(std::string_view chunk) {
    if (mode_ == Mode::lines) return push_lines(chunk);
    for (const char c : chunk)
        step(c);
}

void JsonSplitter::finish() {
    if (mode_ == Mode::lines && state_ == State::between) emit_line(text_);
    while (state_ == State::collecting)
        broken("the stream ends inside an object");
    reset();
}

void JsonSplitter::reset() {
    state_ = State::between;
    text_.clear();
    line_start_ = true;
}

void JsonSplitter::emit_line(std::string_view line) {
    if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    if (!line.empty() && line[0] == '\x1e') line.remove_prefix(1);
    line = trim(line);
    if (!line.empty()) output_.event(line);
}

void JsonSplitter::push_lines(std::string_view chunk) {
    while (!chunk.empty()) {
        const size_t end = chunk.find('\n');
        const std::string_view part = chunk.substr(0, end);
        if (state_ != State::skipping && text_.size() + part.size() > Limits::bytes) {
            output_.refused(Reason::too_long, "the line is longer than 65536 bytes");
            state_ = State::skipping;
            text_.clear();
        }
        if (end == std::string_view::npos) {
            if (state_ != State::skipping) text_ += part;
            return;
        }
        if (state_ != State::skipping) {
            if (text_.empty()) {
                emit_line(part);
            } else {
                text_ += part;
                emit_line(std::exchange(text_, {}));
            }
        }
        state_ = State::between;
        chunk.remove_prefix(end + 1);
    }
}

void JsonSplitter::begin() {
    state_ = State::collecting;
    text_.assign(1, '{');
    scanner_.start();
}

void JsonSplitter::step(char c) {
    const bool at_line_start = std::exchange(line_start_, c == '\n');
    switch (state_) {
    case State::between:
        if (c == '{') return begin();
        if (mode_ == Mode::batch && (c == '[' || c == ',' || c == ']')) return;
        if (is_blank(c) || c == '\x1e' || byte_order_mark.find(c) != std::string_view::npos) return;
        output_.refused(Reason::json, "there is text outside of an object");
        state_ = State::skipping;
        return;
    case State::collecting:
        return collect(c);
    case State::discarding: {
        const auto result = scanner_.feed(c);
        if (result == ObjectScanner::Step::more) return;
        state_ = result == ObjectScanner::Step::done ? State::between : State::skipping;
        if (result == ObjectScanner::Step::done) return;
        break;
    }
    case State::skipping:
        break;
    }
    if (at_line_start && c == '{') begin();
}

void JsonSplitter::collect(char c) {
    text_ += c;
    const auto result = scanner_.feed(c);
    if (result == ObjectScanner::Step::broken) return broken("the object is not well formed");
    if (text_.size() > Limits::bytes) {
        output_.refused(Reason::too_long, "the object is longer than 65536 bytes");
        state_ = result == ObjectScanner::Step::done ? State::between : State::discarding;
        text_.clear();
    } else if (result == ObjectScanner::Step::done) {
        state_ = State::between;
        output_.event(std::exchange(text_, {}));
    }
}

/// Refuses the text so far and looks again from its next line that begins an object. A candidate that breaks comes back
/// here; those are open objects around the break, so no more than max_open.
void JsonSplitter::broken(std::string_view detail) {
    output_.refused(Reason::json, detail);
    const std::string text = std::exchange(text_, {});
    state_ = State::skipping;
    const size_t next = text.find("\n{");
    if (next == std::string::npos) return;
    line_start_ = true;
    for (const char c : std::string_view(text).substr(next + 1))
        step(c);
}

} // namespace onair::track
