// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Every raw format of the running GStreamer: what we read and write is what GStreamer's own functions read and write,
// inside pages that fault.
#include "common/gst/ref_ptr.hpp"
#include "gstswsconvertscale-formats.hpp"
#include "tests/unit/sws_format_frames.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

using namespace onair;
using namespace onair::sws;
using test::FormatFrame;
using test::Guard;
using test::Samples;

namespace {

constexpr std::pair<int, int> sizes[] = {{1, 1}, {2, 1}, {1, 2}, {3, 5}, {7, 3}, {13, 7}, {48, 16}, {50, 17}, {64, 64}};

/// A picture as GStreamer lays it out, with room behind each plane: its functions read and write past some rows.
class Reference {
  public:
    Reference(GstVideoFormat format, const Format& ours, int width, int height, uint8_t fill)
        : info_(*gst_video_format_get_info(format)), ours_(ours), width_(width), height_(height) {
        gst_video_info_init(&layout_);
        gst_video_info_set_format(&layout_, format, static_cast<guint>(width), static_cast<guint>(height));
        const PictureShape shape = ours.shape(width, height);
        for (guint g = 0; g < info_.n_planes; ++g) {
            const size_t i = view_plane(g);
            const auto bytes = static_cast<size_t>(std::max(shape.plane[i].row_bytes, row_step(g)));
            memory_[g].assign(bytes * static_cast<size_t>(shape.plane[i].rows) + 4096, fill);
            data_[g] = memory_[g].data();
        }
        shape_ = shape;
    }

    /// Copies the picture between our planes and GStreamer's.
    void take(const FormatFrame& frame) {
        each_row([&](guint g, size_t i, int y) {
            std::memcpy(row(g, y), frame.row(i, y), static_cast<size_t>(shape_.plane[i].row_bytes));
        });
    }

    Samples unpack() const {
        Samples out(ours_, width_, height_);
        std::vector<uint8_t> pixels(static_cast<size_t>(whole_width() + 16) * 8);
        for (int y = 0; y < height_; ++y) {
            info_.unpack_func(&info_, GST_VIDEO_PACK_FLAG_TRUNCATE_RANGE, pixels.data(), const_cast<gpointer*>(data_),
                              layout_.stride, 0, y, whole_width());
            for (int c = 0; c < ours_.components; ++c) {
                const bool chroma = ours_.is_chroma(c);
                const int log2_h = chroma ? ours_.log2_chroma_h : 0, log2_w = chroma ? ours_.log2_chroma_w : 0;
                if (y % (1 << log2_h) != 0) continue;
                auto& line = out.row[static_cast<size_t>(c)][static_cast<size_t>(y >> log2_h)];
                for (size_t x = 0; x < line.size(); ++x)
                    line[x] = static_cast<uint16_t>(get(pixels, x << log2_w, c) >> unused(c));
            }
        }
        return out;
    }

    void pack(const Samples& samples) {
        std::vector<uint8_t> pixels(static_cast<size_t>(whole_width() + 16) * 8, 0xFF);
        for (int y = 0; y < height_; ++y) {
            for (int c = 0; c < ours_.components; ++c) {
                const bool chroma = ours_.is_chroma(c);
                const auto& line =
                    samples.row[static_cast<size_t>(c)][static_cast<size_t>(chroma ? y >> ours_.log2_chroma_h : y)];
                for (int x = 0; x < whole_width(); ++x) {
                    const auto at = static_cast<size_t>(std::min(x, width_ - 1) >> (chroma ? ours_.log2_chroma_w : 0));
                    set(pixels, static_cast<size_t>(x), c, static_cast<uint16_t>(line[at] << unused(c)));
                }
            }
            info_.pack_func(&info_, GST_VIDEO_PACK_FLAG_NONE, pixels.data(), 0, data_, layout_.stride,
                            GST_VIDEO_CHROMA_SITE_UNKNOWN, y, whole_width());
        }
    }

    template <class F>
    void each_row(F&& call) const {
        for (guint g = 0; g < info_.n_planes; ++g)
            for (int y = 0; y < shape_.plane[view_plane(g)].rows; ++y)
                call(g, view_plane(g), y);
    }
    uint8_t* row(guint g, int y) const {
        return static_cast<uint8_t*>(data_[g]) + static_cast<ptrdiff_t>(y) * row_step(g);
    }

  private:
    size_t view_plane(guint g) const {
        const auto at = std::find(ours_.gst_plane.begin(), ours_.gst_plane.end(), static_cast<int>(g));
        return static_cast<size_t>(at - ours_.gst_plane.begin());
    }
    int row_step(guint g) const { return view_stride(info_, g, layout_.stride[g]); }
    /// The functions for MT2110 leave out a last tile that is not full.
    int whole_width() const { return std::string(info_.name).starts_with("MT2110") ? (width_ + 15) / 16 * 16 : width_; }

    bool is_wide() const {
        return GST_VIDEO_FORMAT_INFO_DEPTH(gst_video_format_get_info(info_.unpack_format), 0) == 16;
    }
    int unused(int c) const { return (is_wide() ? 16 : 8) - ours_.depth[static_cast<size_t>(c)]; }
    static size_t place(size_t pixel, int c) { return pixel * 4 + (c == 3 ? 0 : static_cast<size_t>(c) + 1); }
    uint16_t get(const std::vector<uint8_t>& pixels, size_t pixel, int c) const {
        if (!is_wide()) return pixels[place(pixel, c)];
        uint16_t v;
        std::memcpy(&v, pixels.data() + place(pixel, c) * 2, 2);
        return v;
    }
    void set(std::vector<uint8_t>& pixels, size_t pixel, int c, uint16_t v) const {
        if (!is_wide())
            pixels[place(pixel, c)] = static_cast<uint8_t>(v);
        else
            std::memcpy(pixels.data() + place(pixel, c) * 2, &v, 2);
    }

    const GstVideoFormatInfo& info_;
    const Format& ours_;
    int width_, height_;
    GstVideoInfo layout_;
    PictureShape shape_;
    std::array<std::vector<uint8_t>, 4> memory_;
    gpointer data_[GST_VIDEO_MAX_PLANES] = {};
};

/// What GStreamer gets wrong at the end of rows of odd width, from 1.22 to 1.28. There we read and write what the
/// layout says and compare nothing.
struct LastPair {
    bool no_v = false;    ///< the rows are too short for the last V: its functions go past the row for it
    bool swapped = false; ///< its functions write the last U and V in the wrong order
    bool misread = false; ///< and read them so
};

LastPair last_pair(const Format& format, int width) {
    if (width % 2 == 0) return {};
    const std::string& name = format.name;
    if (name == "NV12_10LE32" || name == "NV16_10LE32") return {(width + 2) / 3 * 3 <= width};
    if (name == "NV12_10BE_8L128") return {(width * 10 + 63) / 64 * 64 < (width + 1) * 10};
    if (name == "UYVP") return {format.shape(width, 1).plane[0].row_bytes * 8 < width * 20 + 10};
    return {false, name == "VYUY" || name == "NV61", name == "VYUY"};
}

void forget_last(Samples& samples, const LastPair& last) {
    for (const size_t c : {1, 2})
        for (auto& line : samples.row[c])
            if ((c == 2 && last.no_v) || last.misread) line.back() = 0;
}

struct Subject {
    GstVideoFormat gst;
    FormatPtr format;
};

const std::vector<Subject>& subjects() {
    static const std::vector<Subject> all = [] {
        std::vector<Subject> list;
        for (const GstVideoFormat gst : raw_formats())
            if (FormatPtr format = find_format(gst)) list.push_back({gst, std::move(format)});
        return list;
    }();
    return all;
}

void check_reading(const Subject& s, int width, int height, std::mt19937& random) {
    for (const Guard guard : {Guard::behind, Guard::before}) {
        FormatFrame frame(*s.format, width, height, guard, 0);
        REQUIRE(frame.planes() > 0);
        frame.randomise(random);
        Reference reference(s.gst, *s.format, width, height, 0x5A);
        reference.take(frame);
        Samples theirs = reference.unpack();
        for (const bool by_component : {false, true}) {
            Samples ours = test::read_all(*s.format, frame.view(), width, height, by_component);
            forget_last(ours, last_pair(*s.format, width));
            forget_last(theirs, last_pair(*s.format, width));
            CHECK((ours == theirs));
        }
        CHECK(frame.damaged() == 0);
    }
}

/// Bits that GStreamer's function sets, whatever was in memory before: the same after it wrote over 0 and over 255.
size_t wrong_bits(const FormatFrame& ours, const Reference& over_0, const Reference& over_255, const LastPair& last) {
    size_t wrong = 0;
    over_0.each_row([&](guint g, size_t i, int y) {
        const int pair = last.swapped && g + 1 == ours.planes() ? (g == 0 ? 4 : 2) : 0; // bytes
        for (int x = 0; x < ours.shape().plane[i].row_bytes - pair; ++x) {
            const uint8_t a = over_0.row(g, y)[x], b = over_255.row(g, y)[x];
            wrong += ((ours.row(i, y)[x] ^ a) & static_cast<uint8_t>(~(a ^ b))) != 0;
        }
    });
    return wrong;
}

bool same_bytes(const FormatFrame& a, const FormatFrame& b) {
    for (size_t i = 0; i < a.planes(); ++i)
        for (int y = 0; y < a.shape().plane[i].rows; ++y)
            if (std::memcmp(a.row(i, y), b.row(i, y), static_cast<size_t>(a.shape().plane[i].row_bytes)) != 0)
                return false;
    return true;
}

void check_writing(const Subject& s, int width, int height, std::mt19937& random) {
    const Format& format = *s.format;
    Samples samples(format, width, height);
    samples.randomise(format, random);
    Reference over_0(s.gst, format, width, height, 0), over_255(s.gst, format, width, height, 255);
    over_0.pack(samples);
    over_255.pack(samples);
    FormatFrame zeros(format, width, height, Guard::behind, 0), ones(format, width, height, Guard::before, 255);
    for (FormatFrame* frame : {&zeros, &ones}) {
        test::write_all(format, frame->view(), samples, width, height);
        CHECK(frame->damaged() == 0);
        CHECK(wrong_bits(*frame, over_0, over_255, last_pair(format, width)) == 0);
        if (format.name == "RGB8P") continue; // 217 colours
        Reference back(s.gst, format, width, height, 0x5A);
        back.take(*frame);
        Samples theirs = back.unpack(), wanted = samples;
        forget_last(theirs, last_pair(format, width));
        forget_last(wanted, last_pair(format, width));
        CHECK((theirs == wanted));
    }
    // What was in memory does not travel; only the padding of tiled pictures is left alone.
    const std::string way = way_of(s.gst);
    if (way == "words" || way == "stream") CHECK(same_bytes(zeros, ones));
}

/// Its line in docs/formats.md.
std::string line_of(const Subject& s) {
    const Format& f = *s.format;
    static const std::map<std::pair<int, int>, const char*> chroma = {
        {{0, 0}, "4:4:4"}, {{1, 0}, "4:2:2"}, {{1, 1}, "4:2:0"}, {{2, 0}, "4:1:1"}, {{2, 2}, "4:1:0"}};
    const std::string model = f.model == ColourModel::grey ? "grey"
                              : f.model == ColourModel::rgb
                                  ? "RGB"
                                  : std::string("YUV ") + chroma.at({f.log2_chroma_w, f.log2_chroma_h});
    std::string bits = std::to_string(f.depth[0]);
    if (f.components >= 3 && f.depth[1] != f.depth[0])
        bits += ", " + std::to_string(f.depth[1]) + ", " + std::to_string(f.depth[2]);
    const std::string alpha = f.has_alpha() ? std::to_string(f.depth[3]) : "-";
    return "| " + f.name + " | " + model + " | " + bits + " | " + alpha + " | " + way_of(s.gst) + " |";
}

std::string formats_document() {
    std::map<std::string, int> ways;
    std::ostringstream out;
    for (const Subject& s : subjects())
        ++ways[way_of(s.gst)];
    const gst::CharPtr version(gst_version_string());
    out << "<!-- SPDX-FileCopyrightText: gst-plugins-onair contributors -->\n"
           "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
           "# Raw formats\n\n"
           "swsconvertscale reads and writes every raw format of the GStreamer that it runs with. How, says the last "
           "column:\n\n"
           "- words: the engine's own codec, samples that lie in whole bytes or in one integer a pixel\n"
           "- stream: the engine's own codec, samples that cross the borders of bytes\n"
           "- tiled words, tiled stream: the same, behind one that collects a row from its tiles\n"
           "- GStreamer: through GStreamer's own functions for reading and writing rows of the format\n\n"
        << subjects().size() << " formats of " << version.get() << ":";
    const char* comma = " ";
    for (const auto& [way, count] : ways)
        out << std::exchange(comma, ", ") << count << " " << way;
    out << ". Made by `ONAIR_FORMATS_MD=docs/formats.md build/tests/element-sws-formats`; the test fails when a line "
           "is "
           "missing or wrong.\n\n"
           "Written RGB8P has the 217 colours of GStreamer's palette. At odd widths the last V of NV12_10LE32 and "
           "NV16_10LE32 (3, 9, 15, … pixels), of NV12_10BE_8L128 (19, 51, … pixels) and of UYVP (GStreamer 1.22 only) "
           "has no place in GStreamer's rows: the one before is read for it.\n\n"
           "| format | model | bits | alpha bits | way |\n|---|---|---|---|---|\n";
    for (const Subject& s : subjects())
        out << line_of(s) << "\n";
    return out.str();
}

} // namespace

TEST_CASE("docs/formats.md is right about each format") {
    if (const char* path = std::getenv("ONAIR_FORMATS_MD")) std::ofstream(path) << formats_document();
    const char* source = std::getenv("ONAIR_SOURCE_DIR");
    std::ifstream file(std::string(source ? source : ".") + "/docs/formats.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const Subject& s : subjects())
        CHECK_MESSAGE(text.find(line_of(s) + "\n") != std::string::npos, line_of(s));
}

TEST_CASE("every raw format of GStreamer is there") {
    std::map<std::string, int> ways;
    for (const GstVideoFormat gst : raw_formats()) {
        CHECK_MESSAGE(find_format(gst), gst_video_format_to_string(gst));
        ++ways[way_of(gst)];
    }
    CHECK(find_format(GST_VIDEO_FORMAT_ENCODED) == nullptr);
    CHECK(find_format(GST_VIDEO_FORMAT_UNKNOWN) == nullptr);
    CHECK(subjects().size() >= 111);
    std::printf("%zu raw formats:", subjects().size());
    for (const auto& [way, count] : ways)
        std::printf(" %d %s", count, way.c_str());
    std::printf("\n");
}

TEST_CASE("what a format is") {
    for (const Subject& s : subjects()) {
        const GstVideoFormatInfo& info = *gst_video_format_get_info(s.gst);
        CAPTURE(info.name);
        CHECK(s.format->name == info.name);
        CHECK((s.format->model == ColourModel::yuv) == GST_VIDEO_FORMAT_INFO_IS_YUV(&info));
        CHECK((s.format->model == ColourModel::rgb) == GST_VIDEO_FORMAT_INFO_IS_RGB(&info));
        if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&info)) continue;
        CHECK(s.format->components == static_cast<int>(info.n_components));
        for (guint c = 0; c < info.n_components; ++c)
            CHECK(s.format->depth[c] == static_cast<int>(std::min(info.depth[c], 16u)));
        if (s.format->model != ColourModel::yuv) continue;
        CHECK(s.format->log2_chroma_w == static_cast<int>(info.w_sub[1]));
        CHECK(s.format->log2_chroma_h == static_cast<int>(info.h_sub[1]));
    }
}

TEST_CASE("GStreamer's own layout holds the shape") {
    for (const Subject& s : subjects())
        for (int width = 1; width <= 70; ++width) {
            CAPTURE(s.format->name);
            CAPTURE(width);
            GstVideoInfo layout;
            gst_video_info_init(&layout);
            REQUIRE(gst_video_info_set_format(&layout, s.gst, static_cast<guint>(width), 5));
            const PictureShape shape = s.format->shape(width, 5);
            REQUIRE(shape.planes == static_cast<int>(layout.finfo->n_planes));
            for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i) {
                const auto g = static_cast<guint>(s.format->gst_plane[i]);
                const int stride = view_stride(*layout.finfo, g, layout.stride[g]);
                CHECK(stride >= shape.plane[i].row_bytes);
                CHECK(layout.offset[g] + static_cast<gsize>(stride) * static_cast<gsize>(shape.plane[i].rows) <=
                      layout.size);
            }
        }
}

TEST_CASE("read as GStreamer reads") {
    std::mt19937 random(1);
    for (const Subject& s : subjects()) {
        CAPTURE(s.format->name);
        for (const auto& [width, height] : sizes) {
            CAPTURE(width);
            CAPTURE(height);
            check_reading(s, width, height, random);
        }
        for (int width = 1; width <= 40; ++width) {
            CAPTURE(width);
            check_reading(s, width, 2, random);
        }
    }
}

TEST_CASE("written as GStreamer writes") {
    std::mt19937 random(2);
    for (const Subject& s : subjects()) {
        CAPTURE(s.format->name);
        for (const auto& [width, height] : sizes) {
            CAPTURE(width);
            CAPTURE(height);
            check_writing(s, width, height, random);
        }
        for (int width = 1; width <= 40; ++width) {
            CAPTURE(width);
            check_writing(s, width, 2, random);
        }
    }
}
