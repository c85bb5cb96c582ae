// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Proposer.h"

#include <fmt/format.h>

namespace ww {

Result<std::unique_ptr<Proposer>> makeProposer(const std::string &name)
{
    if (name == "catalogue")
        return makeCatalogueProposer();
    return failure(ErrorCode::BadInput, fmt::format("unknown proposer '{}'", name), "there is: catalogue");
}

} // namespace ww
