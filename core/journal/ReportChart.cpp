// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/ReportText.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kWidth = 860, kHeight = 300;
constexpr double kLeft = 56, kRight = 16, kTop = 16, kBottom = 44;
/// More dots than this say nothing more and make the file large.
constexpr size_t kMostDots = 2000;

/// Where steps and speed-ups lie in the drawing; speed-ups on a logarithmic axis.
struct Scale {
    int lastStep = 1;
    double low = 0.5, high = 2;

    [[nodiscard]] double x(double step) const
    {
        return kLeft + (kWidth - kLeft - kRight) * step / std::max(lastStep, 1);
    }
    [[nodiscard]] double y(double speedup) const
    {
        const double share = std::log(std::clamp(speedup, low, high) / low) / std::log(high / low);
        return kTop + (kHeight - kTop - kBottom) * (1 - share);
    }
};

Scale scaleOf(const Session &session)
{
    Scale scale;
    scale.lastStep = std::max(session.stepsDone, 1);
    for (const Node &node : session.nodes) {
        const double ratio = node.evaluation ? node.evaluation->speedupRatio() : 0;
        if (ratio > 0) {
            scale.low = std::min(scale.low, std::max(ratio, 1e-3));
            scale.high = std::max(scale.high, std::min(ratio * 1.15, 1e6));
        }
    }
    return scale;
}

/// 1, 2, 5, 10, 20, … within the scale; only powers of ten where those would crowd.
std::vector<double> speedupTicks(const Scale &scale)
{
    const bool crowded = scale.high / scale.low > 500;
    std::vector<double> ticks;
    for (double decade = 1e-3; decade <= 1e6; decade *= 10) {
        for (const double part : {1.0, 2.0, 5.0}) {
            const double value = decade * part;
            if (value >= scale.low && value <= scale.high && (part == 1 || !crowded))
                ticks.push_back(value);
        }
    }
    return ticks;
}

int stepBetweenTicks(int lastStep)
{
    int step = 1;
    for (const int factor : {2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000})
        step = lastStep / step > 10 ? factor : step;
    return std::max(step, lastStep / 20);
}

std::string axes(const Scale &scale)
{
    std::string svg;
    for (const double tick : speedupTicks(scale)) {
        const double y = scale.y(tick);
        svg += fmt::format(R"(<line class="{}" x1="{:.0f}" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>)",
                           tick == 1 ? "unit" : "grid", kLeft, kWidth - kRight, y, y);
        svg += fmt::format(R"(<text class="end" x="{:.0f}" y="{:.1f}">{:g}×</text>)", kLeft - 6, y + 4, tick);
    }
    const int between = stepBetweenTicks(scale.lastStep);
    for (int step = 0; step <= scale.lastStep; step += between)
        svg += fmt::format(R"(<text class="middle" x="{:.1f}" y="{:.0f}">{}</text>)", scale.x(step),
                           kHeight - kBottom + 18, step);
    svg += fmt::format(R"(<text class="middle" x="{:.0f}" y="{:.0f}">step</text>)", (kLeft + kWidth) / 2,
                       kHeight - 6);
    return svg + "\n";
}

std::string dots(const Session &session, const Scale &scale)
{
    std::vector<const Node *> measured;
    for (const Node &node : session.nodes) {
        if (node.evaluation && node.evaluation->speedupRatio() > 0 && node.candidate.step > 0)
            measured.push_back(&node);
    }
    const size_t stride = measured.size() / kMostDots + 1;
    std::string svg;
    for (size_t i = 0; i < measured.size(); i += stride)
        svg += fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="2.5"/>)",
                           scale.x(measured[i]->candidate.step),
                           scale.y(measured[i]->evaluation->speedupRatio()));
    return svg + "\n";
}

std::string curve(const Session &session, const Scale &scale)
{
    std::string path;
    for (const BestPoint &point : session.bestCurve) {
        path += path.empty() ? fmt::format("M{:.1f} {:.1f}", scale.x(point.step), scale.y(point.speedup))
                             : fmt::format("H{:.1f}V{:.1f}", scale.x(point.step), scale.y(point.speedup));
    }
    std::string svg = fmt::format(R"(<path class="curve" d="{}H{:.1f}"/>)", path, scale.x(session.stepsDone));
    for (const BestPoint &point : session.bestCurve)
        svg += fmt::format(
            R"(<circle class="gain" cx="{:.1f}" cy="{:.1f}" r="4"><title>#{}: {}</title></circle>)",
            scale.x(point.step), scale.y(point.speedup), point.id, ratioText(point.speedup));
    return svg + "\n";
}

} // namespace

std::string bestChart(const Session &session)
{
    if (session.bestCurve.empty() || session.bestCurve.back().speedup <= 0)
        return {};
    const Scale scale = scaleOf(session);
    const BestPoint &best = session.bestCurve.back();
    return fmt::format(
               R"(<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="Best speed-up so far against step: {} improvements, the last one to {} at step {}">)",
               kWidth, kHeight, session.bestCurve.size(), ratioText(best.speedup), best.step)
        + "\n" + axes(scale) + dots(session, scale) + curve(session, scale) + "</svg>\n";
}

} // namespace ww
