// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/CodeRecordJson.h"

#include "core/task/JsonFields.h"

namespace ww {
namespace {

using nlohmann::json;

json linesToJson(const std::vector<CodeLine> &lines)
{
    json list = json::array();
    for (const CodeLine &line : lines)
        list.push_back({jsonText(line.text), line.sourceLine, line.ptxLine});
    return list;
}

void readLines(JsonFields &fields, const char *key, std::vector<CodeLine> &lines)
{
    fields.list(key, true, [&](const json &item, const std::string &path) -> Status {
        CodeLine line;
        if (!item.is_array() || item.size() != 3 || readJson(item[0], line.text)
            || readJson(item[1], line.sourceLine) || readJson(item[2], line.ptxLine))
            return jsonFault(path, "must be [text, line of the source, line of the PTX]");
        lines.push_back(std::move(line));
        return {};
    });
}

} // namespace

json codeRecordToJson(const CodeRecord &code)
{
    json opcodes = json::object();
    for (const auto &[name, count] : code.opcodes)
        opcodes[jsonText(name).get<std::string>()] = count;
    json findings = json::array();
    for (const std::string &finding : code.findings)
        findings.push_back(jsonText(finding));
    return {{"ptx", linesToJson(code.ptx)},
            {"sass", linesToJson(code.sass)},
            {"sass_problem", jsonText(code.sassProblem)},
            {"opcodes", std::move(opcodes)},
            {"findings", std::move(findings)}};
}

Status codeRecordFromJson(const json &value, const std::string &path, CodeRecord &code)
{
    JsonFields fields(value, path);
    readLines(fields, "ptx", code.ptx);
    readLines(fields, "sass", code.sass);
    fields.optional("sass_problem", code.sassProblem);
    fields.optional("opcodes", code.opcodes);
    fields.optional("findings", code.findings);
    return fields.finish();
}

} // namespace ww
