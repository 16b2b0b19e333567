// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/geometry.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <optional>

namespace onair::sws {

namespace {

/// Fractions of caps have 32-bit parts: halve what is larger (only extreme sizes get here).
Rational fit_int(Rational r) {
    int64_t num = r.num, den = r.den;
    while (num > INT_MAX || den > INT_MAX) {
        num = (num + 1) / 2;
        den = (den + 1) / 2;
    }
    return {std::max<int64_t>(num, 1), std::max<int64_t>(den, 1)};
}

/// How far the picture's shape is off, in pixels of the side that rounding touches.
double shape_error(const Size& size, Rational dar) {
    const double width = dar.value() * size.height / size.par.value();
    const double height = size.width * size.par.value() / dar.value();
    return std::min(std::abs(width - size.width), std::abs(height - size.height));
}

} // namespace

bool IntChoice::limited() const {
    if (ranges_.empty() || fixed()) return false;
    return std::all_of(ranges_.begin(), ranges_.end(), [](const IntRange& range) { return range.high < INT_MAX; });
}

bool IntChoice::allows(int value) const {
    return ranges_.empty() || std::any_of(ranges_.begin(), ranges_.end(), [&](const IntRange& range) {
               return range.low <= value && value <= range.high;
           });
}

int IntChoice::nearest(double wanted) const {
    if (ranges_.empty()) return static_cast<int>(std::clamp(std::round(wanted), 1.0, double{INT_MAX}));
    std::optional<int> best;
    double best_distance = 0;
    for (const IntRange& range : ranges_) {
        const int value = static_cast<int>(std::clamp(std::round(wanted), double(range.low), double(range.high)));
        const double distance = std::abs(value - wanted);
        if (!best || distance < best_distance || (distance == best_distance && value < *best)) {
            best = value;
            best_distance = distance;
        }
    }
    return *best;
}

Rational RatioChoice::nearest(Rational wanted) const {
    wanted = fit_int(wanted);
    if (ranges_.empty()) return wanted;
    std::optional<Rational> best;
    double best_distance = 0;
    for (const RatioRange& range : ranges_) {
        const Rational value = std::clamp(wanted, range.low, range.high);
        const double distance = std::abs(value.value() - wanted.value());
        if (!best || distance < best_distance) {
            best = value;
            best_distance = distance;
        }
    }
    return *best;
}

int nearest_multiple(int size, int multiple, const IntChoice& allowed) {
    if (multiple <= 1 || size % multiple == 0) return size;
    const int64_t below = size / multiple * int64_t{multiple}, above = below + multiple;
    const bool up = 2 * (size - below) >= multiple;
    const int64_t order[] = {up ? above : below, up ? below : above};
    for (const int64_t candidate : order)
        if (candidate >= multiple && candidate <= INT_MAX && allowed.allows(static_cast<int>(candidate)))
            return static_cast<int>(candidate);
    return size;
}

Rational display_aspect_ratio(const Size& size) { return Rational(size.width, size.height) * size.par; }

Size choose_size(const Size& from, const SizeChoice& allowed) {
    const Rational dar = display_aspect_ratio(from);
    const auto width_for = [&](int height, Rational par) {
        return allowed.width.nearest(dar.value() * height / par.value());
    };
    const auto height_for = [&](int width, Rational par) {
        return allowed.height.nearest(width * par.value() / dar.value());
    };
    const auto par_for = [&](int width, int height) {
        return allowed.par.nearest(fit_int(dar) * Rational(height, width));
    };

    const int near_width = allowed.width.nearest(from.width), near_height = allowed.height.nearest(from.height);
    const Rational near_par = allowed.par.nearest(from.par);
    const int width_by_height = width_for(near_height, near_par);
    const int height_by_width = height_for(near_width, near_par);

    const Size as_it_is{near_width, near_height, near_par};
    const Size keep_height{width_by_height, near_height, near_par};
    const Size keep_width{near_width, height_by_width, near_par};
    const Size reshape_pixels{near_width, near_height, par_for(near_width, near_height)};
    // After rounding, the pixels' shape may still be corrected where it is open.
    const Size keep_height_exactly{width_by_height, near_height, par_for(width_by_height, near_height)};
    const Size keep_width_exactly{near_width, height_by_width, par_for(near_width, height_by_width)};

    const bool width_rules = allowed.width.fixed();
    const bool one_fits = near_width == from.width || near_height == from.height;
    const bool keep_more = allowed.width.limited() && allowed.height.limited() && one_fits;
    const std::array<Size, 7> candidates{as_it_is,
                                         keep_more ? reshape_pixels : as_it_is,
                                         width_rules ? keep_width : keep_height,
                                         width_rules ? keep_height : keep_width,
                                         reshape_pixels,
                                         keep_height_exactly,
                                         keep_width_exactly};

    constexpr double rounding = 0.5; // of a pixel: what a whole number of pixels cannot avoid
    for (const Size& size : candidates)
        if (shape_error(size, dar) <= rounding) return size;
    return *std::min_element(candidates.begin(), candidates.end(), [&](const Size& a, const Size& b) {
        return std::abs(std::log(display_aspect_ratio(a).value() / dar.value())) <
               std::abs(std::log(display_aspect_ratio(b).value() / dar.value()));
    });
}

Rect place(const Size& from, const Size& to, bool add_borders, int align_x, int align_y) {
    const Rect whole{0, 0, to.width, to.height};
    const Rational dar = display_aspect_ratio(from);
    if (!add_borders || shape_error(to, dar) <= 0.5) return whole;

    const auto centred = [](double wanted, int space, int align) {
        int size = std::clamp(static_cast<int>(std::round(wanted / align)) * align, std::min(align, space), space);
        if (space - size < align) size = space;                          // no room for a border of whole chroma samples
        const int at = (space - size + align - 1) / (2 * align) * align; // nearest to the middle
        return std::pair{at, size};
    };
    if (display_aspect_ratio(to) > dar) {
        const auto [x, width] = centred(dar.value() * to.height / to.par.value(), to.width, align_x);
        return {x, 0, width, to.height};
    }
    const auto [y, height] = centred(to.width * to.par.value() / dar.value(), to.height, align_y);
    return {0, y, to.width, height};
}

} // namespace onair::sws
