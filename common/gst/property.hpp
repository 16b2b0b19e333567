// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <glib-object.h>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <variant>

/// One table per element says everything about its properties: the field of the plain Settings struct, the names, the
/// range; the default is what a fresh Settings holds. Installing, setting and reading are derived from it.
namespace onair::gst {

/// An enum field: its GType is registered when the table is installed.
template <class S>
struct EnumField {
    int (*get)(const S&);
    void (*set)(S&, int);
    GType (*type)();
};

/// `enum_field<Settings, &Settings::method, method_get_type>()`
template <class S, auto Member, GType (*Type)()>
constexpr EnumField<S> enum_field() {
    return {[](const S& s) { return static_cast<int>(s.*Member); },
            [](S& s, int v) { s.*Member = static_cast<std::remove_reference_t<decltype(s.*Member)>>(v); }, Type};
}

/// A set of flags: its GType is registered when the table is installed.
template <class S>
struct FlagsField {
    unsigned S::*member;
    GType (*type)();
};

template <class S>
struct Property {
    using Field = std::variant<bool S::*, int S::*, unsigned S::*, int64_t S::*, uint64_t S::*, double S::*,
                               std::string S::*, EnumField<S>, FlagsField<S>>;
    Field field;
    const char* name;
    const char* nick;
    const char* blurb;
    double minimum = 0; ///< numbers only; minimum == maximum means the whole range of the type
    double maximum = 0;
    int flags = 0;           ///< GST_PARAM_MUTABLE_* and the like
    bool write_only = false; ///< secrets are never read back

    GParamSpec* spec() const {
        static const S defaults{};
        const auto f = static_cast<GParamFlags>((write_only ? G_PARAM_WRITABLE : G_PARAM_READWRITE) |
                                                G_PARAM_STATIC_STRINGS | flags);
        return std::visit([&](auto member) { return make_spec(defaults, member, f); }, field);
    }

    void set(S& s, const GValue* v) const {
        std::visit([&](auto member) { set_value(s, member, v); }, field);
    }

    void get(const S& s, GValue* v) const {
        std::visit([&](auto member) { get_value(s, member, v); }, field);
    }

  private:
    template <class T>
    T low() const {
        return minimum == maximum ? std::numeric_limits<T>::lowest() : static_cast<T>(minimum);
    }
    template <class T>
    T high() const {
        return minimum == maximum ? std::numeric_limits<T>::max() : static_cast<T>(maximum);
    }

    template <class T>
    GParamSpec* make_spec(const S& d, T S::*member, GParamFlags f) const {
        if constexpr (std::is_same_v<T, bool>)
            return g_param_spec_boolean(name, nick, blurb, d.*member, f);
        else if constexpr (std::is_same_v<T, int>)
            return g_param_spec_int(name, nick, blurb, low<int>(), high<int>(), d.*member, f);
        else if constexpr (std::is_same_v<T, unsigned>)
            return g_param_spec_uint(name, nick, blurb, low<unsigned>(), high<unsigned>(), d.*member, f);
        else if constexpr (std::is_same_v<T, int64_t>)
            return g_param_spec_int64(name, nick, blurb, low<int64_t>(), high<int64_t>(), d.*member, f);
        else if constexpr (std::is_same_v<T, uint64_t>)
            return g_param_spec_uint64(name, nick, blurb, low<uint64_t>(), high<uint64_t>(), d.*member, f);
        else if constexpr (std::is_same_v<T, double>)
            return g_param_spec_double(name, nick, blurb, low<double>(), high<double>(), d.*member, f);
        else
            return g_param_spec_string(name, nick, blurb, (d.*member).empty() ? nullptr : (d.*member).c_str(), f);
    }
    GParamSpec* make_spec(const S& d, EnumField<S> field_, GParamFlags f) const {
        return g_param_spec_enum(name, nick, blurb, field_.type(), field_.get(d), f);
    }
    GParamSpec* make_spec(const S& d, FlagsField<S> field_, GParamFlags f) const {
        return g_param_spec_flags(name, nick, blurb, field_.type(), d.*field_.member, f);
    }

    template <class T>
    static void set_value(S& s, T S::*member, const GValue* v) {
        if constexpr (std::is_same_v<T, bool>)
            s.*member = g_value_get_boolean(v);
        else if constexpr (std::is_same_v<T, int>)
            s.*member = g_value_get_int(v);
        else if constexpr (std::is_same_v<T, unsigned>)
            s.*member = g_value_get_uint(v);
        else if constexpr (std::is_same_v<T, int64_t>)
            s.*member = g_value_get_int64(v);
        else if constexpr (std::is_same_v<T, uint64_t>)
            s.*member = g_value_get_uint64(v);
        else if constexpr (std::is_same_v<T, double>)
            s.*member = g_value_get_double(v);
        else
            s.*member = g_value_get_string(v) ? g_value_get_string(v) : "";
    }
    static void set_value(S& s, EnumField<S> field_, const GValue* v) { field_.set(s, g_value_get_enum(v)); }
    static void set_value(S& s, FlagsField<S> field_, const GValue* v) { s.*field_.member = g_value_get_flags(v); }

    template <class T>
    static void get_value(const S& s, T S::*member, GValue* v) {
        if constexpr (std::is_same_v<T, bool>)
            g_value_set_boolean(v, s.*member);
        else if constexpr (std::is_same_v<T, int>)
            g_value_set_int(v, s.*member);
        else if constexpr (std::is_same_v<T, unsigned>)
            g_value_set_uint(v, s.*member);
        else if constexpr (std::is_same_v<T, int64_t>)
            g_value_set_int64(v, s.*member);
        else if constexpr (std::is_same_v<T, uint64_t>)
            g_value_set_uint64(v, s.*member);
        else if constexpr (std::is_same_v<T, double>)
            g_value_set_double(v, s.*member);
        else
            g_value_set_string(v, (s.*member).empty() ? nullptr : (s.*member).c_str());
    }
    static void get_value(const S& s, EnumField<S> field_, GValue* v) { g_value_set_enum(v, field_.get(s)); }
    static void get_value(const S& s, FlagsField<S> field_, GValue* v) { g_value_set_flags(v, s.*field_.member); }
};

/// Installs `table` as properties 1, 2, …; the id of a row is its index + 1.
template <class Table>
void install_properties(GObjectClass* klass, const Table& table) {
    guint id = 1;
    for (const auto& row : table)
        g_object_class_install_property(klass, id++, row.spec());
}

} // namespace onair::gst
