// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/bench/element_bench.hpp"

#include <memory>

namespace onair::test {

/// Something that converts one frame over and over.
class Peer {
  public:
    virtual ~Peer() = default;
    virtual double run() = 0; ///< milliseconds of one frame
    /// Another picture of the same size and format.
    virtual Pic convert(const Pic& from, const GstVideoInfo& to) = 0;
};

/// An element alone.
class ElementPeer : public Peer {
  public:
    ElementPeer(const std::string& element, const ElementJob& job) : element_(element), bench_(element, job) {}
    double run() override { return bench_.run(); }
    Pic convert(const Pic& from, const GstVideoInfo& to) override { return test::convert(element_, from, to); }

  private:
    std::string element_;
    ElementBench bench_;
};

/// sws_scale_frame() of the installed FFmpeg, bicubic and nothing else asked for (its fastest), on aligned frames.
/// Null for a format that it does not have.
std::unique_ptr<Peer> make_sws_peer(const ElementJob& job, int threads);
/// The same at its most exact: accurate_rnd, full_chroma_int, no dither, chroma on the left.
std::unique_ptr<Peer> make_exact_sws_peer(const ElementJob& job);

/// zimg, bicubic (Catmull-Rom), for planar YUV on both sides; null otherwise, and where it was not there at build time.
std::unique_ptr<Peer> make_zimg_peer(const ElementJob& job);
const char* zimg_version_text();

} // namespace onair::test
