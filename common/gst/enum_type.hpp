// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

namespace onair::gst {

/// Registers a GEnum under `type_name` (process-global, so it carries the element's name) once and marks it as plugin
/// API. `values` lives as long as the process and ends with a zero row, as GLib wants it.
inline GType register_enum(const char* type_name, const GEnumValue* values) {
    if (const GType known = g_type_from_name(type_name)) return known;
    const GType type = g_enum_register_static(type_name, values);
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
    return type;
}

/// The same for a GFlags.
inline GType register_flags(const char* type_name, const GFlagsValue* values) {
    if (const GType known = g_type_from_name(type_name)) return known;
    const GType type = g_flags_register_static(type_name, values);
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
    return type;
}

} // namespace onair::gst
