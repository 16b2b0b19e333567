// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace onair::track {

/// The fields of an event that may leave. Everything else does not: an empty list lets nothing pass.
///
/// A field is named by its path ("order.revenue"); arrays are looked through ("order.items.sku"); a field that is an
/// object or array is taken with all inside only when ".*" follows ("dims.*"). "*" is everything.
class AllowList {
  public:
    AllowList() = default;
    explicit AllowList(std::span<const std::string_view> paths);
    void add(std::string_view path);
    /// All fields of a profile. False: there is none of this name.
    bool add_profile(std::string_view name);

    /// The scalar at this path passes.
    bool allows(std::string_view path) const;

    /// A copy of the event with nothing but what is allowed. Objects that come out empty are left out.
    json::Document apply(const json::Value& event) const;
    bool empty() const { return !root_.whole && root_.fields.empty(); }

    /// purchase, matomo, anonymous, all; nothing for another name.
    static std::optional<AllowList> profile(std::string_view name);

    struct Node {
        bool whole = false;
        std::map<std::string, Node, std::less<>> fields;
    };

  private:
    Node root_;
};

/// The path has the form of a list's entry.
bool is_path(std::string_view path);

} // namespace onair::track
