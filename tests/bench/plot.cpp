// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

namespace onair::test {

namespace {

constexpr std::array colours{"#1b6ca8", "#c8c8c8", "#e0a030", "#6a9a3a"};
constexpr double left = 300, width = 640, bar = 9, gap = 10, top = 46;
constexpr double least = 0.5, most = 200; // ms

double at(double ms) { return left + width * std::log(std::clamp(ms, least, most) / least) / std::log(most / least); }

} // namespace

void Plot::write(const std::string& path) const {
    const double group = bar * static_cast<double>(series_.size()) + gap;
    const double height = top + group * static_cast<double>(groups_.size()) + 30;
    std::ofstream out(path);
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << left + width + 60 << "\" height=\"" << height
        << "\" font-family=\"sans-serif\" font-size=\"11\">\n<!-- SPDX-FileCopyrightText: gst-plugins-onair "
           "contributors -->\n"
        << "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n<rect width=\"100%\" height=\"100%\" "
           "fill=\"white\"/>\n";
    for (size_t i = 0; i < series_.size(); ++i)
        out << "<rect x=\"" << left + 160.0 * static_cast<double>(i) << "\" y=\"10\" width=\"10\" height=\"10\" fill=\""
            << colours[i % colours.size()] << "\"/><text x=\"" << left + 160.0 * static_cast<double>(i) + 15
            << "\" y=\"19\">" << series_[i] << "</text>\n";
    for (const double ms : {0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0})
        out << "<line x1=\"" << at(ms) << "\" x2=\"" << at(ms) << "\" y1=\"" << top - 8 << "\" y2=\"" << height - 24
            << "\" stroke=\"#ddd\"/><text x=\"" << at(ms) << "\" y=\"" << height - 10 << "\" text-anchor=\"middle\">"
            << ms << " ms</text>\n";
    double y = top;
    for (const Group& g : groups_) {
        out << "<text x=\"" << left - 8 << "\" y=\"" << y + group / 2 << "\" text-anchor=\"end\">" << g.name
            << "</text>\n";
        for (size_t i = 0; i < g.ms.size(); ++i)
            if (g.ms[i] > 0)
                out << "<rect x=\"" << left << "\" y=\"" << y + bar * static_cast<double>(i) << "\" width=\""
                    << at(g.ms[i]) - left << "\" height=\"" << bar - 1 << "\" fill=\"" << colours[i % colours.size()]
                    << "\"/>\n";
        out << "<line x1=\"" << at(g.mark) << "\" x2=\"" << at(g.mark) << "\" y1=\"" << y - 2 << "\" y2=\""
            << y + group - gap + 2 << "\" stroke=\"#c00\" stroke-width=\"2\"/>\n";
        y += group;
    }
    out << "</svg>\n";
}

} // namespace onair::test
