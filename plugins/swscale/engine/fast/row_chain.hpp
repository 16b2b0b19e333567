// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/fast_program.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Rows of integers, made when they are asked for, as engine/row_source.hpp has them of numbers: each asks the one
/// before it. Rows are u8 where all samples have 8 bits, else u16; pointers to those are aligned.
namespace onair::sws::fast {

/// Memory for a row that vectors may overrun on both sides. Begins a cache line: vectors that lie across two take twice
/// the time.
class RowBuffer {
  public:
    static constexpr size_t margin = 64; ///< bytes
    explicit RowBuffer(size_t bytes = 0) : bytes_(bytes + 3 * margin) {}
    uint8_t* data() {
        uint8_t* const at = bytes_.data() + margin;
        return at + (margin - reinterpret_cast<uintptr_t>(at) % margin) % margin;
    }

  private:
    std::vector<uint8_t> bytes_;
};

class Rows {
  public:
    virtual ~Rows() = default;
    /// Row 0 … height - 1. Valid until as many other rows were asked for as the source keeps.
    virtual const uint8_t* row(int y) = 0;
    /// The same into the caller's memory; `bytes` of it.
    virtual void make(int y, uint8_t* out, size_t bytes);
    /// From now on rows are made in this plane, past the caches if `streams`, and row() alone is asked. False where
    /// they cannot be.
    virtual bool write_to(const PlaneView&, bool /*streams*/) { return false; }
};

/// A plane of the source frame, its components as rows of `working` bits: in place where they are that already, else
/// unpacked, the last `kept` of them.
class PlaneRows {
  public:
    PlaneRows(const PlaneLayout& layout, const Format& format, int width, int height, int working, int kept);
    void begin(const PlaneView& view);
    /// Rows outside the plane are its outermost ones.
    const uint8_t* row(size_t at, int y);
    /// The bytes of a row as they lie in the plane.
    const uint8_t* raw(int y);
    /// Rows have to be unpacked: unpack_row() may do it into the caller's memory, which has room for a whole group
    /// more. Only packed 4:2:2 and v210 are streamed.
    bool is_packed() const { return !in_place_; }
    void unpack_row(int y, uint8_t* const out[4], Stores stores = Stores::cached);
    /// Rows are those of the frame itself.
    bool stays() const { return in_place_ && aligned_; }

  private:
    void unpack_pixels(const uint8_t* in, uint8_t* const out[4]);
    void unpack(const uint8_t* in, uint8_t* const out[4], Stores stores);

    PlaneLayout layout_;
    size_t columns_[4]{};
    size_t groups_ = 0, rest_ = 0; ///< of pairs, groups or blocks; luma samples behind the last whole one
    int rows_;
    bool wide_; ///< rows of u16
    int left_, right_;
    uint16_t mask_;
    bool in_place_ = false, aligned_ = true;
    PlaneView view_;
    std::vector<RowBuffer> ring_; ///< kept * components
    std::vector<int> held_;
    RowBuffer straight_; ///< a row whose memory is not aligned, or of bytes that become u16
    size_t row_bytes_;
};

/// One component of a plane.
class SourceRows : public Rows {
  public:
    SourceRows(PlaneRows& plane, size_t at) : plane_(plane), at_(at) {}
    const uint8_t* row(int y) override { return plane_.row(at_, y); }

  private:
    PlaneRows& plane_;
    size_t at_;
};

/// A plane's containers, whatever lies in them.
class RawRows : public Rows {
  public:
    explicit RawRows(PlaneRows& plane) : plane_(plane) {}
    const uint8_t* row(int y) override { return plane_.raw(y); }

  private:
    PlaneRows& plane_;
};

/// Every row the same.
class ConstantRows : public Rows {
  public:
    ConstantRows(uint16_t value, size_t columns, bool wide);
    const uint8_t* row(int) override { return row_.data(); }

  private:
    RowBuffer row_;
};

/// Blends rows, filters along them, and brings the sums to the output's depth: u8 at 8 bits, else u16.
class PlainRows : public Rows {
  public:
    /// `program` outlives this. Rows of the source are u16 if `wide`.
    PlainRows(Rows& source, const FastProgram::Component& program, size_t columns_in, size_t columns_out, int rows_in,
              bool wide, bool wide_out);
    const uint8_t* row(int y) override;
    void make(int y, uint8_t* out, size_t bytes) override;

  private:
    const uint8_t* source_row(int y);
    void blended(int y, uint8_t* out); ///< finished
    void sums(int y, uint16_t* out);   ///< not yet divided
    void filtered(const uint16_t* in, uint16_t* out);
    void finish(const uint16_t* in, uint8_t* out, int y) const;

    Rows& source_;
    const FastProgram::Component& program_;
    size_t columns_in_, columns_out_;
    int rows_in_;
    bool wide_, wide_out_;
    RowBuffer sums_, filtered_, out_;
};

} // namespace onair::sws::fast
