// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/peer_errors.hpp"

#include <algorithm>
#include <random>
#include <tuple>

namespace onair::test {

namespace {

constexpr int small_width = 192, small_height = 96; // no format has padding at this size

struct Site {
    bool cosited_w, cosited_h;
};
constexpr Site sites[] = {{true, false}, {false, false}, {true, true}};

reference::Samples scaled(const reference::Side& in, const reference::Side& out, const reference::Samples& from,
                          const ElementJob& job, const reference::ScaleKernel& kernel) {
    const auto columns = [](const reference::Side& s, int c, int luma) {
        return reference::scale_line(luma, s.is_chroma(c) ? s.sub_w : 1, s.cosited_w);
    };
    const auto rows = [](const reference::Side& s, int c, int luma) {
        return reference::scale_line(luma, s.is_chroma(c) ? s.sub_h : 1, s.cosited_h);
    };
    reference::Samples made;
    for (int c = 0; c < out.components; ++c) {
        auto& plane = made[static_cast<size_t>(c)];
        plane = reference::scale_plane(from[static_cast<size_t>(c)], columns(in, c, job.in_width),
                                       rows(in, c, job.in_height), columns(out, c, job.out_width),
                                       rows(out, c, job.out_height), kernel);
        for (double& v : plane)
            v = reference::to_code(out, c, reference::to_real(in, c, v));
    }
    return made;
}

/// Samples from an edge that are not counted.
constexpr int margin = 6;

CodeError inner_error(const reference::Samples& got, const reference::Samples& truth, const reference::Side& side,
                      const ElementJob& job) {
    CodeError error;
    error.pictures = 1;
    for (int c = 0; c < side.components; ++c) {
        const int columns = side.columns(c, job.out_width), rows = side.rows(c, job.out_height);
        const auto n = static_cast<size_t>(c);
        for (int y = margin; y < rows - margin; ++y)
            for (int x = margin; x < columns - margin; ++x) {
                const auto i = static_cast<size_t>(y * columns + x);
                error.add(got[n][i], truth[n][i], side.depth[n]);
            }
    }
    return error;
}

} // namespace

ElementJob small_job(const ElementJob& job) {
    ElementJob small = job;
    const int width = std::max(job.in_width, job.out_width), height = std::max(job.in_height, job.out_height);
    small.in_width = small_width * job.in_width / width;
    small.in_height = small_height * job.in_height / height;
    small.out_width = small_width * job.out_width / width;
    small.out_height = small_height * job.out_height / height;
    return small;
}

CodeError error_of(Peer& peer, const ElementJob& job, const reference::ScaleKernel& kernel) {
    const GstVideoInfo from = info_of(job.in, job.in_width, job.in_height);
    const GstVideoInfo to = info_of(job.out, job.out_width, job.out_height);
    reference::Side in = side_of(from), out = side_of(to);
    std::mt19937 random(1);
    const reference::Samples samples = natural(in, job.in_width, job.in_height, random);
    const Pic picture = peer.convert(write_samples(from, samples), to);
    if (!picture) return {};
    const reference::Samples made = read_samples(picture);
    const bool stays = job.in_width == job.out_width && job.in_height == job.out_height;
    CodeError least;
    for (const Site& a : sites)
        for (const Site& b : sites) {
            std::tie(in.cosited_w, in.cosited_h) = std::tie(a.cosited_w, a.cosited_h);
            std::tie(out.cosited_w, out.cosited_h) = std::tie(b.cosited_w, b.cosited_h);
            const CodeError one = inner_error(made,
                                              stays ? reference::convert(in, out, samples, job.in_width, job.in_height)
                                                    : scaled(in, out, samples, job, kernel),
                                              out, job);
            if (!least.pictures || one.rms() < least.rms()) least = one;
        }
    return least;
}

double allowed_error(const ElementJob& job) {
    const auto depth = [](const char* format) { return side_of(info_of(format, 64, 64)).depth[0]; };
    return depth(job.out) < depth(job.in) ? 2 : 1;
}

} // namespace onair::test
