// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Our scaler is at least as exact as libswscale at its most exact (bicubic, accurate_rnd, full_chroma_int, no dither):
// both beside the double-precision scaler of docs/specs/conversion.md, by the kernel that both have (B = 0, C = 0.6).
// Prints a Markdown table; a case where our rms error is the larger is marked.
//
// Exits with 1 where ours is more than a code off, or its rms error over all cases is the larger.
#include "tests/bench/peer_errors.hpp"

using namespace onair::test;

namespace {

/// None from 10 bits to 8, where libswscale dithers whatever it is asked.
constexpr ElementJob jobs[] = {
    {"I420", 3840, 2160, "I420", 1920, 1080},      {"I422_10LE", 3840, 2160, "I422_10LE", 1920, 1080},
    {"I420", 1920, 1080, "I420", 3840, 2160},      {"I422_10LE", 1920, 1080, "I422_10LE", 3840, 2160},
    {"NV12", 1920, 1080, "NV12", 1280, 720},       {"I422_10LE", 1920, 1080, "I422_10LE", 1280, 720},
    {"UYVY", 1920, 1080, "I420", 1280, 720},       {"P010_10LE", 3840, 2160, "P010_10LE", 1280, 720},
    {"I420", 1280, 720, "I420", 1920, 1080},       {"I422_10LE", 1280, 720, "I422_10LE", 1920, 1080},
    {"UYVY", 1280, 720, "UYVY", 1920, 1080},       {"I422_10LE", 1920, 1080, "I422_10LE", 960, 540},
    {"I420", 1920, 1080, "I422_10LE", 3840, 2160},
};

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const reference::ScaleKernel bicubic;
    std::printf("| from | to | swsconvertscale | libswscale |\n|---|---|---|---|\n");
    CodeError ours, theirs;
    for (const ElementJob& job : jobs) {
        const ElementJob small = small_job(job);
        ElementPeer element("swsconvertscale method=bicubic dither=none", small);
        const CodeError a = error_of(element, small, bicubic);
        const CodeError b = error_of(*make_exact_sws_peer(small), small, bicubic);
        ours.merge(a);
        theirs.merge(b);
        std::printf("| %s %d | %s %d | %s%s | %s |\n", job.in, job.in_height, job.out, job.out_height, a.text().c_str(),
                    a.rms() > b.rms() ? " (more)" : "", b.text().c_str());
    }
    std::printf("| all of them | | %s | %s |\n", ours.text().c_str(), theirs.text().c_str());
    return ours.pictures != static_cast<int>(std::size(jobs)) || ours.largest > 1 || ours.rms() > theirs.rms();
}
