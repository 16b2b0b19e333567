// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/messages.hpp"

#include <doctest/doctest.h>

using namespace onair;

TEST_CASE("placeholders") {
    CHECK(fill("{0} and {1}", {"a", "b"}) == "a and b");
    CHECK(fill("{1}{0}{1}", {"a", "b"}) == "bab");
    CHECK(fill("{2} {x} {", {"a"}) == "{2} {x} {");
    CHECK(fill("", {}) == "");
    CHECK(fill("{0}", {"{0}"}) == "{0}");
}

TEST_CASE("trim and lower") {
    CHECK(trim(" \t a b\r\n") == "a b");
    CHECK(trim("  ").empty());
    CHECK(ascii_lower("AbÄ") == "abÄ");
    CHECK(size_text(3840, 2160) == "3840x2160");
}

TEST_CASE("a row of a message table becomes an error") {
    enum class Id { a, b };
    constexpr MessageRow<Id> table[] = {{Id::a, ErrorKind::format, "size {0}"}, {Id::b, ErrorKind::seek, "b"}};
    const Error e = make_error(table, Id::a, {"1x1"}, "detail");
    CHECK(std::string(e.what()) == "size 1x1");
    CHECK(e.detail() == "detail");
    CHECK(e.kind() == ErrorKind::format);
}
