// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/Candidate.h"

#include "core/base/Hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ww {
namespace {

template <class Value> struct Named {
    Value value;
    const char *name;
};

constexpr Named<MoveKind> kMoveKinds[] = {
    {MoveKind::Root, "root"}, {MoveKind::Large, "large"}, {MoveKind::Small, "small"},
    {MoveKind::Tune, "tune"}, {MoveKind::Edit, "edit"},   {MoveKind::Crossover, "crossover"},
};

constexpr Named<LineageRole> kRoles[] = {
    {LineageRole::Parent, "parent"},
    {LineageRole::Context, "context"},
    {LineageRole::Inspiration, "inspiration"},
    {LineageRole::Base, "base"},
};

template <class Value, size_t N> const char *nameOf(const Named<Value> (&table)[N], Value value)
{
    return std::find_if(std::begin(table), std::end(table),
                        [value](const Named<Value> &entry) { return entry.value == value; })
        ->name;
}

template <class Value, size_t N>
Result<Value> valueOf(const Named<Value> (&table)[N], std::string_view name, const char *what)
{
    std::string known;
    for (const Named<Value> &entry : table) {
        if (name == entry.name)
            return entry.value;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
    }
    return failure(ErrorCode::BadInput, fmt::format("unknown {} '{}'", what, name),
                   fmt::format("there are {}", known));
}

} // namespace

const char *toString(MoveKind kind)
{
    return nameOf(kMoveKinds, kind);
}

Result<MoveKind> moveKindFromName(std::string_view name)
{
    return valueOf(kMoveKinds, name, "kind of move");
}

const char *toString(LineageRole role)
{
    return nameOf(kRoles, role);
}

Result<LineageRole> lineageRoleFromName(std::string_view name)
{
    return valueOf(kRoles, name, "role in a lineage");
}

std::string Candidate::contentHash() const
{
    // Lengths in front of texts, so that no two candidates encode alike.
    std::string encoded = fmt::format("candidate 1\nsource {}\n{}\n", source.size(), source);
    for (const auto &[name, value] : parameters)
        encoded += fmt::format("parameter {} {} {}\n", name.size(), name, value);
    return sha256Hex(encoded);
}

} // namespace ww
