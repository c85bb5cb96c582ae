// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/Theme.h"

#include <qcustomplot.h>

#include <QBasicTimer>

namespace ww::ui {

/// A chart in the theme's colours: redraws at most every 16 ms and only when asked, drag and wheel zoom it,
/// a double click brings the whole back, and its content is readable as text.
class Plot : public QCustomPlot {
    Q_OBJECT
public:
    explicit Plot(const QString &name, QWidget *parent = nullptr);

    /// One sentence on what the chart shows, for screen readers and tooltips.
    [[nodiscard]] QString summary() const { return m_summary; }
    /// True while a person has zoomed or dragged: new data must not move the axes.
    [[nodiscard]] bool isHeld() const { return m_held; }

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void timerEvent(QTimerEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;

    /// Redraws at the next tick, or when it is shown again.
    void redrawSoon();
    void setSummary(const QString &summary);
    /// Text in the middle instead of data; empty for none.
    void setEmptyText(const QString &text);
    /// Small text in the upper right corner, such as "1 of 4 points drawn".
    void setNote(const QString &text);
    /// Linear or logarithmic with 1-2-5 ticks, each label followed by `suffix`.
    void setLogarithmic(QCPAxis *axis, bool on, const QString &suffix = {});
    /// Sets pens and brushes of what the subclass draws, from the theme.
    virtual void restyle() = 0;
    /// Puts the data into the graphs; called once before each redraw that redrawSoon() asked for.
    virtual void rebuild() = 0;

private:
    void applyTheme();

    QBasicTimer m_timer;
    QCPItemText *m_empty;
    QCPItemText *m_note;
    QString m_summary;
    bool m_held = false;
    bool m_styled = false;
    bool m_behind = false; ///< hidden when something changed
};

/// Ticks at 1, 2 and 5 times powers of ten (or only the powers over more than three decades).
class DecadeTicker final : public QCPAxisTicker {
public:
    explicit DecadeTicker(QString suffix) : m_suffix(std::move(suffix)) { }

protected:
    QVector<double> createTickVector(double tickStep, const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
    int getSubTickCount(double) override { return 0; }

private:
    QString m_suffix;
};

} // namespace ww::ui
