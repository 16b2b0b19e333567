// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/scaled_plane.hpp"

#include <algorithm>
#include <cstdint>

namespace onair::sws::fast {

class ScaledPlane::Component : public Rows {
  public:
    Component(ScaledPlane& owner, int component, size_t at, const Scaling& scaling, int kept, int log2_rows,
              size_t columns, bool wide_out)
        : component_(component), at_(at), log2_rows_(log2_rows), scaling_(scaling), owner_(owner),
          scaled_(scaling.scaler(kept)), wide_out_(wide_out), row_(columns * (wide_out ? 2 : 1)) {}

    const uint8_t* row(int y) override {
        make(y, row_.data(), 0);
        return row_.data();
    }
    void make(int y, uint8_t* out, size_t) override {
        owner_.reach(*this, y);
        if (wide_out_)
            scaled_->make(y, reinterpret_cast<uint16_t*>(out));
        else
            scaled_->make(y, out);
    }
    Scaler& scaled() { return *scaled_; }
    void push(const uint8_t* samples, int y, bool wide, bool stays) {
        if (wide)
            push(reinterpret_cast<const uint16_t*>(samples), y, stays);
        else
            push(samples, y, stays);
    }

    const int component_;
    const size_t at_; ///< in the plane
    const int log2_rows_;
    const Scaling& scaling_;

  private:
    template <class T>
    void push(const T* samples, int y, bool stays) {
        if (stays)
            scaled_->hold(samples, y);
        else
            scaled_->push(samples, y);
    }

    ScaledPlane& owner_;
    std::unique_ptr<Scaler> scaled_;
    bool wide_out_;
    RowBuffer row_;
};

ScaledPlane::ScaledPlane(PlaneRows& plane, const PlaneLayout& layout, const ScaleProgram& program, const Format& out,
                         int width, bool wide, bool wide_out)
    : plane_(plane), wide_(wide), direct_(wide && plane.is_packed()) {
    for (size_t i = 0; i < static_cast<size_t>(layout.components); ++i) {
        const int c = layout.component[i];
        const size_t n = static_cast<size_t>(c);
        if (n < program.component.size()) // of components that the output has
            components_.push_back(std::make_unique<Component>(*this, c, i, *program.component[n], program.kept[n],
                                                              out.is_chroma(c) ? out.log2_chroma_h : 0,
                                                              static_cast<size_t>(out.columns(c, width)), wide_out));
        direct_ = direct_ && n < program.component.size() && components_.back()->scaled().room(0);
    }
}

ScaledPlane::~ScaledPlane() = default;

void ScaledPlane::begin() {
    next_ = -1;
    for (const auto& c : components_)
        c->scaled().begin();
}

Rows* ScaledPlane::rows(int component) {
    for (const auto& c : components_)
        if (c->component_ == component) return c.get();
    return nullptr;
}

void ScaledPlane::reach(const Component& component, int y) {
    if (next_ < 0) {
        next_ = INT32_MAX;
        for (const auto& c : components_)
            next_ = std::min(next_, c->scaling_.reach((y << component.log2_rows_) >> c->log2_rows_).first);
    }
    for (const int last = component.scaling_.reach(y).last; next_ <= last; ++next_)
        push(next_);
}

void ScaledPlane::push(int row) {
    if (!direct_) {
        for (const auto& c : components_)
            c->push(plane_.row(c->at_, row), row, wide_, plane_.stays());
        return;
    }
    uint8_t* out[4] = {};
    for (const auto& c : components_)
        out[c->at_] = reinterpret_cast<uint8_t*>(c->scaled().room(row));
    plane_.unpack_row(row, out);
    for (const auto& c : components_)
        c->scaled().pushed(row);
}

} // namespace onair::sws::fast
