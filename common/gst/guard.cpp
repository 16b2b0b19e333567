// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/guard.hpp"

namespace onair::gst {

namespace {

struct Row {
    ErrorKind kind;
    GQuark (*domain)();
    int code;
};

constexpr Row rows[] = {
    {ErrorKind::settings, gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS},
    {ErrorKind::negotiation, gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION},
    {ErrorKind::format, gst_stream_error_quark, GST_STREAM_ERROR_FORMAT},
    {ErrorKind::timing, gst_stream_error_quark, GST_STREAM_ERROR_MUX},
    {ErrorKind::library, gst_library_error_quark, GST_LIBRARY_ERROR_FAILED},
    {ErrorKind::resource, gst_resource_error_quark, GST_RESOURCE_ERROR_FAILED},
    {ErrorKind::not_found, gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND},
    {ErrorKind::open_write, gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_WRITE},
    {ErrorKind::read, gst_resource_error_quark, GST_RESOURCE_ERROR_READ},
    {ErrorKind::write, gst_resource_error_quark, GST_RESOURCE_ERROR_WRITE},
    {ErrorKind::no_space, gst_resource_error_quark, GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {ErrorKind::seek, gst_resource_error_quark, GST_RESOURCE_ERROR_SEEK},
    {ErrorKind::internal, gst_library_error_quark, GST_LIBRARY_ERROR_FAILED},
};

void post(GstElement* element, GstMessageType type, const Error& error, const std::source_location& at) noexcept {
    const DomainCode to = domain_code(error.kind());
    gst_element_message_full(element, type, to.domain, to.code, g_strdup(error.what()),
                             error.detail().empty() ? nullptr : g_strdup(error.detail().c_str()), at.file_name(),
                             at.function_name(), static_cast<gint>(at.line()));
}

} // namespace

DomainCode domain_code(ErrorKind kind) noexcept {
    for (const Row& row : rows)
        if (row.kind == kind) return {row.domain(), row.code};
    return {gst_library_error_quark(), GST_LIBRARY_ERROR_FAILED};
}

void post_error(GstElement* element, const Error& error, std::source_location at) noexcept {
    post(element, GST_MESSAGE_ERROR, error, at);
}

void post_warning(GstElement* element, const Error& error, std::source_location at) noexcept {
    post(element, GST_MESSAGE_WARNING, error, at);
}

} // namespace onair::gst
