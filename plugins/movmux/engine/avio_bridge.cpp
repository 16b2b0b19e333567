// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/avio_bridge.hpp"

#include "common/av/av_compat.hpp"
#include "engine/movie_box.hpp"

#include <algorithm>
#include <exception>
#include <new>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

namespace onair::mov {

namespace {

constexpr int buffer_size = 64 * 1024; // of small writes; payload does not pass through it

} // namespace

void AvioBridge::Free::operator()(AVIOContext* context) const noexcept {
    av_freep(&context->buffer);
    avio_context_free(&context);
}

AvioBridge::AvioBridge(Output& output) : output_(output) {
    auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
    if (!buffer) throw std::bad_alloc();
#if ONAIR_HAVE_CONST_AVIO_WRITE
    const auto writer = &AvioBridge::on_write;
#else
    const auto writer = [](void* self, uint8_t* data, int size) noexcept { return on_write(self, data, size); };
#endif
    context_.reset(avio_alloc_context(buffer, buffer_size, 1, this, nullptr, writer, &AvioBridge::on_seek));
    if (!context_) {
        av_free(buffer);
        throw std::bad_alloc();
    }
    context_->direct = 1;
}

void AvioBridge::flush() noexcept {
    try {
        if (is_movie_box(held_)) held_ = corrected_movie_box(held_);
    } catch (const std::bad_alloc&) { // libavformat's own box is readable as well
    }
    if (!held_.empty() && !stopped_) stopped_ = !output_.write(held_at_, held_);
    held_.clear();
}

bool AvioBridge::is_payload(std::span<const uint8_t> bytes) const noexcept {
    return !payload_.empty() && bytes.data() >= payload_.data() &&
           bytes.data() + bytes.size() <= payload_.data() + payload_.size();
}

int AvioBridge::write(std::span<const uint8_t> bytes) {
    if (is_payload(bytes)) {
        flush();
        if (!stopped_) stopped_ = !output_.write_payload(position_, bytes);
    } else {
        const bool inside = position_ >= held_at_ && position_ <= held_at_ + held_.size();
        if (!inside) flush();
        if (held_.empty()) held_at_ = position_;
        const size_t at = static_cast<size_t>(position_ - held_at_);
        held_.resize(std::max(held_.size(), at + bytes.size()));
        std::copy(bytes.begin(), bytes.end(), held_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    position_ += bytes.size();
    return stopped_ ? AVERROR_EXTERNAL : static_cast<int>(bytes.size());
}

int AvioBridge::on_write(void* self, const uint8_t* data, int size) noexcept {
    auto& bridge = *static_cast<AvioBridge*>(self);
    if (bridge.stopped_) return AVERROR_EXTERNAL;
    try {
        return bridge.write({data, static_cast<size_t>(size)});
    } catch (const std::exception&) {
        return AVERROR(ENOMEM);
    }
}

int64_t AvioBridge::on_seek(void* self, int64_t offset, int whence) noexcept {
    auto& bridge = *static_cast<AvioBridge*>(self);
    if (whence != SEEK_SET || offset < 0) return AVERROR(ENOSYS); // the size of the output is nobody's business
    bridge.position_ = static_cast<uint64_t>(offset);
    return offset;
}

} // namespace onair::mov
