// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/converter.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace onair::sws {

/// The last few converters by what they convert: making one costs as much as some frames, and settings and caps that
/// change often change back.
class ConverterCache {
  public:
    /// Throws Error when the request cannot be met. Valid until `most` others were asked for.
    Converter& get(const Request& request) {
        const auto found = std::find_if(converters_.begin(), converters_.end(),
                                        [&](const auto& c) { return c->request() == request; });
        if (found != converters_.end()) {
            std::rotate(converters_.begin(), found, found + 1);
            return *converters_.front();
        }
        auto made = std::make_unique<Converter>(request);
        if (converters_.size() == most) converters_.pop_back(); // each holds frames of its own
        converters_.insert(converters_.begin(), std::move(made));
        ++made_;
        return *converters_.front();
    }
    void clear() { converters_.clear(); }
    uint64_t made() const noexcept { return made_; } ///< converters since the beginning

    static constexpr size_t most = 4;

  private:
    std::vector<std::unique_ptr<Converter>> converters_; ///< the last used first
    uint64_t made_ = 0;
};

} // namespace onair::sws
