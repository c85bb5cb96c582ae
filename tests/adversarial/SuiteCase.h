// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <optional>
#include <string>
#include <vector>

/// One kernel of the suite and what the gate is to say of it. Its second line reads
/// `// expect: VERDICT "part of the reason" or VERDICT "…"; task NAME`; the reason may be left out, as may
/// the task, which is then "affine".
struct SuiteCase {
    struct Expected {
        ww::Verdict verdict = ww::Verdict::Passed;
        std::string reason; ///< a part of the message or of a diagnostic
    };
    std::string name;
    std::string source;
    std::string task = "affine";
    std::vector<Expected> expected;

    /// A control: a right kernel that must not be flagged.
    [[nodiscard]] bool isControl() const
    {
        return expected.size() == 1 && ww::correct(expected.front().verdict);
    }
};

/// Reads the expectation of a file of the suite; nothing where it has none that can be understood.
inline std::optional<SuiteCase> readSuiteCase(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    SuiteCase found;
    found.name = QFileInfo(path).fileName().toStdString();
    found.source = file.readAll().toStdString();
    const QString text = QString::fromStdString(found.source);
    static const QRegularExpression line(QStringLiteral("^// expect: ([^;\n]+)(?:; task (\\w+))?$"),
                                         QRegularExpression::MultilineOption);
    static const QRegularExpression part(QStringLiteral("^([A-Z_]+)(?: \"([^\"]*)\")?$"));
    const auto match = line.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    if (!match.captured(2).isEmpty())
        found.task = match.captured(2).toStdString();
    for (const QString &piece : match.captured(1).split(QStringLiteral(" or "))) {
        const auto words = part.match(piece);
        const auto verdict = ww::verdictFromName(words.captured(1).toStdString());
        if (!verdict)
            return std::nullopt;
        found.expected.push_back({*verdict, words.captured(2).toStdString()});
    }
    return found;
}
