// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/output.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

extern "C" {
#include <libavformat/avio.h>
}

namespace onair::mov {

/// The AVIOContext through which libavformat writes to an Output.
///
/// libavformat writes a box with size 0, then its content, then seeks back for the size: hundreds of seeks in a movie
/// box. What it writes is therefore held until it is whole, seeks inside are done in memory, and the output sees few
/// large writes and only the seeks that are real (the size of `mdat`). Payload passes by: the context is direct, so
/// libavformat hands on the packet's own memory, which is recognised by its address.
class AvioBridge {
  public:
    explicit AvioBridge(Output& output);
    AvioBridge(const AvioBridge&) = delete;
    AvioBridge& operator=(const AvioBridge&) = delete;

    AVIOContext* context() noexcept { return context_.get(); }

    /// The packet that av_write_frame() is about to write; empty afterwards.
    void set_payload(std::span<const uint8_t> bytes) noexcept { payload_ = bytes; }

    /// Hands what is held to the output; a movie box is corrected first (movie_box.hpp).
    void flush() noexcept;

    /// The output has refused: nothing is written any more.
    bool stopped() const noexcept { return stopped_; }

  private:
    struct Free {
        void operator()(AVIOContext* context) const noexcept;
    };
    static int on_write(void* self, const uint8_t* data, int size) noexcept;
    static int64_t on_seek(void* self, int64_t offset, int whence) noexcept;
    int write(std::span<const uint8_t> bytes);
    bool is_payload(std::span<const uint8_t> bytes) const noexcept;

    Output& output_;
    std::unique_ptr<AVIOContext, Free> context_;
    std::span<const uint8_t> payload_;
    std::vector<uint8_t> held_; ///< bytes from held_at_, not yet given to the output
    uint64_t held_at_ = 0;
    uint64_t position_ = 0; ///< of the next byte that libavformat writes
    bool stopped_ = false;
};

} // namespace onair::mov
