// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <stdexcept>

namespace onair::track {

namespace {

constexpr uint32_t match_limit = 20'000; ///< calls of the matcher; about a millisecond
constexpr uint32_t depth_limit = 1'000;
constexpr uint32_t heap_limit_kib = 1024;
constexpr size_t longest = 4096; ///< bytes of a pattern

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const noexcept {
        Free(p);
    }
};

} // namespace

struct Pattern::Code {
    std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>> code;
    std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>> context{
        pcre2_match_context_create(nullptr)};
};

Pattern::Pattern(std::string_view text) : code_(std::make_unique<Code>()) {
    if (text.size() > longest) throw std::invalid_argument("it is longer than 4096 bytes");
    int code = 0;
    PCRE2_SIZE at = 0;
    code_->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                    PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, nullptr));
    if (!code_->code) {
        std::array<PCRE2_UCHAR, 256> words{};
        pcre2_get_error_message(code, words.data(), words.size());
        throw std::invalid_argument(std::string(reinterpret_cast<const char*>(words.data())) + " (at " +
                                    std::to_string(at) + ")");
    }
    if (!code_->context) throw std::bad_alloc();
    pcre2_set_match_limit(code_->context.get(), match_limit);
    pcre2_set_depth_limit(code_->context.get(), depth_limit);
    pcre2_set_heap_limit(code_->context.get(), heap_limit_kib);
}

Pattern::~Pattern() = default;

Pattern::Match Pattern::match(std::string_view text) const {
    const std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>> data(pcre2_match_data_create(1, nullptr));
    if (!data) return Match::gave_up;
    const int code = pcre2_match(code_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                                 data.get(), code_->context.get());
    if (code >= 0) return Match::yes;
    return code == PCRE2_ERROR_NOMATCH ? Match::no : Match::gave_up;
}

} // namespace onair::track
