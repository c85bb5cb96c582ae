// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/NcuCsv.h"

#include "core/analysis/Bottleneck.h"
#include "core/analysis/ProfileMetrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace ww {
namespace {

constexpr size_t kMostRows = 1u << 20;

tl::unexpected<Error> fault(size_t line, const std::string &why)
{
    return failure(ErrorCode::BadInput, "cannot read the report of ncu", why,
                   "Make it with: ncu --csv --metrics … PROGRAM", fmt::format("line {}", line));
}

struct Row {
    size_t line = 0; ///< where it begins, from 1
    std::vector<std::string> cells;
};

/// Splits text into rows and cells (RFC 4180); a quoted cell may hold commas, quotes and line ends.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : m_rest(text) { }

    /// The next row; nothing at the end, or where a quote is never closed.
    std::optional<Row> next()
    {
        if (m_rest.empty())
            return std::nullopt;
        Row row {m_line, {}};
        do {
            std::optional<std::string> cell = takeCell();
            if (!cell)
                return std::nullopt;
            row.cells.push_back(std::move(*cell));
        } while (eat(','));
        eat('\r');
        if (eat('\n'))
            ++m_line;
        return row;
    }
    [[nodiscard]] bool unclosed() const { return m_unclosed; }
    [[nodiscard]] size_t line() const { return m_line; }

private:
    bool eat(char c)
    {
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }
    std::optional<std::string> takeCell()
    {
        if (!eat('"')) {
            const size_t end = std::min(m_rest.find_first_of(",\r\n"), m_rest.size());
            std::string cell(m_rest.substr(0, end));
            m_rest.remove_prefix(end);
            return cell;
        }
        std::string cell;
        for (;;) {
            const size_t end = m_rest.find('"');
            if (end == std::string_view::npos) {
                m_unclosed = true;
                return std::nullopt;
            }
            cell += m_rest.substr(0, end);
            m_line += static_cast<size_t>(
                std::count(m_rest.begin(), m_rest.begin() + static_cast<long>(end), '\n'));
            m_rest.remove_prefix(end + 1);
            if (!eat('"'))
                return cell;
            cell += '"';
        }
    }

    std::string_view m_rest;
    size_t m_line = 1;
    bool m_unclosed = false;
};

/// "1,234.5" as a number; nothing for "n/a" and the like.
std::optional<double> numberIn(std::string text)
{
    std::erase(text, ',');
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// What a value in ncu's unit is multiplied with to be in the counter's own: nanoseconds, bytes.
double unitScale(const std::string &unit)
{
    constexpr std::array kUnits {std::pair {"us", 1e3},    std::pair {"usecond", 1e3},
                                 std::pair {"ms", 1e6},    std::pair {"msecond", 1e6},
                                 std::pair {"s", 1e9},     std::pair {"second", 1e9},
                                 std::pair {"Kbyte", 1e3}, std::pair {"Mbyte", 1e6},
                                 std::pair {"Gbyte", 1e9}, std::pair {"Tbyte", 1e12}};
    for (const auto &[name, scale] : kUnits) {
        if (unit == name)
            return scale;
    }
    return 1;
}

void note(ProfileRecord &profile, const std::string &counter, const std::string &unit,
          const std::string &text)
{
    const std::optional<double> value = numberIn(text);
    if (!value)
        return;
    for (const ProfileMetric &metric : profileMetrics()) {
        if (metric.counter == counter)
            profile.metrics[std::string(metric.name)] = *value * unitScale(unit) * metric.scale;
    }
}

std::optional<size_t> columnOf(const std::vector<std::string> &header, std::string_view name)
{
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? std::nullopt : std::optional(static_cast<size_t>(found - header.begin()));
}

/// The kernels by launch, in the order in which they first come.
class Launches {
public:
    ProfileRecord &of(const std::string &id, const std::string &name)
    {
        const auto [entry, isNew] = m_places.emplace(id, kernels.size());
        if (isNew) {
            kernels.push_back({name, {}});
            kernels.back().profile.source = "ncu";
        }
        return kernels[entry->second].profile;
    }
    std::vector<NcuKernel> kernels;

private:
    std::map<std::string, size_t> m_places;
};

const std::string &cell(const Row &row, size_t column)
{
    static const std::string kNone;
    return column < row.cells.size() ? row.cells[column] : kNone;
}

} // namespace

Result<std::vector<NcuKernel>> readNcuCsv(std::string_view text)
{
    CsvReader reader(text);
    std::optional<Row> header;
    std::optional<size_t> id, kernel, metric, unit, value;
    while (!kernel && (header = reader.next())) {
        kernel = columnOf(header->cells, "Kernel Name");
        id = columnOf(header->cells, "ID");
    }
    if (!kernel || !id)
        return fault(reader.line(), "there is no header with the columns \"ID\" and \"Kernel Name\"");
    metric = columnOf(header->cells, "Metric Name");
    unit = columnOf(header->cells, "Metric Unit");
    value = columnOf(header->cells, "Metric Value");
    const bool isLong = metric && unit && value;
    Launches launches;
    Row units;
    size_t rows = 0;
    while (const std::optional<Row> row = reader.next()) {
        if (++rows > kMostRows)
            return fault(row->line, fmt::format("it has more than {} rows", kMostRows));
        if (row->cells.size() != header->cells.size()) {
            if (row->cells.size() == 1)
                continue; // an empty line, or a message of the program's
            return fault(
                row->line,
                fmt::format("it has {} cells, the header {}", row->cells.size(), header->cells.size()));
        }
        if (!isLong && cell(*row, *id).empty()) {
            units = *row;
            continue;
        }
        ProfileRecord &profile = launches.of(cell(*row, *id), cell(*row, *kernel));
        if (isLong) {
            note(profile, cell(*row, *metric), cell(*row, *unit), cell(*row, *value));
            continue;
        }
        for (size_t i = 0; i < row->cells.size(); ++i)
            note(profile, header->cells[i], cell(units, i), row->cells[i]);
    }
    if (reader.unclosed())
        return fault(reader.line(), "a quote that begins here is never closed");
    std::erase_if(launches.kernels, [](const NcuKernel &known) { return known.profile.metrics.empty(); });
    if (launches.kernels.empty())
        return fault(reader.line(), "it holds none of the metrics that are read: " + ncuMetrics());
    for (NcuKernel &known : launches.kernels) {
        Bottleneck bottleneck = bottleneckOf(known.profile.metrics);
        known.profile.bottleneck = std::move(bottleneck.name);
        known.profile.reasons = std::move(bottleneck.reasons);
    }
    return std::move(launches.kernels);
}

std::string ncuMetrics()
{
    std::string names;
    for (const ProfileMetric &metric : profileMetrics())
        names += (names.empty() ? "" : ",") + std::string(metric.counter);
    return names;
}

} // namespace ww
