// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// swsconvertscale beside videoconvertscale, sws_scale_frame() of the installed FFmpeg and zimg, on the formats that
// broadcast uses at 3840x2160. Prints Markdown tables; --svg FILE draws them.
//
//   convert-bench [--rounds N] [--seconds S] [--frames N] [--case TEXT] [--svg FILE]
//
// First, on a small picture full of detail, how far each of them is from docs/specs/conversion.md. A peer that is
// further off than the contract allows is marked *: it is listed, but not in the race.
//
// Each of them has N frames on each side (1) and takes them in turn, as a pipeline takes them from its pools; with one,
// frames of up to some MB stay in the cache.
//
// A round runs each of them in turn for at least S seconds on one thread count; figures are medians of the rounds,
// ratios medians of the rounds' ratios. "move" is the time to move the source's bytes once and the destination's bytes
// once at the rate of a memcpy() on this machine: nothing that reads and writes frames in memory takes less.
#include "tests/bench/frame_peers.hpp"
#include "tests/bench/meter.hpp"
#include "tests/bench/peer_errors.hpp"
#include "tests/bench/plot.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>

using namespace onair::test;

namespace {

constexpr size_t n_peers = 4; // ours first
constexpr const char* peer_names[n_peers] = {"swsconvertscale", "videoconvertscale", "libswscale", "zimg"};
/// C of their bicubic kernels; B is 0.
constexpr double kernels[n_peers] = {0.6, 0.5, 0.6, 0.5};

constexpr ElementJob jobs[] = {
    {"v210", 3840, 2160, "I422_10LE", 3840, 2160}, {"I422_10LE", 3840, 2160, "v210", 3840, 2160},
    {"UYVY", 3840, 2160, "I422_10LE", 3840, 2160}, {"I422_10LE", 3840, 2160, "UYVY", 3840, 2160},
    {"UYVY", 3840, 2160, "I420", 3840, 2160},      {"P010_10LE", 3840, 2160, "NV12", 3840, 2160},
    {"I420", 3840, 2160, "NV12", 3840, 2160},      {"I420", 3840, 2160, "BGRA", 3840, 2160},
    {"BGRA", 3840, 2160, "NV12", 3840, 2160},      {"BGRA", 3840, 2160, "I422_10LE", 3840, 2160},
    {"I420", 3840, 2160, "I420", 1920, 1080},      {"I422_10LE", 3840, 2160, "I422_10LE", 1920, 1080},
    {"I420", 1920, 1080, "I420", 3840, 2160},      {"I422_10LE", 1920, 1080, "I422_10LE", 3840, 2160},
    {"v210", 3840, 2160, "I420", 1920, 1080},      {"I422_10LE", 3840, 2160, "I420", 1920, 1080},
};

struct Options {
    int rounds = 9;
    double seconds = 1.5;
    size_t frames = 1;
    std::string only, svg;
};

/// One peer's frames of one round.
struct Run {
    double ms;
    std::optional<double> instructions;
};

struct Result {
    std::array<std::vector<double>, n_peers> times, ratios; ///< a value a round; ratios to ours
    std::optional<double> instructions;                     ///< ours
};

std::string name_of(const ElementJob& job) {
    const auto size = [](int height) { return " " + std::to_string(height); };
    return std::string(job.in) + size(job.in_height) + " to " + job.out + size(job.out_height);
}

bool is_wanted(const ElementJob& job, const Options& options) {
    return name_of(job).find(options.only) != std::string::npos;
}

double bytes_of(const ElementJob& job) {
    return static_cast<double>(GST_VIDEO_INFO_SIZE(std::array{info_of(job.in, job.in_width, job.in_height)}.data())) +
           static_cast<double>(GST_VIDEO_INFO_SIZE(std::array{info_of(job.out, job.out_width, job.out_height)}.data()));
}

Run run(Peer& peer, double seconds, const InstructionCounter& counter) {
    const auto before = counter.read();
    double sum = 0;
    int frames = 0;
    do {
        sum += peer.run();
        ++frames;
    } while (sum < seconds * 1000);
    const auto after = counter.read();
    Run out{sum / frames, std::nullopt};
    if (before && after) out.instructions = static_cast<double>(*after - *before) / frames;
    return out;
}

using Peers = std::array<std::unique_ptr<Peer>, n_peers>;

Peers make_peers(const ElementJob& job, int threads) {
    const bool scaled = job.in_height != job.out_height;
    const std::string n = " n-threads=" + std::to_string(threads);
    return {std::make_unique<ElementPeer>("swsconvertscale" + n, job),
            std::make_unique<ElementPeer>(std::string("videoconvertscale") + (scaled ? " method=catrom" : "") + n, job),
            make_sws_peer(job, threads), threads == 1 ? make_zimg_peer(job) : nullptr};
}

Result measure(const ElementJob& job, int threads, const Options& options, const InstructionCounter& counter) {
    const Peers peers = make_peers(job, threads);
    Result result;
    std::vector<double> instructions;
    for (int round = -1; round < options.rounds; ++round) { // the first warms up
        double ours = 0;
        for (size_t i = 0; i < n_peers; ++i) {
            if (!peers[i]) continue;
            const Run r = run(*peers[i], round < 0 ? 0 : options.seconds, counter);
            if (i == 0) ours = r.ms;
            if (round < 0) continue;
            if (i == 0 && r.instructions) instructions.push_back(*r.instructions);
            result.times[i].push_back(r.ms);
            result.ratios[i].push_back(r.ms / ours);
        }
    }
    if (!instructions.empty()) result.instructions = median(instructions);
    return result;
}

std::string cell(const std::vector<double>& values, const char* format) {
    if (values.empty()) return "-";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, median(values));
    return text.data();
}

struct Mean {
    double sum = 0;
    int n = 0;
    void add(const std::vector<double>& ratios) {
        if (ratios.empty()) return;
        sum += std::log(median(ratios));
        ++n;
    }
    std::string text() const {
        if (n == 0) return "-";
        char out[32];
        std::snprintf(out, sizeof out, "%.2f (%d)", std::exp(sum / n), n);
        return out;
    }
};

/// Who is as exact as the contract, a row for each of `jobs`.
using Race = std::vector<std::array<bool, n_peers>>;

Race print_errors(const Options& options) {
    std::printf(
        "\nLargest and rms error in codes of the output, pictures of 192x96 or smaller. *: over the contract, "
        "listed below but not in the race\n\n| case | swsconvertscale | videoconvertscale | libswscale | zimg |\n"
        "|---|---|---|---|---|\n");
    Race race;
    for (const ElementJob& job : jobs) {
        auto& raced = race.emplace_back();
        if (!is_wanted(job, options)) continue;
        const ElementJob small = small_job(job);
        const Peers peers = make_peers(small, 1);
        std::printf("| %s |", name_of(job).c_str());
        for (size_t i = 0; i < n_peers; ++i) {
            const CodeError e = peers[i]
                                    ? error_of(*peers[i], small, {reference::ScaleKernel::Shape::cubic, 0, kernels[i]})
                                    : CodeError{};
            raced[i] = e.largest <= allowed_error(job);
            std::printf(" %s%s |", e.text().c_str(), raced[i] ? "" : " *");
        }
        std::printf("\n");
    }
    return race;
}

/// What the race says: the cases that a peer as exact wins by more than 5 %.
std::string slower_than(const Result& r, const std::array<bool, n_peers>& raced, const ElementJob& job) {
    std::string text;
    for (size_t i = 1; i < n_peers; ++i)
        if (raced[i] && !r.ratios[i].empty() && median(r.ratios[i]) < 0.95)
            text +=
                "\n- " + name_of(job) + ": " + peer_names[i] + " takes " + cell(r.ratios[i], "%.2f") + " of our time";
    return text;
}

void print_row(const ElementJob& job, const Result& r, const std::array<bool, n_peers>& raced, double move) {
    std::printf("| %s |", name_of(job).c_str());
    for (size_t i = 0; i < n_peers; ++i)
        std::printf(" %s%s |", cell(r.times[i], "%.2f").c_str(), raced[i] || r.times[i].empty() ? "" : " *");
    for (size_t i = 1; i < n_peers; ++i)
        std::printf(" %s |", cell(r.ratios[i], "%.2f").c_str());
    std::printf(" %.2f | %.2f | %s |\n", move, median(r.times[0]) / move,
                r.instructions ? cell({*r.instructions / 1e6}, "%.1f").c_str() : "-");
    std::fflush(stdout);
}

void print_table(int threads, const Options& options, double rate, const Race& race, const InstructionCounter& counter,
                 Plot& plot) {
    std::printf("\n%d thread%s\n\n| case | swsconvertscale, ms | videoconvertscale, ms | libswscale, ms | zimg, ms | "
                "to videoconvertscale | to libswscale | to zimg | move, ms | ours to move | instructions, million |\n"
                "|---|---|---|---|---|---|---|---|---|---|---|\n",
                threads, threads == 1 ? "" : "s");
    std::array<Mean, n_peers> means;
    std::string slower;
    for (size_t n = 0; n < std::size(jobs); ++n) {
        ElementJob job = jobs[n];
        if (!is_wanted(job, options)) continue;
        job.frames = options.frames;
        const Result r = measure(job, threads, options, counter);
        const double move = bytes_of(job) / rate;
        print_row(job, r, race[n], move);
        slower += slower_than(r, race[n], job);
        for (size_t i = 1; i < n_peers; ++i)
            means[i].add(r.ratios[i]);
        plot.add(name_of(job) + (threads == 1 ? "" : ", 2 threads"),
                 {median(r.times[0]), median(r.times[1]), median(r.times[2]), median(r.times[3])}, move);
    }
    std::printf("| geometric mean | | | | | %s | %s | %s | | | |\n", means[1].text().c_str(), means[2].text().c_str(),
                means[3].text().c_str());
    std::printf("\nMore than 5 %% slower than a peer in the race: %s\n", slower.empty() ? "none" : slower.c_str());
}

Options read_options(int argc, char** argv) {
    Options o;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--rounds") o.rounds = std::max(1, std::atoi(value.c_str()));
        if (name == "--seconds") o.seconds = std::max(0.0, std::atof(value.c_str()));
        if (name == "--frames") o.frames = static_cast<size_t>(std::max(1, std::atoi(value.c_str())));
        if (name == "--case") o.only = value;
        if (name == "--svg") o.svg = value;
    }
    return o;
}

} // namespace

int main(int argc, char** argv) {
    const InstructionCounter counter; // before any thread is there
    gst_init(&argc, &argv);
    const Options options = read_options(argc, argv);
    GstElementFactory* known = gst_element_factory_find("swsconvertscale");
    if (!known) {
        std::fprintf(stderr, "swsconvertscale is not in GST_PLUGIN_PATH\n");
        return 1;
    }
    gst_object_unref(known);
    const double rate = bytes_per_ms();
    std::printf("%d rounds of %.1f s, %s, zimg %s, memcpy %.1f GB/s read and written\n", options.rounds,
                options.seconds, gst_version_string(), zimg_version_text(), rate / 1e6);
    const Race race = print_errors(options);
    Plot plot({std::begin(peer_names), std::end(peer_names)});
    for (const int threads : {1, 2})
        print_table(threads, options, rate, race, counter, plot);
    if (!options.svg.empty()) plot.write(options.svg);
    return 0;
}
