// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <memory>

/// Ownership of GStreamer's counted things, by their own unref functions.
namespace onair::gst {

template <auto Fn>
struct Releaser {
    template <class T>
    void operator()(T* p) const noexcept {
        Fn(p);
    }
};

template <class T, auto Fn>
using owned = std::unique_ptr<T, Releaser<Fn>>;

/// For types whose unref is `static inline` in GStreamer's headers: as template argument it would give the pointer's
/// type internal linkage, and g++ warns of every struct that has such a member.
template <class T>
struct MiniObjectReleaser {
    void operator()(T* p) const noexcept { gst_mini_object_unref(GST_MINI_OBJECT_CAST(p)); }
};
template <class T>
using owned_mini = std::unique_ptr<T, MiniObjectReleaser<T>>;

using CapsPtr = owned_mini<GstCaps>;
using BufferPtr = owned_mini<GstBuffer>;
using EventPtr = owned_mini<GstEvent>;
using SamplePtr = owned_mini<GstSample>;
using MessagePtr = owned_mini<GstMessage>;
using StructurePtr = owned<GstStructure, gst_structure_free>;
using PadPtr = owned<GstPad, gst_object_unref>;
using ElementPtr = owned<GstElement, gst_object_unref>;
using BufferPoolPtr = owned<GstBufferPool, gst_object_unref>;
using BusPtr = owned<GstBus, gst_object_unref>;
using CharPtr = owned<gchar, g_free>;
using ErrorPtr = owned<GError, g_error_free>;

} // namespace onair::gst
