// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/memory/Evidence.h"
#include "core/memory/Rule.h"

#include <memory>
#include <optional>

namespace ww {

/// What a prompt is about, for choosing what memory has to say.
struct MemoryQuery {
    std::string language; ///< "opencl", "cuda"
    std::string device; ///< limits of one device are told for that device alone; empty: none of them
    std::vector<std::string> tags; ///< of the task
    std::string text; ///< words to look for: the task's description, diagnostics of the context, …
    std::string bottleneck; ///< limitOf() of what is to be made faster; empty: no techniques
    size_t maxCharacters = 2000; ///< the text's share of the prompt
};

/// What memory gives to one prompt.
struct MemoryOffer {
    std::string text; ///< Markdown for the prompt's memory slot; empty when held out or there is nothing
    MemoryUse use; ///< to be kept with the candidate (Proposal::memory)
};

/// What was learned in all sessions of a user: rules from failures, techniques from gains, and what prompts
/// with and without them came to. One SQLite file (WAL); several processes may use it at once. An object is
/// for one thread at a time. What was put into a prompt is in that session's journal, so a replay never asks.
class Memory {
public:
    /// "memory.sqlite" in the user's data folder.
    [[nodiscard]] static Result<std::string> defaultPath();
    /// Opens the file, or makes it. A damaged file, another program's or a newer version's is refused.
    [[nodiscard]] static Result<std::unique_ptr<Memory>> open(const std::string &path);
    ~Memory();
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;

    /// Active rules for the query and techniques for its bottleneck: pinned first, then by how well they fit
    /// and how strong they are; as many whole sentences as fit. The same store and query give the same text.
    [[nodiscard]] Result<MemoryOffer> rulesFor(const MemoryQuery &query) const;
    /// As rulesFor(), but without text in a held-out step. What would have been shown is in `use` all the
    /// same.
    [[nodiscard]] Result<MemoryOffer> offer(const MemoryQuery &query, uint64_t seed, int step,
                                            double heldOutShare = kHeldOutShare) const;

    /// Every rule that was not deleted, strongest first; of one language unless that is empty.
    [[nodiscard]] Result<std::vector<RuleRecord>> rules(const std::string &language = {}) const;
    /// The rule of that key. NotFound names keys that are like it.
    [[nodiscard]] Result<RuleRecord> rule(const std::string &key) const;
    [[nodiscard]] Result<std::vector<Sighting>> sightings(const std::string &key) const;
    /// Every technique with its gains, by bottleneck and median.
    [[nodiscard]] Result<std::vector<Technique>> techniques(const std::string &language = {}) const;
    /// The gains of one technique, newest first.
    [[nodiscard]] Result<std::vector<Gain>> gains(const Technique &technique) const;
    /// Pass rates of prompts with and without memory; of one language unless that is empty.
    [[nodiscard]] Result<MemoryEffect> effect(const std::string &language = {}) const;

    /// A rule of a person's own; its key, made from its words, is returned.
    [[nodiscard]] Result<std::string> write(const std::string &language, const std::string &sentence,
                                            const std::vector<std::string> &tags = {});
    /// Another sentence for a rule; learning leaves it alone from then on.
    [[nodiscard]] Status edit(const std::string &key, const std::string &sentence);
    [[nodiscard]] Status setPinned(const std::string &key, bool pinned);
    [[nodiscard]] Status setDisabled(const std::string &key, bool disabled);
    /// Takes the rule away; learning does not bring it back, writing or importing it does.
    [[nodiscard]] Status remove(const std::string &key);
    /// Keeps what a falsifier said.
    [[nodiscard]] Status setCheck(const std::string &key, RuleCheck check, const std::string &checkedOn);

    /// Adds what one session or adaptation teaches; what is known already is not counted twice. All or
    /// nothing.
    [[nodiscard]] Result<LearnReport> learn(const Lessons &lessons);
    /// Adds rules from a list; a rule that is there keeps its words when a person edited it.
    [[nodiscard]] Result<LearnReport> add(const std::vector<Rule> &rules);

private:
    struct State;
    explicit Memory(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace ww
