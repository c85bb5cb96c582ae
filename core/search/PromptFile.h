// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// Values of the slots of a prompt, by name.
using PromptSlots = std::map<std::string, std::string>;

/// A prompt text with named slots: `{{task}}` stands for a value; what stands between `{{#hint}}` and
/// `{{/hint}}` is left out where that value is empty. Lines that hold nothing but such a mark leave no empty
/// line.
class PromptFile {
public:
    /// Reads a prompt; `known` are the slots it may name. An unknown slot, a mark that is not closed and one
    /// that closes nothing are errors at `file:line:column`.
    [[nodiscard]] static Result<PromptFile> parse(const std::string &file, std::string_view text,
                                                  const std::set<std::string> &known);

    /// The text with the values in place; a slot without a value is empty. Values are taken as they are:
    /// marks in them mean nothing.
    [[nodiscard]] std::string fill(const PromptSlots &slots) const;
    /// SHA-256 of the file's text.
    [[nodiscard]] const std::string &hash() const { return m_hash; }

private:
    struct Piece {
        enum class Kind { Text, Slot, Begin, End } kind = Kind::Text;
        std::string text; ///< the text, or the slot's name
    };
    std::vector<Piece> m_pieces;
    std::string m_hash;
};

} // namespace ww
