// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"
#include "core/model/Endpoint.h"
#include "core/worker/Messages.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ww {

/// Constants of the AdaExplore policy (search.md, "AdaExplore, exactly").
struct AdaExploreConstants {
    double c = 0.3; ///< exploration among children
    double alpha = 0; ///< weight of the maximum against the average
    double expandRatio = 1.0; ///< c_e = c × this; 0.5 for whole-network tasks
    double largeProbability = 0.2;
    int smallStepLimit = 2; ///< from this many small children on, expand by a large step
    int contextLimit = 5;
    bool logReward = false; ///< ours: rewards above 10× still differ (log scale); off = as published

    bool operator==(const AdaExploreConstants &) const = default;
};

/// Which model makes candidates and how it is asked. The key itself is kept nowhere.
struct ModelSettings {
    Endpoint endpoint;
    std::string model; ///< its name at the endpoint
    int maxTokens = 16384; ///< of an answer, reasoning included
    int parallel = 4; ///< steps for which it is asked at a time; 1: the published search, one after another
    std::optional<double> temperature; ///< the endpoint's default when not set
    bool memory = true; ///< prompts hold what was learned in earlier sessions, but for a held-out share
    bool reviser = false; ///< first ask for points to improve, where there is a correct kernel to review
    bool structured = false; ///< ask for JSON by a schema, where the endpoint offers that
};

/// Everything that, with the task and the measurements, determines a search.
struct SearchConfig {
    std::string policy = "adaexplore";
    std::string proposer = "catalogue";
    int steps = 60; ///< stop after this many steps; 0 = no limit
    double seconds = 0; ///< stop after this much running time; 0 = no limit
    int stagnation = 0; ///< stop after this many steps without a new best; 0 = no limit
    double money = 0; ///< ask no model when this many US dollars might be passed; 0 = no limit
    ModelSettings model; ///< of the proposer "llm"
    uint64_t seed = 1;
    AdaExploreConstants constants;
    Budgets budgets;
    bool confirmBest = true; ///< re-measure each new best in a fresh process with a new seed
    bool tuneWhenIdle = true; ///< a device that only waits for answers measures more parameters (Tuning.h)
};

/// What the policy wants done next.
struct Move {
    MoveKind kind = MoveKind::Large;
    CandidateId parent = 0;
    std::vector<Lineage> context;
    std::string hint; ///< a person's advice, for this move alone
};

} // namespace ww
