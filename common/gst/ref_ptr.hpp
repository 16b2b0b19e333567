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

using CapsPtr = owned<GstCaps, gst_caps_unref>;
using BufferPtr = owned<GstBuffer, gst_buffer_unref>;
using EventPtr = owned<GstEvent, gst_event_unref>;
using SamplePtr = owned<GstSample, gst_sample_unref>;
using MessagePtr = owned<GstMessage, gst_message_unref>;
using StructurePtr = owned<GstStructure, gst_structure_free>;
using PadPtr = owned<GstPad, gst_object_unref>;
using ElementPtr = owned<GstElement, gst_object_unref>;
using BufferPoolPtr = owned<GstBufferPool, gst_object_unref>;
using BusPtr = owned<GstBus, gst_object_unref>;
using CharPtr = owned<gchar, g_free>;
using ErrorPtr = owned<GError, g_error_free>;

} // namespace onair::gst
