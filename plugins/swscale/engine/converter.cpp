// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/converter.hpp"

#include "common/base/error.hpp"
#include "engine/fast/simd.hpp"
#include "engine/field_converter.hpp"
#include "engine/messages.hpp"

namespace onair::sws {

namespace {

void require_fit(const FrameView& view, const PictureShape& shape, const Format& format, int width, int height) {
    const int plane = first_misfit(view, shape);
    if (plane < 0) return;
    const PlaneView& v = view.plane[static_cast<size_t>(plane)];
    const PlaneShape& s = shape.plane[static_cast<size_t>(plane)];
    throw error(Msg::bad_layout,
                {size_text(width, height), format.name, std::to_string(plane), std::to_string(v.stride),
                 std::to_string(s.row_bytes), std::to_string(s.rows), std::to_string(v.room)});
}

PictureShape shape_in(const Side& side) { return side.format->shape(side.width, side.height); }

} // namespace

Converter::Converter(const Request& request)
    : request_(request), source_(request.window.value_or(whole(request.in))),
      src_shape_(request.in.format->shape(source_.frame_width, source_.frame_height)),
      frame_shape_(request.out.format->shape(request.placement.frame_width, request.placement.frame_height)) {
    if (request.two_fields) {
        fields_ = std::make_unique<FieldConverter>(request);
        return;
    }
    try {
        build(plan_stages(request));
    } catch (const Error& e) {
        // A pair of sizes that libswscale does not take: our own scaler does.
        if (request.engine != Engine::automatic || links_.empty()) throw;
        build(plan_own_pass(request, std::string("libswscale refused: ") + e.what()));
    }
}

Converter::~Converter() = default;

void Converter::build(const std::vector<Stage>& stages) {
    links_.clear();
    for (const Stage& stage : stages) {
        Link& link = links_.emplace_back(Link{stage, nullptr, nullptr, nullptr, nullptr, nullptr});
        if (stage.kind == Stage::Kind::own)
            link.own = std::make_unique<NativePass>(
                make_program(stage.in, stage.out, stage.placement, stage.quality, stage.window), request_.threads);
        if (stage.kind == Stage::Kind::fast)
            link.fast = std::make_unique<fast::FastPass>(stage.program, request_.threads);
        if (stage.kind == Stage::Kind::turn) link.turn = std::make_unique<TurnPass>(stage, request_.threads);
        if (stage.kind == Stage::Kind::swscale) link.sws = std::make_unique<SwsStage>(stage, request_.threads);
        if (links_.size() < stages.size()) link.result = std::make_unique<ScratchFrame>(shape_in(stage.out));
    }
}

void Converter::convert(const FrameView& src, const FrameView& dst, Executor& executor) {
    require_fit(src, src_shape_, *request_.in.format, source_.frame_width, source_.frame_height);
    require_fit(dst, frame_shape_, *request_.out.format, request_.placement.frame_width,
                request_.placement.frame_height);
    if (fields_) return fields_->convert(src, dst, executor);
    const FrameView* from = &src;
    for (Link& link : links_) {
        const FrameView* to = link.result ? &link.result->view() : &dst;
        if (link.fast)
            link.fast->run(*from, *to, executor);
        else if (link.own)
            link.own->run(*from, *to, executor);
        else if (link.turn)
            link.turn->run(*from, *to, executor);
        else if (link.sws)
            link.sws->run(*from, *to);
        else
            copy_rows(*from, *to, shape_in(link.stage.in)); // a whole frame
        from = to;
    }
}

std::vector<Converter::Running> Converter::stages() const {
    if (fields_) return fields_->stages();
    std::vector<Running> out;
    for (const Link& link : links_) {
        Running r{link.stage};
        if (link.own) r.threads = link.own->bands();
        if (link.fast) {
            r.threads = link.fast->threads();
            r.stage.why += ", " + fast::simd_target();
        }
        if (link.turn) r.threads = link.turn->bands();
        if (link.sws) r.threads = link.sws->threads();
        out.push_back(std::move(r));
    }
    count_bounced(out);
    return out;
}

void Converter::count_bounced(std::vector<Running>& stages) const {
    if (fields_) return fields_->count_bounced(stages);
    for (size_t i = 0; i < stages.size() && i < links_.size(); ++i) {
        if (!links_[i].sws) continue;
        stages[i].bounced_in = links_[i].sws->bounced_in();
        stages[i].bounced_out = links_[i].sws->bounced_out();
    }
}

} // namespace onair::sws
