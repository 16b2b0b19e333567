// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace onair::test {

/// Bars of milliseconds on a logarithmic scale, one group a case, with a mark where moving the bytes alone would be.
class Plot {
  public:
    explicit Plot(std::vector<std::string> series) : series_(std::move(series)) {}
    void add(std::string name, std::vector<double> ms, double mark) {
        groups_.push_back({std::move(name), std::move(ms), mark});
    }
    void write(const std::string& path) const;

  private:
    struct Group {
        std::string name;
        std::vector<double> ms; ///< 0: not measured
        double mark;
    };
    std::vector<std::string> series_;
    std::vector<Group> groups_;
};

} // namespace onair::test
