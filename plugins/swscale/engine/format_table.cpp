// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/format_table.hpp"

#include "engine/codec_stream.hpp"
#include "engine/codec_words.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

/// What a letter of a layout stands for in memory: a byte, an integer of 16 bits with its samples in the low bits or in
/// the high ones, or a stream (codec_stream.hpp).
enum class Box { byte, le16, be16, le16_high, be16_high, stream_bytes, le32, le40, be40 };

enum class Sub { s444, s422, s420, s411, s410 };

/// Layouts are GStreamer's, of which the pack and unpack functions are the definition: its format infos have mistakes
/// (VYUY, BGR16) and gaps (Y410 and Y412 have no positions, AV12 no flag for its alpha). `planes`: the components in
/// order of address, one letter for each box, planes apart; x means nothing.
/// `av`: FFmpeg's name of this very layout with all its components. Not here although the names look alike: v308 and
/// IYU2 (FFmpeg has another order), IYU1, VYUY and NV61 (none), RGB10A2, Y410, Y412, Y416 (FFmpeg's have no alpha).
struct Row {
    const char* name;
    Sub sub;
    int depth;
    Box box;
    const char* planes;
    const char* av = nullptr;
    bool tiled = false;
};

/// GStreamer has these in the byte order of the machine.
constexpr bool big_host = std::endian::native == std::endian::big;
constexpr Box host16 = big_host ? Box::be16 : Box::le16;

constexpr auto s444 = Sub::s444, s422 = Sub::s422, s420 = Sub::s420, s411 = Sub::s411, s410 = Sub::s410;

constexpr Row rows[] = {
    // 8 bit YUV
    {"I420", s420, 8, Box::byte, "Y U V", "yuv420p"},
    {"YV12", s420, 8, Box::byte, "Y V U", "yuv420p"},
    {"Y41B", s411, 8, Box::byte, "Y U V", "yuv411p"},
    {"Y42B", s422, 8, Box::byte, "Y U V", "yuv422p"},
    {"Y444", s444, 8, Box::byte, "Y U V", "yuv444p"},
    {"YUV9", s410, 8, Box::byte, "Y U V", "yuv410p"},
    {"YVU9", s410, 8, Box::byte, "Y V U", "yuv410p"},
    {"NV12", s420, 8, Box::byte, "Y UV", "nv12"},
    {"NV21", s420, 8, Box::byte, "Y VU", "nv21"},
    {"NV16", s422, 8, Box::byte, "Y UV", "nv16"},
    {"NV61", s422, 8, Box::byte, "Y VU"},
    {"NV24", s444, 8, Box::byte, "Y UV", "nv24"},
    {"YUY2", s422, 8, Box::byte, "YUYV", "yuyv422"},
    {"UYVY", s422, 8, Box::byte, "UYVY", "uyvy422"},
    {"YVYU", s422, 8, Box::byte, "YVYU", "yvyu422"},
    {"VYUY", s422, 8, Box::byte, "VYUY"},
    {"v308", s444, 8, Box::byte, "YUV"},
    {"IYU2", s444, 8, Box::byte, "UYV"},
    {"IYU1", s411, 8, Box::stream_bytes, "UYYVYY"},
    {"AYUV", s444, 8, Box::byte, "AYUV", "ayuv"},
    {"VUYA", s444, 8, Box::byte, "VUYA", "vuya"},
    {"A420", s420, 8, Box::byte, "Y U V A", "yuva420p"},
    {"A422", s422, 8, Box::byte, "Y U V A", "yuva422p"},
    {"A444", s444, 8, Box::byte, "Y U V A", "yuva444p"},
    {"AV12", s420, 8, Box::byte, "Y UV A"},
    {"NV12_64Z32", s420, 8, Box::byte, "Y UV", nullptr, true},
    {"NV12_4L4", s420, 8, Box::byte, "Y UV", nullptr, true},
    {"NV12_32L32", s420, 8, Box::byte, "Y UV", nullptr, true},
    {"NV12_16L32S", s420, 8, Box::byte, "Y UV", nullptr, true},
    {"NV12_8L128", s420, 8, Box::byte, "Y UV", nullptr, true},
    // 10 bit YUV
    {"I420_10LE", s420, 10, Box::le16, "Y U V", "yuv420p10le"},
    {"I420_10BE", s420, 10, Box::be16, "Y U V", "yuv420p10be"},
    {"I422_10LE", s422, 10, Box::le16, "Y U V", "yuv422p10le"},
    {"I422_10BE", s422, 10, Box::be16, "Y U V", "yuv422p10be"},
    {"Y444_10LE", s444, 10, Box::le16, "Y U V", "yuv444p10le"},
    {"Y444_10BE", s444, 10, Box::be16, "Y U V", "yuv444p10be"},
    {"A420_10LE", s420, 10, Box::le16, "Y U V A", "yuva420p10le"},
    {"A420_10BE", s420, 10, Box::be16, "Y U V A", "yuva420p10be"},
    {"A422_10LE", s422, 10, Box::le16, "Y U V A", "yuva422p10le"},
    {"A422_10BE", s422, 10, Box::be16, "Y U V A", "yuva422p10be"},
    {"A444_10LE", s444, 10, Box::le16, "Y U V A", "yuva444p10le"},
    {"A444_10BE", s444, 10, Box::be16, "Y U V A", "yuva444p10be"},
    {"P010_10LE", s420, 10, Box::le16_high, "Y UV", "p010le"},
    {"P010_10BE", s420, 10, Box::be16_high, "Y UV", "p010be"},
    {"Y210", s422, 10, Box::le16_high, "YUYV", "y210le"},
    {"v210", s422, 10, Box::le32, "UYVY"},
    {"UYVP", s422, 10, Box::be40, "UYVY"},
    {"NV12_10LE32", s420, 10, Box::le32, "Y UV"},
    {"NV16_10LE32", s422, 10, Box::le32, "Y UV"},
    {"NV12_10LE40", s420, 10, Box::le40, "Y UV"},
    {"NV16_10LE40", s422, 10, Box::le40, "Y UV"},
    {"NV12_10LE40_4L4", s420, 10, Box::le40, "Y UV", nullptr, true},
    {"NV12_10BE_8L128", s420, 10, Box::be40, "Y UV", nullptr, true},
    // 12 bit YUV
    {"I420_12LE", s420, 12, Box::le16, "Y U V", "yuv420p12le"},
    {"I420_12BE", s420, 12, Box::be16, "Y U V", "yuv420p12be"},
    {"I422_12LE", s422, 12, Box::le16, "Y U V", "yuv422p12le"},
    {"I422_12BE", s422, 12, Box::be16, "Y U V", "yuv422p12be"},
    {"Y444_12LE", s444, 12, Box::le16, "Y U V", "yuv444p12le"},
    {"Y444_12BE", s444, 12, Box::be16, "Y U V", "yuv444p12be"},
    {"A420_12LE", s420, 12, Box::le16, "Y U V A"},
    {"A420_12BE", s420, 12, Box::be16, "Y U V A"},
    {"A422_12LE", s422, 12, Box::le16, "Y U V A", "yuva422p12le"},
    {"A422_12BE", s422, 12, Box::be16, "Y U V A", "yuva422p12be"},
    {"A444_12LE", s444, 12, Box::le16, "Y U V A", "yuva444p12le"},
    {"A444_12BE", s444, 12, Box::be16, "Y U V A", "yuva444p12be"},
    {"P012_LE", s420, 12, Box::le16_high, "Y UV", "p012le"},
    {"P012_BE", s420, 12, Box::be16_high, "Y UV", "p012be"},
    {"Y212_LE", s422, 12, Box::le16_high, "YUYV", "y212le"},
    {"Y212_BE", s422, 12, Box::be16_high, "YUYV", "y212be"},
    {"Y412_LE", s444, 12, Box::le16_high, "UYVA"},
    {"Y412_BE", s444, 12, Box::be16_high, "UYVA"},
    // 16 bit YUV
    {"Y444_16LE", s444, 16, Box::le16, "Y U V", "yuv444p16le"},
    {"Y444_16BE", s444, 16, Box::be16, "Y U V", "yuv444p16be"},
    {"A420_16LE", s420, 16, Box::le16, "Y U V A", "yuva420p16le"},
    {"A420_16BE", s420, 16, Box::be16, "Y U V A", "yuva420p16be"},
    {"A422_16LE", s422, 16, Box::le16, "Y U V A", "yuva422p16le"},
    {"A422_16BE", s422, 16, Box::be16, "Y U V A", "yuva422p16be"},
    {"A444_16LE", s444, 16, Box::le16, "Y U V A", "yuva444p16le"},
    {"A444_16BE", s444, 16, Box::be16, "Y U V A", "yuva444p16be"},
    {"P016_LE", s420, 16, Box::le16, "Y UV", "p016le"},
    {"P016_BE", s420, 16, Box::be16, "Y UV", "p016be"},
    {"AYUV64", s444, 16, host16, "AYUV", big_host ? nullptr : "ayuv64le"},
    {"v216", s422, 16, Box::le16, "UYVY"},
    {"Y216_LE", s422, 16, Box::le16, "YUYV", "y216le"},
    {"Y216_BE", s422, 16, Box::be16, "YUYV", "y216be"},
    {"Y416_LE", s444, 16, Box::le16, "UYVA"},
    {"Y416_BE", s444, 16, Box::be16, "UYVA"},
    // grey
    {"GRAY8", s444, 8, Box::byte, "Y", "gray"},
    {"GRAY10_LE16", s444, 10, Box::le16, "Y", "gray10le"},
    {"GRAY10_LE32", s444, 10, Box::le32, "Y"},
    {"GRAY16_LE", s444, 16, Box::le16, "Y", "gray16le"},
    {"GRAY16_BE", s444, 16, Box::be16, "Y", "gray16be"},
    // RGB
    {"RGB", s444, 8, Box::byte, "RGB", "rgb24"},
    {"BGR", s444, 8, Box::byte, "BGR", "bgr24"},
    {"RGBx", s444, 8, Box::byte, "RGBx", "rgb0"},
    {"BGRx", s444, 8, Box::byte, "BGRx", "bgr0"},
    {"xRGB", s444, 8, Box::byte, "xRGB", "0rgb"},
    {"xBGR", s444, 8, Box::byte, "xBGR", "0bgr"},
    {"RGBA", s444, 8, Box::byte, "RGBA", "rgba"},
    {"BGRA", s444, 8, Box::byte, "BGRA", "bgra"},
    {"ARGB", s444, 8, Box::byte, "ARGB", "argb"},
    {"ABGR", s444, 8, Box::byte, "ABGR", "abgr"},
    {"RBGA", s444, 8, Box::byte, "RBGA"},
    {"RGBP", s444, 8, Box::byte, "R G B", "gbrp"},
    {"BGRP", s444, 8, Box::byte, "B G R", "gbrp"},
    {"GBR", s444, 8, Box::byte, "G B R", "gbrp"},
    {"GBRA", s444, 8, Box::byte, "G B R A", "gbrap"},
    {"GBR_10LE", s444, 10, Box::le16, "G B R", "gbrp10le"},
    {"GBR_10BE", s444, 10, Box::be16, "G B R", "gbrp10be"},
    {"GBR_12LE", s444, 12, Box::le16, "G B R", "gbrp12le"},
    {"GBR_12BE", s444, 12, Box::be16, "G B R", "gbrp12be"},
    {"GBR_16LE", s444, 16, Box::le16, "G B R", "gbrp16le"},
    {"GBR_16BE", s444, 16, Box::be16, "G B R", "gbrp16be"},
    {"GBRA_10LE", s444, 10, Box::le16, "G B R A", "gbrap10le"},
    {"GBRA_10BE", s444, 10, Box::be16, "G B R A", "gbrap10be"},
    {"GBRA_12LE", s444, 12, Box::le16, "G B R A", "gbrap12le"},
    {"GBRA_12BE", s444, 12, Box::be16, "G B R A", "gbrap12be"},
    {"ARGB64", s444, 16, host16, "ARGB"},
    {"ARGB64_LE", s444, 16, Box::le16, "ARGB"},
    {"ARGB64_BE", s444, 16, Box::be16, "ARGB"},
    {"ABGR64_LE", s444, 16, Box::le16, "ABGR"},
    {"ABGR64_BE", s444, 16, Box::be16, "ABGR"},
    {"RGBA64_LE", s444, 16, Box::le16, "RGBA", "rgba64le"},
    {"RGBA64_BE", s444, 16, Box::be16, "RGBA", "rgba64be"},
    {"BGRA64_LE", s444, 16, Box::le16, "BGRA", "bgra64le"},
    {"BGRA64_BE", s444, 16, Box::be16, "BGRA", "bgra64be"},
};

/// Pixels that are one integer: for each component, in the order R G B A or Y U V A, its lowest bit and depth. `ones`:
/// bits that mean nothing and are written as 1.
struct PixelRow {
    const char* name;
    ColourModel model;
    int bytes;
    bool big_endian;
    int components;
    std::array<std::pair<int, int>, 4> bits; ///< shift, depth
    uint64_t ones = 0;
    const char* av = nullptr;
};

constexpr auto rgb = ColourModel::rgb, yuv = ColourModel::yuv;

constexpr PixelRow pixel_rows[] = {
    {"RGB16", rgb, 2, big_host, 3, {{{11, 5}, {5, 6}, {0, 5}}}, 0, big_host ? "rgb565be" : "rgb565le"},
    {"BGR16", rgb, 2, big_host, 3, {{{0, 5}, {5, 6}, {11, 5}}}, 0, big_host ? "bgr565be" : "bgr565le"},
    {"RGB15", rgb, 2, big_host, 3, {{{10, 5}, {5, 5}, {0, 5}}}, 0, big_host ? "rgb555be" : "rgb555le"},
    {"BGR15", rgb, 2, big_host, 3, {{{0, 5}, {5, 5}, {10, 5}}}, 0, big_host ? "bgr555be" : "bgr555le"},
    {"BGR10A2_LE", rgb, 4, false, 4, {{{20, 10}, {10, 10}, {0, 10}, {30, 2}}}},
    {"RGB10A2_LE", rgb, 4, false, 4, {{{0, 10}, {10, 10}, {20, 10}, {30, 2}}}},
    {"BGR10x2_LE", rgb, 4, false, 3, {{{20, 10}, {10, 10}, {0, 10}}}, 0xC0000000, "x2rgb10le"},
    {"RGB10x2_LE", rgb, 4, false, 3, {{{0, 10}, {10, 10}, {20, 10}}}, 0xC0000000, "x2bgr10le"},
    {"r210", rgb, 4, true, 3, {{{20, 10}, {10, 10}, {0, 10}}}},
    {"Y410", yuv, 4, false, 4, {{{10, 10}, {0, 10}, {20, 10}, {30, 2}}}},
};

constexpr std::pair<int, int> log2_of(Sub sub) {
    constexpr std::pair<int, int> by_sub[] = {{0, 0}, {1, 0}, {1, 1}, {2, 0}, {2, 2}};
    return by_sub[static_cast<size_t>(sub)];
}

bool is_stream(Box box) { return box >= Box::stream_bytes; }

int component_of(char letter) {
    const auto at = std::string_view("YUVARGB").find(letter);
    return at == std::string_view::npos ? -1 : static_cast<int>(at < 4 ? at : at - 4);
}

/// A letter of a layout: whose sample it is and where.
struct Letter {
    int component; ///< -1: x
    int plane;
    int at;    ///< in its plane
    int group; ///< letters of its plane
};

std::vector<Letter> letters_of(std::string_view planes) {
    std::vector<Letter> letters;
    int plane = 0;
    while (!planes.empty()) {
        const auto length = std::min(planes.find(' '), planes.size());
        for (size_t i = 0; i < length; ++i)
            letters.push_back({component_of(planes[i]), plane, static_cast<int>(i), static_cast<int>(length)});
        planes.remove_prefix(std::min(length + 1, planes.size()));
        ++plane;
    }
    return letters;
}

/// The plane of a view that holds GStreamer's plane: views come in FFmpeg's order.
int view_plane(const Format& format, int gst_plane) {
    const auto at = std::find(format.gst_plane.begin(), format.gst_plane.end(), gst_plane);
    return static_cast<int>(at - format.gst_plane.begin());
}

void set_av(Format& format, const char* name, const std::array<int, 4>& plane_of) {
    const AVPixelFormat av = name ? av_get_pix_fmt(name) : AV_PIX_FMT_NONE;
    if (av == AV_PIX_FMT_NONE || !is_supported(av)) return;
    format.av = av;
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(av);
    for (size_t c = 0; c < std::min<size_t>(desc->nb_components, static_cast<size_t>(format.components)); ++c)
        format.gst_plane[static_cast<size_t>(desc->comp[c].plane)] = plane_of[c];
}

Format describe_row(const Row& row, const std::vector<Letter>& letters) {
    Format format;
    format.name = row.name;
    std::array<int, 4> plane_of{};
    for (const Letter& letter : letters) {
        if (letter.component < 0) continue;
        format.components = std::max(format.components, letter.component + 1);
        plane_of[static_cast<size_t>(letter.component)] = letter.plane;
    }
    format.depth.fill(row.depth);
    const bool is_rgb = std::string_view(row.planes).find('R') != std::string_view::npos;
    format.model = format.components == 1 ? ColourModel::grey : is_rgb ? ColourModel::rgb : ColourModel::yuv;
    std::tie(format.log2_chroma_w, format.log2_chroma_h) = log2_of(row.sub);
    set_av(format, row.av, plane_of);
    return format;
}

WordLayout words_of(const Format& format, const Row& row, const std::vector<Letter>& letters) {
    WordLayout layout;
    layout.components = format.components;
    const int container = row.box == Box::byte ? 1 : 2;
    const bool high = row.box == Box::le16_high || row.box == Box::be16_high;
    const bool big = row.box == Box::be16 || row.box == Box::be16_high;
    std::array<int, 4> seen{};
    for (const Letter& letter : letters) {
        if (letter.component < 0) {
            layout.ones |= uint64_t{0xFF} << (8 * letter.at);
            continue;
        }
        const auto c = static_cast<size_t>(letter.component);
        WordField& field = layout.field[c];
        if (seen[c]++ == 0)
            field = {view_plane(format, letter.plane),
                     0,
                     letter.at * container,
                     container,
                     high ? 16 - row.depth : 0,
                     row.depth,
                     big};
        field.step = letter.group * container / seen[c];
    }
    return layout;
}

StreamLayout stream_of(const Format& format, const Row& row, const std::vector<Letter>& letters) {
    StreamLayout layout;
    layout.components = format.components;
    bool packed = false;
    std::array<int, 4> seen{};
    for (const Letter& letter : letters) {
        const auto c = static_cast<size_t>(letter.component);
        StreamLayout::Component& place = layout.component[c];
        place.plane = letter.plane;
        place.group = letter.group;
        place.at[static_cast<size_t>(seen[c]++)] = letter.at;
        place.count = seen[c];
        packed |= letter.group > 2;
    }
    struct Unit {
        Box box;
        bool packed; ///< all components in one plane
        Packing packing;
        int pixels, bytes;
        bool repeats_last;
    };
    constexpr Unit units[] = {
        {Box::stream_bytes, true, Packing::bytes, 4, 6, true}, // IYU1
        {Box::le32, true, Packing::le32, 6, 16, false},        // v210
        {Box::le32, false, Packing::le32, 3, 4, false},        {Box::le40, false, Packing::le40, 4, 5, false},
        {Box::be40, true, Packing::be40, 2, 5, true}, // UYVP
        {Box::be40, false, Packing::be40, 4, 5, false},
    };
    for (const Unit& unit : units) {
        if (unit.box != row.box || unit.packed != packed) continue;
        layout.packing = unit.packing;
        layout.unit_pixels = unit.pixels;
        layout.unit_bytes = unit.bytes;
        layout.repeats_last = unit.repeats_last;
    }
    return layout;
}

/// The rows of the planes of a view, one component of each plane being enough to know.
template <class Bytes>
PictureShape linear_shape(const Format& format, const std::array<int, 4>& plane_of, int height, Bytes&& bytes) {
    PictureShape shape;
    for (int c = 0; c < format.components; ++c) {
        const int plane = plane_of[static_cast<size_t>(c)];
        shape.planes = std::max(shape.planes, plane + 1);
        shape.plane[static_cast<size_t>(plane)] = {bytes(plane), format.rows(c, height), 0, 0};
    }
    return shape;
}

FormatPtr word_format(Format format, const WordLayout& layout) {
    std::array<int, 4> plane_of{};
    for (size_t c = 0; c < 4; ++c)
        plane_of[c] = layout.field[c].plane;
    for (int c = 0; c < format.components; ++c)
        if (layout.field[static_cast<size_t>(c)].plane == plane_of[0])
            format.row_unit = std::max(format.row_unit, layout.per_word(c));
    format.words = std::make_shared<const WordLayout>(layout);
    // The lambdas hold a copy of what the format is: the format itself would hold itself.
    const Format plain = format;
    format.shape = [=](int width, int height) {
        return linear_shape(plain, plane_of, height,
                            [&](int plane) { return word_row_bytes(plain, layout, plane, width); });
    };
    format.codec = [=](int width, int) { return make_word_codec(plain, layout, width); };
    return std::make_shared<const Format>(std::move(format));
}

FormatPtr stream_format(Format format, const StreamLayout& layout, const std::function<int(int)>& row_limit) {
    std::array<int, 4> plane_of{};
    for (size_t c = 0; c < 4; ++c)
        plane_of[c] = layout.component[c].plane;
    format.row_unit = layout.unit_pixels;
    format.stream = std::make_shared<const StreamLayout>(layout);
    const Format plain = format;
    const auto bytes = [=](int width) {
        return row_limit ? std::min(row_limit(width), layout.row_bytes(width)) : layout.row_bytes(width);
    };
    format.shape = [=](int width, int height) {
        return bytes(width) > 0 ? linear_shape(plain, plane_of, height, [&](int) { return bytes(width); })
                                : PictureShape{};
    };
    format.codec = [=](int width, int) { return make_stream_codec(plain, layout, width, bytes(width)); };
    return std::make_shared<const Format>(std::move(format));
}

PictureShape tiled_shape(const Tiling& tiling, int planes, int width, int height) {
    const auto count = tiling.count(width, height);
    PictureShape shape;
    for (size_t i = 0; i < static_cast<size_t>(planes); ++i) {
        if (count[i].x == 0) return {};
        shape.plane[i] = {count[i].x * tiling.plane[i].row_bytes, count[i].y * tiling.plane[i].rows, 0, 0};
    }
    shape.planes = planes;
    return shape;
}

FormatPtr tiled_format(Format format, const Tiling& tiling, const Row& row, const std::vector<Letter>& letters) {
    std::array<int, 4> plane_of{};
    int planes = 0;
    for (const Letter& letter : letters) {
        plane_of[static_cast<size_t>(letter.component)] = letter.plane;
        planes = std::max(planes, letter.plane + 1);
    }
    const Format plain = format;
    const WordLayout words = is_stream(row.box) ? WordLayout{} : words_of(format, row, letters);
    const StreamLayout stream = is_stream(row.box) ? stream_of(format, row, letters) : StreamLayout{};
    const bool streams = is_stream(row.box);
    format.tiled = true;
    format.shape = [=](int width, int height) { return tiled_shape(tiling, planes, width, height); };
    format.codec = [=](int width, int height) {
        const PictureShape shape = tiled_shape(tiling, planes, width, height);
        std::array<int, 4> bytes{};
        for (size_t i = 0; i < static_cast<size_t>(planes); ++i)
            bytes[i] = streams ? shape.plane[i].row_bytes : word_row_bytes(plain, words, static_cast<int>(i), width);
        auto linear =
            streams ? make_stream_codec(plain, stream, width, bytes[0]) : make_word_codec(plain, words, width);
        return make_tiled_codec(plain, tiling, width, height, std::move(linear), bytes, plane_of);
    };
    return std::make_shared<const Format>(std::move(format));
}

FormatPtr pixel_format(const PixelRow& row) {
    Format format;
    format.name = row.name;
    format.model = row.model;
    format.components = row.components;
    WordLayout layout;
    layout.components = row.components;
    layout.ones = row.ones;
    for (size_t c = 0; c < static_cast<size_t>(row.components); ++c) {
        const auto [shift, depth] = row.bits[c];
        format.depth[c] = depth;
        layout.field[c] = {0, row.bytes, 0, row.bytes, shift, depth, row.big_endian};
    }
    set_av(format, row.av, {});
    return word_format(std::move(format), layout);
}

template <class R, size_t n>
const R* find_row(const R (&table)[n], std::string_view name) {
    const auto at = std::find_if(std::begin(table), std::end(table), [&](const R& row) { return row.name == name; });
    return at == std::end(table) ? nullptr : at;
}

} // namespace

FormatPtr make_format(std::string_view name, const MemoryRules& rules) {
    if (const PixelRow* pixel = find_row(pixel_rows, name)) return pixel_format(*pixel);
    const Row* row = find_row(rows, name);
    if (!row || (row->tiled && !rules.tiling)) return nullptr;
    const auto letters = letters_of(row->planes);
    Format format = describe_row(*row, letters);
    if (row->tiled) return tiled_format(std::move(format), *rules.tiling, *row, letters);
    if (is_stream(row->box)) {
        const StreamLayout layout = stream_of(format, *row, letters);
        return stream_format(std::move(format), layout, rules.row_limit);
    }
    const WordLayout layout = words_of(format, *row, letters);
    return word_format(std::move(format), layout);
}

std::string_view way_of(std::string_view name) {
    if (find_row(pixel_rows, name)) return "words";
    const Row* row = find_row(rows, name);
    if (!row) return "";
    if (row->tiled) return is_stream(row->box) ? "tiled stream" : "tiled words";
    return is_stream(row->box) ? "stream" : "words";
}

std::vector<std::string_view> known_formats() {
    std::vector<std::string_view> names;
    for (const Row& row : rows)
        names.emplace_back(row.name);
    for (const PixelRow& row : pixel_rows)
        names.emplace_back(row.name);
    return names;
}

} // namespace onair::sws
