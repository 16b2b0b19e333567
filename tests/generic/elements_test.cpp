// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What gst-inspect-1.0 shows of our elements, for all of them alike: a user's first look must be whole and true.
#include "common/gst/ref_ptr.hpp"
#include "onair-config.h"
#include "tests/support/command.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

using namespace onair;

namespace {

struct Known {
    const char* plugin;
    const char* element;
};
constexpr Known known[] = {{"swscale", "swsconvertscale"},
                           {"tcmovmux", "tcmovmux"},
                           {"tracking", "trackingsink"},
                           {"tracking", "trackingtap"}};

/// Runs `body` with the factory of each element whose plugin was built.
void for_each_factory(const std::function<void(const Known&, GstElementFactory*)>& body) {
    for (const Known& row : known) {
        GstElementFactory* factory = gst_element_factory_find(row.element);
        if (!factory) continue;
        const std::string element_name = row.element;
        CAPTURE(element_name);
        body(row, factory);
        gst_object_unref(factory);
    }
}

std::string metadata(GstElementFactory* factory, const char* key) {
    const gchar* text = gst_element_factory_get_metadata(factory, key);
    return text ? text : "";
}

std::string documentation_of(const char* element) {
    const char* source = std::getenv("ONAIR_SOURCE_DIR");
    std::ifstream file(std::string(source ? source : ".") + "/docs/elements/" + element + ".md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The properties that the element itself brings, not its parents in GStreamer.
std::vector<GParamSpec*> own_properties(GObject* object) {
    guint n = 0;
    GParamSpec** all = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &n);
    std::vector<GParamSpec*> own;
    std::copy_if(all, all + n, std::back_inserter(own),
                 [&](const GParamSpec* spec) { return spec->owner_type == G_OBJECT_TYPE(object); });
    g_free(all);
    return own;
}

bool is_kebab(const std::string& name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c == '-' || g_ascii_islower(c) || g_ascii_isdigit(c); });
}

} // namespace

TEST_CASE("every plugin that was built is there and says what it is") {
    int found = 0;
    for (const Known& row : known) {
        GstPlugin* plugin = gst_registry_find_plugin(gst_registry_get(), row.plugin);
        if (!plugin) continue;
        const std::string plugin_name = row.plugin;
        CAPTURE(plugin_name);
        ++found;
        CHECK(std::string(gst_plugin_get_version(plugin)) == ONAIR_VERSION);
        const std::string licence = gst_plugin_get_license(plugin);
        CHECK((licence == "LGPL" || (licence == "GPL" && std::string(row.plugin) != "tracking")));
        CHECK(std::string(gst_plugin_get_description(plugin)).size() > 20);
        gst_object_unref(plugin);
    }
    CHECK(found > 0);
}

TEST_CASE("metadata: author, class, description, documentation that exists") {
    for_each_factory([](const Known& row, GstElementFactory* factory) {
        CHECK(metadata(factory, GST_ELEMENT_METADATA_AUTHOR) == "gst-plugins-onair contributors");
        CHECK(metadata(factory, GST_ELEMENT_METADATA_LONGNAME).size() > 10);
        CHECK(metadata(factory, GST_ELEMENT_METADATA_KLASS).size() > 5);
        CHECK(metadata(factory, GST_ELEMENT_METADATA_DESCRIPTION).size() > 30);
        const std::string uri = metadata(factory, GST_ELEMENT_METADATA_DOC_URI);
        CHECK(uri.find(std::string("/elements/") + row.element + ".md") != std::string::npos);
        CHECK(documentation_of(row.element).size() > 500);
        CHECK(gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)) == GST_RANK_NONE);
        CHECK(gst_element_factory_get_num_pad_templates(factory) > 0);
    });
}

TEST_CASE("properties: names, full blurbs, a line in the documentation") {
    for_each_factory([](const Known& row, GstElementFactory* factory) {
        const gst::ElementPtr element(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_create(factory, nullptr))));
        const std::string documentation = documentation_of(row.element);
        const auto own = own_properties(G_OBJECT(element.get()));
        CHECK_FALSE(own.empty());
        for (GParamSpec* spec : own) {
            const std::string name = spec->name;
            CAPTURE(name);
            CHECK(is_kebab(name));
            const std::string blurb = g_param_spec_get_blurb(spec) ? g_param_spec_get_blurb(spec) : "";
            CHECK(blurb.size() > 20);
            CHECK(blurb != g_param_spec_get_nick(spec));
            CHECK(documentation.find("`" + name + "`") != std::string::npos);
        }
    });
}

TEST_CASE("properties: what is set is read back, secrets are not readable") {
    for_each_factory([](const Known&, GstElementFactory* factory) {
        const gst::ElementPtr element(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_create(factory, nullptr))));
        for (GParamSpec* spec : own_properties(G_OBJECT(element.get()))) {
            const std::string name = spec->name;
            CAPTURE(name);
            if (name.find("token") != std::string::npos && name.find("file") == std::string::npos)
                CHECK_FALSE((spec->flags & G_PARAM_READABLE));
            if ((spec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE) continue;
            GValue value = G_VALUE_INIT;
            g_value_init(&value, spec->value_type);
            g_param_value_set_default(spec, &value);
            g_object_set_property(G_OBJECT(element.get()), spec->name, &value);
            GValue back = G_VALUE_INIT;
            g_value_init(&back, spec->value_type);
            g_object_get_property(G_OBJECT(element.get()), spec->name, &back);
            CHECK(g_param_values_cmp(spec, &value, &back) == 0);
            g_value_unset(&value);
            g_value_unset(&back);
        }
    });
}

TEST_CASE("elements are made and dropped without a trace") {
    for_each_factory([](const Known&, GstElementFactory* factory) {
        for (int i = 0; i < 20; ++i) {
            const gst::ElementPtr element(
                GST_ELEMENT(gst_object_ref_sink(gst_element_factory_create(factory, nullptr))));
            CHECK(element);
        }
    });
}

TEST_CASE("gst-inspect-1.0 prints each element without a warning") {
    if (!test::have_program("gst-inspect-1.0")) return test::skip("needs gst-inspect-1.0");
#ifdef __SANITIZE_ADDRESS__
    return test::skip("gst-inspect-1.0 has no sanitizer and cannot load our plugins");
#endif
    test::ran();
    for_each_factory([](const Known& row, GstElementFactory*) {
        const auto shown = test::run_command(
            std::string("env -u GST_TRACERS GST_DEBUG=2 GST_DEBUG_NO_COLOR=1 gst-inspect-1.0 ") + row.element);
        CHECK(shown.status == 0);
        CHECK(shown.output.find("gst-plugins-onair contributors") != std::string::npos);
        for (const char* bad : {"WARN", "CRITICAL", "(null)", "ERROR"})
            CHECK_MESSAGE(shown.output.find(bad) == std::string::npos, shown.output);
    });
}
