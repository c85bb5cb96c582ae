// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"
#include "widgets/editor/KernelLexer.h"

#include <Qsci/qsciscintilla.h>
#include <Qsci/qscistyle.h>

#include <array>

namespace ww::ui {

/// A kernel's source: line numbers, the `//@` plan lines set off, and messages of plan parser and compiler
/// as squiggles, margin marks and annotations under their lines.
class KernelEditor : public QsciScintilla {
    Q_OBJECT
public:
    explicit KernelEditor(QWidget *parent = nullptr);

    void setLanguage(KernelLexer::Language language);
    /// Another text: caret to the top, undo history empty, messages gone.
    void setSource(const QString &source);
    [[nodiscard]] QString source() const { return text(); }
    /// Shows these messages in place of those before.
    void setDiagnostics(const QList<DiagnosticView> &diagnostics);
    /// Puts the caret on a line (from 1) and shows it.
    void showLine(int line);

protected:
    void changeEvent(QEvent *event) override;
    /// Colours of everything but the lexer.
    virtual void restyle();

private:
    void markPlanLines();
    void fitLineNumbers();
    void underline(const DiagnosticView &diagnostic);

    KernelLexer *m_lexer = nullptr;
    KernelLexer::Language m_language = KernelLexer::Language::OpenCl;
    // Numbers that no lexer uses; left to itself, QScintilla counts down for the whole program and runs out.
    std::array<QsciStyle, 3> m_annotationStyles {QsciStyle(60), QsciStyle(61),
                                                 QsciStyle(62)}; ///< by severity
    bool m_restyling = false;
};

} // namespace ww::ui
