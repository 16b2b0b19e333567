// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

extern "C" {
#include <libavutil/pixfmt.h>
}

/// What is to be converted into what: plain values, compared to decide whether a context must be made anew.
namespace onair::sws {

/// Numbers and nicks 0…9 are videoconvertscale's; from 10 on libswscale's own kernels follow.
enum class Method {
    nearest = 0,
    bilinear = 1,
    four_tap = 2,
    lanczos = 3,
    bilinear2 = 4,
    sinc = 5,
    hermite = 6,
    spline = 7,
    catrom = 8,
    mitchell = 9,
    bicubic = 10,
    area = 11,
    gauss = 12,
    bicublin = 13,
    experimental = 14,
};

/// libswscale's coefficient tables (SWS_CS_*): what the matrix of the caps is called there.
enum class Matrix { bt709 = 1, fcc = 4, bt601 = 5, smpte240m = 7, bt2020 = 9 };

/// Position of a chroma sample against its first luma sample, in 1/256 of a luma sample: 0 on it, 128 in the middle of
/// two. -513 leaves it to libswscale, for formats without subsampling in that direction.
struct ChromaSite {
    int horizontal = -513;
    int vertical = -513;
    bool operator==(const ChromaSite&) const = default;
};

/// One side of a conversion. Everything comes from the caps; nothing is guessed later.
struct Picture {
    int width = 0;  ///< luma samples, >= 1
    int height = 0; ///< rows, >= 1
    AVPixelFormat format = AV_PIX_FMT_NONE;
    bool full_range = false;       ///< RGB and grey: always true (libswscale has nothing else)
    Matrix matrix = Matrix::bt709; ///< RGB and grey: the other side's
    ChromaSite chroma_site{};
    bool operator==(const Picture&) const = default;
};

struct ScaleSpec {
    Picture src, dst;
    Method method = Method::bicubic;
    unsigned threads = 1; ///< jobs that libswscale cuts a frame into, >= 1
    bool operator==(const ScaleSpec&) const = default;

    /// Nothing changes: the frame can pass as it is.
    bool is_copy() const { return src == dst; }
};

/// "3840x2160 yuv422p10le"
std::string describe(const Picture& picture);

/// Threads for a picture of `height` rows when the user asked for `asked` (0 = automatic) on `cores` cores: bands of
/// fewer than 64 rows cost more than they bring, and libswscale's threads beyond the cores cost time.
unsigned thread_count(unsigned asked, unsigned cores, int height);

/// Both directions are there for the format in the running libswscale.
bool is_supported(AVPixelFormat format);

} // namespace onair::sws
