// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// How many mutated inputs a test tries: $WW_FUZZ_ROUNDS, else enough for every run of the suite.
inline int fuzzRounds()
{
    const char *wanted = std::getenv("WW_FUZZ_ROUNDS");
    return wanted ? std::max(1000, std::atoi(wanted)) : 5000;
}

/// `text` with one to four random edits: bytes changed, removed, doubled or cut, and pieces of `dictionary`
/// put in. The same stream gives the same edits.
inline std::string mutated(std::string text, const std::vector<std::string> &dictionary,
                           ww::RandomStream &random)
{
    const auto place = [&](size_t size) { return random.below(static_cast<uint32_t>(size) + 1); };
    const uint32_t edits = 1 + random.below(4);
    for (uint32_t edit = 0; edit < edits; ++edit) {
        const size_t at = place(text.size());
        const size_t length = std::min<size_t>(1 + random.below(8), text.size() - at);
        switch (random.below(6)) {
        case 0: text.insert(at, 1, static_cast<char>(random.below(256))); break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(at, std::string(text, at, length)); break;
        case 3:
            if (at < text.size())
                text[at] = static_cast<char>(random.below(256));
            break;
        case 4: text.insert(at, dictionary[random.below(static_cast<uint32_t>(dictionary.size()))]); break;
        case 5:
            text.replace(at, length, dictionary[random.below(static_cast<uint32_t>(dictionary.size()))]);
            break;
        }
    }
    return text;
}
