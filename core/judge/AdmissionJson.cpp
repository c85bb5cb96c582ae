// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/AdmissionJson.h"

#include "core/judge/EvaluationJson.h"
#include "core/task/JsonFields.h"

namespace ww {

using nlohmann::json;

json admissionToJson(const AdmissionReport &report)
{
    json checks = json::array();
    for (const AdmissionCheck &check : report.checks)
        checks.push_back({{"name", jsonText(check.name)},
                          {"verdict", jsonText(check.verdict)},
                          {"detail", jsonText(check.detail)}});
    json mutants = json::array();
    for (const MutantRecord &mutant : report.mutants)
        mutants.push_back({{"name", jsonText(mutant.name)},
                           {"outcome", jsonText(mutant.outcome)},
                           {"workload", jsonText(mutant.workload)},
                           {"set", jsonText(mutant.set)}});
    return {{"admitted", report.admitted()},
            {"score", {{"rejected", report.count("rejected")}, {"escaped", report.count("escaped")}}},
            {"checks", std::move(checks)},
            {"mutants", std::move(mutants)},
            {"baseline", evaluationToJson(report.baseline)},
            {"wall_ms", report.wallMs}};
}

Result<AdmissionReport> admissionFromJson(const json &record)
{
    AdmissionReport report;
    JsonFields fields(record, {});
    fields.list("checks", true, [&](const json &item, const std::string &at) {
        AdmissionCheck &check = report.checks.emplace_back();
        JsonFields inner(item, at);
        inner.required("name", check.name);
        inner.required("verdict", check.verdict);
        inner.optional("detail", check.detail);
        return inner.finish();
    });
    fields.list("mutants", true, [&](const json &item, const std::string &at) {
        MutantRecord &mutant = report.mutants.emplace_back();
        JsonFields inner(item, at);
        inner.required("name", mutant.name);
        inner.required("outcome", mutant.outcome);
        inner.optional("workload", mutant.workload);
        inner.optional("set", mutant.set);
        return inner.finish();
    });
    fields.field("baseline", true, [&](const json &value, const std::string &) -> Status {
        WW_TRY(report.baseline, evaluationFromJson(value));
        return {};
    });
    fields.optional("wall_ms", report.wallMs);
    if (Status status = fields.finish(); !status) {
        status.error().what = "cannot read the admission report";
        return tl::make_unexpected(status.error());
    }
    return report;
}

} // namespace ww
