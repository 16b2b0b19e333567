// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/rational.hpp"

#include <doctest/doctest.h>

using onair::Rational;
using onair::scale_round;

TEST_CASE("fractions are reduced and ordered") {
    CHECK(Rational(60, 2) == Rational(30));
    CHECK(Rational(3, -6) == Rational(-1, 2));
    CHECK(Rational(5, 0) == Rational(0));
    CHECK(Rational(1, 3) < Rational(1, 2));
    CHECK(Rational(16, 9) * Rational(9, 16) == Rational(1));
    CHECK(Rational(2147483647, 2) * Rational(2, 2147483647) == Rational(1));
    CHECK(Rational(3) / Rational(4) == Rational(3, 4));
    CHECK(to_text(Rational(30000, 1001)) == "30000/1001");
}

TEST_CASE("rescaling rounds to nearest and does not overflow") {
    CHECK(scale_round(1, 1, 2) == 1);
    CHECK(scale_round(-1, 1, 2) == -1);
    CHECK(scale_round(1, 1, 3) == 0);
    CHECK(scale_round(2, 1, 3) == 1);
    CHECK(scale_round(INT64_C(86400000000000), 90000, 1000000000) == INT64_C(7776000000));
    CHECK(scale_round(INT64_MAX / 2, 3, 3) == INT64_MAX / 2);
}
