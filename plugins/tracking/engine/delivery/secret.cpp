// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/secret.hpp"

#include "engine/messages.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace onair::track {

namespace {

constexpr size_t max_token = 1024;

std::string read_file(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe without writer must not hang
    if (fd < 0) throw error(Msg::token_unreadable, {path, std::strerror(errno)}, "open");
    std::array<char, max_token + 1> buffer{};
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    const int failure = errno;
    close(fd);
    if (got < 0) throw error(Msg::token_unreadable, {path, std::strerror(failure)}, "read");
    return {buffer.data(), static_cast<size_t>(got)};
}

std::string checked(std::string_view text, const std::string& where) {
    const std::string_view token = trim(text.substr(0, text.find('\n')));
    if (token.empty()) throw error(Msg::token_unusable, {where, "it is empty"});
    const bool printable = std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!printable || token.size() > max_token - 1)
        throw error(Msg::token_unusable, {where, "it is no token (printable, without blanks, up to 1023 characters)"});
    return std::string(token);
}

} // namespace

std::string read_token(const std::string& file, const std::string& variable) {
    if (!file.empty()) return checked(read_file(file), file);
    const char* value = std::getenv(variable.c_str());
    if (!value && variable != token_variable)
        throw error(Msg::token_unusable, {"the environment variable " + variable, "it is not set"});
    if (!value) throw error(Msg::missing_token, {});
    return checked(value, "the environment variable " + variable);
}

} // namespace onair::track
