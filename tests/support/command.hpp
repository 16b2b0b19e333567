// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace onair::test {

/// What a program printed (both streams) and its exit status (-1: it was killed).
struct CommandResult {
    int status = -1;
    std::string output;
};

/// Runs `line` in a shell. Only for the tests' own words: nothing is quoted.
inline CommandResult run_command(const std::string& line) {
    CommandResult result;
    FILE* pipe = popen((line + " 2>&1").c_str(), "r");
    if (!pipe) return result;
    std::array<char, 4096> buffer{};
    while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.output.append(buffer.data(), n);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

inline bool have_program(const std::string& name) { return run_command("command -v " + name).status == 0; }

/// A directory of this test alone, removed with everything in it at the end of the scope.
class TempDir {
  public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "onair-test-XXXXXX").string();
        path_ = mkdtemp(name.data()) ? name : "";
    }
    ~TempDir() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

} // namespace onair::test
