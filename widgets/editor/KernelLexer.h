// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qsci/qscilexercpp.h>

#include <QFont>

namespace ww::ui {

/// Highlights OpenCL C or CUDA C++: language keywords, built-in functions and vector types; colours from
/// the theme, every style in the monospace font.
class KernelLexer final : public QsciLexerCPP {
    Q_OBJECT
public:
    enum class Language { OpenCl, Cuda };

    explicit KernelLexer(Language language, QObject *parent = nullptr);
    const char *language() const override;
    const char *keywords(int set) const override;
    /// Takes colours and font from the theme again.
    void restyle();

private:
    Language m_language;
};

/// The system's monospace font at the size of the interface font.
[[nodiscard]] QFont codeFont();
/// "opencl" and "cuda"; anything else reads best as CUDA C++.
[[nodiscard]] KernelLexer::Language lexerLanguage(const QString &taskLanguage);

} // namespace ww::ui
