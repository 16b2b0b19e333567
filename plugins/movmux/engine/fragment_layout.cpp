// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragments.hpp"
#include "engine/layout.hpp"

#include <utility>

namespace onair::mov {

namespace {

/// A movie that stays in fragments.
class FragmentLayout final : public Layout {
  public:
    FragmentLayout(Movie& movie, Output& output) : stream_(output), fragments_(movie, stream_) {}

    void begin() override { fragments_.begin(); }
    void add(size_t track, Piece piece) override { fragments_.add(track, std::move(piece)); }
    void finish() override { fragments_.finish(); }

  private:
    Stream stream_;
    Fragments fragments_;
};

} // namespace

std::unique_ptr<Layout> make_fragment_layout(Movie& movie, Output& output) {
    return std::make_unique<FragmentLayout>(movie, output);
}

} // namespace onair::mov
