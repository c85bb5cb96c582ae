// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Banner.h"

#include "widgets/common/Glyphs.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace ww::ui {

Banner::Banner(QWidget *parent)
    : QFrame(parent), m_text(new QLabel), m_copy(new QPushButton(tr("Copy details")))
{
    setObjectName(QStringLiteral("banner"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(20, 8, 8, 8);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setAccessibleName(tr("Message"));
    layout->addWidget(m_text, 1);
    m_copy->setProperty("flat", true);
    layout->addWidget(m_copy, 0, Qt::AlignTop);
    auto *close = new QToolButton;
    close->setText(QStringLiteral("✕"));
    close->setAccessibleName(tr("Dismiss the message"));
    close->setToolTip(tr("Dismiss"));
    close->setFocusPolicy(Qt::StrongFocus);
    layout->addWidget(close, 0, Qt::AlignTop);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_problem.text()); });
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        emit dismissed();
    });
    hide();
}

void Banner::showProblem(const ProblemView &problem, Kind kind)
{
    m_problem = problem;
    m_kind = kind;
    const auto sentence = [](const QString &text) {
        const QString trimmed = text.trimmed();
        return trimmed.isEmpty() || trimmed.endsWith(QLatin1Char('.')) ? trimmed : trimmed + QLatin1Char('.');
    };
    QString body = sentence(problem.why).toHtmlEscaped();
    if (!problem.where.isEmpty())
        body.prepend(problem.where.toHtmlEscaped() + QStringLiteral(": "));
    if (!problem.remedy.isEmpty())
        body += QStringLiteral(" <i>%1</i>").arg(sentence(problem.remedy).toHtmlEscaped());
    m_text->setText(
        QStringLiteral("<b>%1</b>%2%3")
            .arg(problem.what.toHtmlEscaped(), body.isEmpty() ? QString() : QStringLiteral("<br>"), body));
    m_copy->setVisible(kind == Kind::Error);
    show();
    update();
    QAccessibleEvent event(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void Banner::showInfo(const QString &what, const QString &why)
{
    showProblem({what, why, {}, {}}, Kind::Info);
}

void Banner::paintEvent(QPaintEvent *)
{
    const Theme &colors = theme();
    const bool error = m_kind == Kind::Error, warning = m_kind == Kind::Warning;
    QPainter painter(this);
    painter.fillRect(rect(),
                     colors[error         ? Role::ErrorBackground
                                : warning ? Role::WarningBackground
                                          : Role::InfoBackground]);
    painter.fillRect(QRect(0, 0, 4, height()),
                     colors[error         ? Role::OutcomeBuildError
                                : warning ? Role::OutcomeWrong
                                          : Role::Accent]);
}

} // namespace ww::ui
