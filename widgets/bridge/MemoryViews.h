// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

/// What the window shows of what was learned, as plain values.
namespace ww::ui {

struct RuleView {
    QString key; ///< "opencl/missing-address-space"
    QString language, errorClass, sentence, origin;
    int support = 0; ///< candidates that failed in its way
    int shown = 0, failuresShown = 0; ///< prompts that held it, and of these those that failed in its way
    int heldOut = 0, failuresHeldOut = 0; ///< the same for prompts that went without
    double strength = 0;
    bool active = false, pinned = false, disabled = false, edited = false;
    QString check; ///< "untested", "holds", "refuted"
    QString evidence; ///< diagnostics that it rests on, one a line
};

struct TechniqueView {
    QString language, bottleneck, name;
    int count = 0;
    double median = 0, least = 0, most = 0; ///< ratios of time before / after
};

/// Pass rates of prompts with and without memory.
struct MemoryEffectView {
    int passedWith = 0, promptsWith = 0, passedWithout = 0, promptsWithout = 0;
    double difference = 0, low = 0, high = 0; ///< with − without, 95 %
};

struct MemoryView {
    QList<RuleView> rules;
    QList<TechniqueView> techniques;
    MemoryEffectView effect;
};

} // namespace ww::ui
