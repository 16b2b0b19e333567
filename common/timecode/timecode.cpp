// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/timecode/timecode.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <array>
#include <cstdio>

namespace onair::tc {

namespace {

constexpr int max_nominal = 255; // the tmcd sample entry counts frames in 8 bits
constexpr int slowest_base = 24;

/// Frames counted a second, 0 when the rate has no timecode.
int nominal_of(Rational fps) {
    if (fps.num <= 0) return 0;
    if (fps.den == 1) return fps.num <= max_nominal ? static_cast<int>(fps.num) : 0;
    if (fps.den == 1001 && fps.num % 1000 == 0 && fps.num / 1000 <= max_nominal)
        return static_cast<int>(fps.num / 1000);
    return 0;
}

[[noreturn]] void bad(std::string_view text, std::string_view why) {
    throw Error(
        ErrorKind::settings,
        fill("Timecode \"{0}\": {1}. Write HH:MM:SS:FF, with ';' before the frames for drop frame.", {text, why}));
}

struct Field {
    const char* name;
    int limit; ///< exclusive; frames depend on the rate and are checked by validate()
    size_t max_digits;
};
constexpr std::array<Field, 4> fields{{{"hours", 24, 2}, {"minutes", 60, 2}, {"seconds", 60, 2}, {"frames", 256, 3}}};

int number(std::string_view whole, std::string_view digits, const Field& field) {
    if (digits.empty()) bad(whole, fill("the {0} are missing", {field.name}));
    if (digits.size() > field.max_digits) bad(whole, fill("the {0} have too many digits", {field.name}));
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') bad(whole, fill("the {0} are not a number", {field.name}));
        value = value * 10 + (c - '0');
    }
    if (value >= field.limit)
        bad(whole,
            fill("{0} {1}, the largest is {2}", {field.name, std::to_string(value), std::to_string(field.limit - 1)}));
    return value;
}

} // namespace

Rate::Rate(Rational fps, bool drop_frame, int base) : fps_(fps), nominal_(nominal_of(fps)) {
    if (nominal_ == 0)
        throw Error(ErrorKind::timing,
                    fill("There is no timecode at {0} frames a second. Use a whole rate up to 255 or one of the "
                         "N*1000/1001 rates, for example with videorate.",
                         {to_text(fps)}));
    if (base > 0) {
        while (divisor_ < nominal_ && (nominal_ % divisor_ != 0 || nominal_ / divisor_ > base))
            ++divisor_;
        nominal_ /= divisor_;
        // Fewer numbers than 24 a second is no count that a device shows: 119 pictures are not 17 numbers.
        if (divisor_ > 1 && nominal_ < slowest_base)
            throw Error(ErrorKind::timing,
                        fill("{0} pictures a second cannot be counted in {1} numbers or fewer: no whole number of "
                             "pictures lasts one. Count each picture (timecode-base=0).",
                             {to_text(fps), std::to_string(base)}));
    }
    if (drop_frame) {
        if (!may_drop(fps) && !(divisor_ > 1 && may_drop(count_fps())))
            throw Error(ErrorKind::timing,
                        fill("There is no drop-frame timecode at {0} frames a second, only at 30000/1001, 60000/1001 "
                             "and 120000/1001. Write the timecode with ':' before the frames.",
                             {to_text(fps)}));
        dropped_ = nominal_ / 15; // 2 of 30, 4 of 60, 8 of 120: ST 12-1 section 5.2.2 and its multiples
    }
}

bool Rate::has_timecode(Rational fps) noexcept { return nominal_of(fps) != 0; }

bool Rate::may_drop(Rational fps) noexcept {
    return fps.den == 1001 && (fps.num == 30000 || fps.num == 60000 || fps.num == 120000);
}

int64_t Rate::frames_per_day() const noexcept {
    // Numbers are dropped in 54 of the 60 minutes of an hour.
    return 24 * (int64_t{3600} * nominal_ - int64_t{54} * dropped_);
}

Parsed parse(std::string_view text, Sign sign) {
    std::string_view body = trim(text);
    Parsed out;
    if (sign == Sign::allowed && !body.empty() && body.front() == '-') {
        out.negative = true;
        body.remove_prefix(1);
    }
    std::array<int*, 4> targets{&out.address.hours, &out.address.minutes, &out.address.seconds, &out.address.frames};
    size_t at = 0;
    for (size_t i = 0; i < fields.size(); ++i) {
        size_t end = at;
        while (end < body.size() && body[end] >= '0' && body[end] <= '9')
            ++end;
        *targets[i] = number(text, body.substr(at, end - at), fields[i]);
        if (i == 3) {
            if (end != body.size()) bad(text, "something follows the frames");
            break;
        }
        if (end == body.size()) bad(text, fill("the {0} are missing", {fields[i + 1].name}));
        const char separator = body[end];
        const bool drop = separator == ';' || separator == '.' || separator == ',';
        if (separator != ':' && !(drop && i == 2))
            bad(text,
                fill("'{0}' after the {1} is not a separator", {std::string_view(&body[end], 1), fields[i].name}));
        out.drop_frame = drop;
        at = end + 1;
    }
    return out;
}

void validate(const Timecode& a, const Rate& rate) {
    const std::string text = format(a, rate.drop_frame());
    const std::array<int, 4> values{a.hours, a.minutes, a.seconds, a.frames};
    for (size_t i = 0; i < fields.size(); ++i) {
        const int limit = i == 3 ? rate.nominal() : fields[i].limit;
        if (values[i] < 0 || values[i] >= limit)
            bad(text, fill("{0} {1}, the largest at {2} frames a second is {3}",
                           {fields[i].name, std::to_string(values[i]), to_text(rate.count_fps()),
                            std::to_string(limit - 1)}));
    }
    if (rate.drop_frame() && a.seconds == 0 && a.minutes % 10 != 0 && a.frames < rate.dropped())
        bad(text, fill("frames {0} do not exist in drop frame at the start of minute {1} (the first is {2})",
                       {std::to_string(a.frames), std::to_string(a.minutes), std::to_string(rate.dropped())}));
}

int64_t to_frames(const Timecode& a, const Rate& rate) {
    const int64_t minutes = int64_t{60} * a.hours + a.minutes;
    return (minutes * 60 + a.seconds) * rate.nominal() + a.frames - rate.dropped() * (minutes - minutes / 10);
}

int64_t to_frames(const Parsed& parsed, const Rate& rate) {
    validate(parsed.address, rate);
    const int64_t frames = to_frames(parsed.address, rate);
    return parsed.negative ? -frames : frames;
}

Timecode from_frames(int64_t frames, const Rate& rate) {
    const int64_t day = rate.frames_per_day();
    int64_t n = frames % day;
    if (n < 0) n += day;
    if (rate.drop_frame()) {
        // Put the dropped numbers back: each block of ten minutes drops in nine of them, its first minute is whole.
        const int64_t minute = int64_t{60} * rate.nominal() - rate.dropped();
        const int64_t ten = 10 * minute + rate.dropped();
        const int64_t blocks = n / ten, rest = n % ten;
        n += blocks * 9 * rate.dropped();
        if (rest >= minute + rate.dropped()) n += rate.dropped() * ((rest - rate.dropped()) / minute);
    }
    const int64_t nominal = rate.nominal();
    Timecode out;
    out.frames = static_cast<int>(n % nominal);
    out.seconds = static_cast<int>(n / nominal % 60);
    out.minutes = static_cast<int>(n / nominal / 60 % 60);
    out.hours = static_cast<int>(n / nominal / 3600);
    return out;
}

std::string format(const Timecode& a, bool drop_frame) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%02d:%02d:%02d%c%02d", a.hours, a.minutes, a.seconds,
                  drop_frame ? ';' : ':', a.frames);
    return buffer.data();
}

std::string format_frames(int64_t frames, const Rate& rate, bool negative) {
    const bool minus = negative && frames < 0;
    return (minus ? "-" : "") + format(from_frames(minus ? -frames : frames, rate), rate.drop_frame());
}

} // namespace onair::tc
