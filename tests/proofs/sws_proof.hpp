// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/elements/sws_pictures.hpp"
#include "tests/support/sws_reference.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What the proofs of swsconvertscale have in common: the running GStreamer's formats, properties that may not be
/// there, code values of a picture read and written by our own few lines.
namespace onair::test {

/// Every raw format of the running GStreamer: all but those that only name memory of another device or a codec.
inline std::vector<std::string> raw_formats() {
    static const std::set<std::string> opaque = {"ENCODED", "DMA_DRM", "AHARDWARE_BUFFER"};
    std::vector<std::string> names;
    auto* kinds = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_VIDEO_FORMAT));
    for (guint i = 0; i < kinds->n_values; ++i) {
        if (kinds->values[i].value < GST_VIDEO_FORMAT_ENCODED) continue;
        const char* name = gst_video_format_to_string(static_cast<GstVideoFormat>(kinds->values[i].value));
        if (name && !opaque.count(name)) names.emplace_back(name);
    }
    g_type_class_unref(kinds);
    return names;
}

/// Of these, those that the element's sink template has.
inline std::vector<std::string> offered_formats(const char* factory = "swsconvertscale") {
    std::vector<std::string> names;
    const gst::ElementPtr element(gst_element_factory_make(factory, nullptr));
    if (!element) return names;
    gst_object_ref_sink(element.get());
    GstPad* pad = gst_element_get_static_pad(element.get(), "sink");
    const gst::CapsPtr offered(gst_pad_get_pad_template_caps(pad));
    gst_object_unref(pad);
    for (const std::string& name : raw_formats()) {
        const gst::CapsPtr caps(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, name.c_str(), nullptr));
        if (gst_caps_can_intersect(offered.get(), caps.get())) names.push_back(name);
    }
    return names;
}

using Settings = std::vector<std::pair<std::string, std::string>>;

inline bool has_property(const char* factory, const std::string& name) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    if (!element) return false;
    const bool there = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str()) != nullptr;
    gst_object_unref(gst_object_ref_sink(element));
    return there;
}

/// A gst-launch element with those of the settings that it has; what it lacks is told once.
inline std::string element_with(const char* factory, const Settings& settings) {
    static std::set<std::string> known, lacking;
    std::string line = factory;
    for (const auto& [name, value] : settings) {
        const std::string key = std::string(factory) + " " + name;
        if (!known.count(key) && !lacking.count(key)) {
            (has_property(factory, name) ? known : lacking).insert(key);
            if (lacking.count(key)) std::fprintf(stderr, "%s has no property %s\n", factory, name.c_str());
        }
        if (known.count(key)) line += " " + name + "=" + value;
    }
    return line;
}

// --- code values -----------------------------------------------------------------------------------------------------

/// Where sample x of a row of component c is: 8 or 16 bit (or a 32-bit word of three samples in v210).
class SampleAccess {
  public:
    SampleAccess(const GstVideoFrame& frame, int c, int y) : format_(GST_VIDEO_FRAME_FORMAT(&frame)), c_(c) {
        const GstVideoFormatInfo* f = frame.info.finfo;
        const auto u = static_cast<size_t>(c);
        depth_ = f->depth[u];
        shift_ = f->shift[u];
        step_ = f->pixel_stride[u];
        // By name: P010_10LE and others lack the flag.
        big_ = std::strstr(f->name, "BE") != nullptr;
        row_ =
            static_cast<uint8_t*>(frame.data[f->plane[u]]) + static_cast<ptrdiff_t>(y) * frame.info.stride[f->plane[u]];
        if (format_ != GST_VIDEO_FORMAT_v210) row_ += f->poffset[u];
        if (u == 2 && format_ == GST_VIDEO_FORMAT_P010_10LE) ++row_; // its table has 1 for the second 16-bit word
        words_ = depth_ > 8 || shift_ > 7 || (f->pixel_stride[0] == 2 && depth_ < 8);
    }
    int get(int x) const {
        if (format_ == GST_VIDEO_FORMAT_v210) return static_cast<int>(word32(x) >> shift32(x) & 1023);
        const uint8_t* p = row_ + static_cast<ptrdiff_t>(x) * step_;
        const int word = !words_ ? p[0] : big_ ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
        return word >> shift_ & ((1 << depth_) - 1);
    }
    void set(int x, int value) {
        if (format_ == GST_VIDEO_FORMAT_v210) {
            const uint32_t word = (word32(x) & ~(1023u << shift32(x))) | static_cast<uint32_t>(value) << shift32(x);
            for (int i = 0; i < 4; ++i)
                row_[index(x) / 3 * 4 + i] = static_cast<uint8_t>(word >> 8 * i);
            return;
        }
        uint8_t* p = row_ + static_cast<ptrdiff_t>(x) * step_;
        if (!words_) {
            p[0] = static_cast<uint8_t>(value << shift_);
            return;
        }
        const int old = big_ ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
        const int word = (old & ~(((1 << depth_) - 1) << shift_)) | value << shift_;
        p[big_ ? 0 : 1] = static_cast<uint8_t>(word >> 8);
        p[big_ ? 1 : 0] = static_cast<uint8_t>(word);
    }

  private:
    // v210: Cb Y Cr Y, 10 bits each, three in a little-endian word.
    int index(int x) const { return c_ == 0 ? 2 * x + 1 : 4 * x + (c_ == 1 ? 0 : 2); }
    int shift32(int x) const { return index(x) % 3 * 10; }
    uint32_t word32(int x) const {
        const uint8_t* p = row_ + index(x) / 3 * 4;
        return p[0] | p[1] << 8 | p[2] << 16 | static_cast<uint32_t>(p[3]) << 24;
    }
    GstVideoFormat format_;
    int c_, depth_, shift_, step_;
    bool big_, words_;
    uint8_t* row_;
};

inline reference::Primaries primaries_of(GstVideoColorPrimaries p) {
    const GstVideoColorPrimariesInfo* i = gst_video_color_primaries_get_info(p);
    return {{i->Rx, i->Ry, i->Gx, i->Gy, i->Bx, i->By, i->Wx, i->Wy}};
}

inline reference::Transfer transfer_of(GstVideoTransferFunction t) {
    switch (t) {
    case GST_VIDEO_TRANSFER_SRGB:
        return reference::Transfer::srgb;
    case GST_VIDEO_TRANSFER_SMPTE240M:
        return reference::Transfer::smpte240m;
    case GST_VIDEO_TRANSFER_GAMMA22:
        return reference::Transfer::gamma22;
    case GST_VIDEO_TRANSFER_GAMMA10:
        return reference::Transfer::linear;
    case GST_VIDEO_TRANSFER_SMPTE2084:
        return reference::Transfer::pq;
    case GST_VIDEO_TRANSFER_ARIB_STD_B67:
        return reference::Transfer::hlg;
    default:
        return reference::Transfer::bt709;
    }
}

/// What the caps say, in the reference's terms.
inline reference::Side side_of(const GstVideoInfo& info) {
    reference::Side s;
    s.model = GST_VIDEO_INFO_IS_RGB(&info)    ? reference::Model::rgb
              : GST_VIDEO_INFO_IS_GRAY(&info) ? reference::Model::grey
                                              : reference::Model::yuv;
    s.components = static_cast<int>(GST_VIDEO_INFO_N_COMPONENTS(&info));
    for (int c = 0; c < s.components; ++c)
        s.depth[static_cast<size_t>(c)] = static_cast<int>(GST_VIDEO_INFO_COMP_DEPTH(&info, c));
    if (s.model == reference::Model::yuv) {
        s.sub_w = 1 << GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, 1);
        s.sub_h = 1 << GST_VIDEO_FORMAT_INFO_H_SUB(info.finfo, 1);
    }
    s.full = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    gst_video_color_matrix_get_Kr_Kb(info.colorimetry.matrix, &s.kr, &s.kb);
    s.site_known = info.chroma_site != GST_VIDEO_CHROMA_SITE_UNKNOWN;
    s.cosited_w = info.chroma_site & GST_VIDEO_CHROMA_SITE_H_COSITED;
    s.cosited_h = info.chroma_site & GST_VIDEO_CHROMA_SITE_V_COSITED;
    s.transfer = transfer_of(info.colorimetry.transfer);
    s.primaries = primaries_of(info.colorimetry.primaries);
    return s;
}

inline reference::Samples read_samples(const Pic& pic) {
    const gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_READ);
    const reference::Side side = side_of(pic.info);
    reference::Samples samples;
    for (int c = 0; c < side.components; ++c)
        for (int y = 0; y < side.rows(c, pic.info.height); ++y) {
            const SampleAccess row(map.frame(), c, y);
            for (int x = 0; x < side.columns(c, pic.info.width); ++x)
                samples[static_cast<size_t>(c)].push_back(row.get(x));
        }
    return samples;
}

/// A picture of these code values (whole numbers); what no sample lies in is 0.
inline Pic write_samples(const GstVideoInfo& info, const reference::Samples& samples) {
    Pic pic{info, gst::BufferPtr(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr))};
    gst_buffer_memset(pic.buffer.get(), 0, 0, GST_VIDEO_INFO_SIZE(&info));
    const gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_WRITE);
    const reference::Side side = side_of(info);
    for (int c = 0; c < side.components; ++c) {
        const int columns = side.columns(c, info.width);
        for (int y = 0; y < side.rows(c, info.height); ++y) {
            SampleAccess row(map.frame(), c, y);
            for (int x = 0; x < columns; ++x)
                row.set(x, static_cast<int>(samples[static_cast<size_t>(c)][static_cast<size_t>(y * columns + x)]));
        }
    }
    return pic;
}

} // namespace onair::test
