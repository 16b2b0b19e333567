// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace onair::test {

/// A row of the decision table of docs/specs/delivery.md.
struct DecisionRow {
    std::string answer, meaning, action;
    bool says(const std::string& part) const { return action.find(part) != std::string::npos; }
};

/// Empty where the document is not there.
inline std::vector<DecisionRow> decision_table() {
    const char* root = std::getenv("ONAIR_SOURCE_DIR");
    std::ifstream document(std::string(root ? root : ".") + "/docs/specs/delivery.md");
    std::vector<DecisionRow> out;
    bool inside = false;
    for (std::string line; std::getline(document, line);) {
        if (line == "| answer | meaning | action |") {
            inside = true;
            std::getline(document, line); // |---|---|---|
        } else if (inside && line.starts_with("| ")) {
            const size_t first = line.find(" | "), second = line.find(" | ", first + 1), end = line.rfind(" |");
            out.push_back({line.substr(2, first - 2), line.substr(first + 3, second - first - 3),
                           line.substr(second + 3, end - second - 3)});
        } else if (inside) {
            break;
        }
    }
    return out;
}

} // namespace onair::test
