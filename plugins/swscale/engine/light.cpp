// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/light.hpp"

#include <cmath>

namespace onair::sws {

namespace {

constexpr double pq_peak = 10000, hlg_peak = 1000;
constexpr double reference_white = 203; ///< ITU-R BT.2408 table 1
constexpr double hlg_gamma = 1.2;       ///< of a display of 1,000 cd/m²
constexpr double bt1886 = 2.4;

bool is_hdr(Transfer t) { return t == Transfer::smpte2084 || t == Transfer::arib_std_b67; }
/// Television's camera curves, whose displays are BT.1886.
bool is_television(Transfer t) { return t == Transfer::bt709 || t == Transfer::smpte240m; }

double pq(double light) { return from_linear(Transfer::smpte2084, light / pq_peak); }
double light_of_pq(double encoded) { return pq_peak * to_linear(Transfer::smpte2084, encoded); }

} // namespace

bool maps_light(Transfer from, Transfer to) { return from != to && (is_hdr(from) || is_hdr(to)); }

double display_peak(Transfer transfer) {
    if (transfer == Transfer::smpte2084) return pq_peak;
    return transfer == Transfer::arib_std_b67 ? hlg_peak : reference_white;
}

double to_display_component(Transfer transfer, double encoded) {
    return is_television(transfer) ? std::pow(encoded, bt1886) : to_linear(transfer, encoded);
}

double from_display_component(Transfer transfer, double light) {
    return is_television(transfer) ? std::pow(light, 1 / bt1886) : from_linear(transfer, light);
}

double hlg_ootf(double scene) { return std::pow(scene, hlg_gamma); }
double hlg_inverse_ootf(double display) { return std::pow(display, 1 / hlg_gamma); }

double eetf(double light, double peak, double target) {
    if (target >= peak) return light;
    const double e1 = pq(light) / pq(peak), most = pq(target) / pq(peak);
    const double knee = 1.5 * most - 0.5;
    if (e1 < knee) return light;
    // A Hermite spline from the knee, where it goes on straight, to the target, where it is level.
    const double t = (e1 - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
    const double e2 = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
    return light_of_pq(e2 * pq(peak));
}

} // namespace onair::sws
