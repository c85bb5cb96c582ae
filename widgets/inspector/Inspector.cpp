// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/Inspector.h"

#include "widgets/common/EmptyState.h"
#include "widgets/common/Format.h"
#include "widgets/common/Glyphs.h"
#include "widgets/common/PanelHeader.h"
#include "widgets/inspector/InspectorText.h"
#include "widgets/inspector/StageBars.h"

#include <QAction>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace ww::ui {

Inspector::Inspector(QWidget *parent)
    : QWidget(parent),
      m_header(new PanelHeader(tr("Inspector"))),
      m_pages(new QStackedWidget),
      m_empty(
          new EmptyState(tr("Nothing to inspect yet"),
                         tr("Choose a candidate to see its verdict, where the time went, and its numbers."))),
      m_scroll(new QScrollArea),
      m_mark(new QLabel),
      m_headline(new QLabel),
      m_detail(new QLabel),
      m_stageTitle(new QLabel),
      m_stages(new StageBars),
      m_body(new QLabel),
      m_copy(new QAction(tr("&Copy the evidence as text"), this))
{
    m_copy->setObjectName(QStringLiteral("copyEvidence"));
    m_copy->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    connect(m_copy, &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(plainText()); });
    auto *copyButton = new QToolButton;
    copyButton->setText(tr("Copy"));
    copyButton->setToolTip(tr("Copy the evidence as text"));
    copyButton->setFocusPolicy(Qt::StrongFocus);
    copyButton->setAccessibleName(tr("Copy the evidence as text"));
    connect(copyButton, &QToolButton::clicked, m_copy, &QAction::trigger);
    m_header->addStretch();
    m_header->add(copyButton);

    m_headline->setObjectName(QStringLiteral("verdictHeadline"));
    m_headline->setAccessibleName(tr("Verdict"));
    QFont big = font();
    big.setPointSizeF(big.pointSizeF() * 1.35);
    big.setBold(true);
    m_headline->setFont(big);
    m_headline->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detail->setProperty("dim", true);
    m_detail->setWordWrap(true);
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_stageTitle->setProperty("title", true);
    m_body->setObjectName(QStringLiteral("inspectorBody"));
    m_body->setAccessibleName(tr("Evidence"));
    m_body->setTextFormat(Qt::RichText);
    m_body->setWordWrap(true);
    m_body->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_body->setTextInteractionFlags(Qt::TextBrowserInteraction);
    connect(m_body, &QLabel::linkActivated, this,
            [this](const QString &link) { emit candidateLinked(link.toLongLong()); });

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->setSpacing(4);
    auto *verdict = new QHBoxLayout;
    verdict->setSpacing(10);
    verdict->addWidget(m_mark, 0, Qt::AlignVCenter);
    verdict->addWidget(m_headline, 1);
    layout->addLayout(verdict);
    layout->addWidget(m_detail);
    layout->addSpacing(4);
    layout->addWidget(m_stageTitle);
    layout->addWidget(m_stages);
    layout->addWidget(m_body, 1);
    content->setBackgroundRole(QPalette::Base);
    content->setAutoFillBackground(true);
    m_scroll->setWidget(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::StrongFocus);
    m_scroll->setAccessibleName(tr("Inspector"));
    m_scroll->setBackgroundRole(QPalette::Base);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_scroll);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_pages);
    clear();
}

void Inspector::clear()
{
    m_candidate = {};
    m_candidate.node.id = kNoCandidate;
    m_running.clear();
    m_confirming.clear();
    m_pages->setCurrentIndex(0);
    m_copy->setEnabled(false);
}

void Inspector::showCandidate(const CandidateView &candidate, bool best)
{
    const bool other = candidate.node.id != m_candidate.node.id;
    m_candidate = candidate;
    m_best = best;
    m_pages->setCurrentIndex(1);
    m_copy->setEnabled(true);
    refresh();
    if (other)
        m_scroll->ensureVisible(0, 0);
}

void Inspector::addStage(CandidateId id, bool confirmation, const StageView &stage)
{
    QList<StageView> &stages = (confirmation ? m_confirming : m_running)[id];
    const auto same =
        std::find_if(stages.begin(), stages.end(), [&](const StageView &s) { return s.name == stage.name; });
    if (same != stages.end())
        *same = stage;
    else
        stages.append(stage);
    if (id == m_candidate.node.id)
        refresh();
}

void Inspector::endStages(CandidateId id)
{
    m_running.remove(id);
    m_confirming.remove(id);
}

void Inspector::refresh()
{
    m_mark->setPixmap(glyphPixmap(glyphOf(m_candidate.node, m_best), 26, devicePixelRatioF()));
    m_headline->setText(verdictHeadline(m_candidate));
    m_detail->setText(verdictDetail(m_candidate));
    const CandidateId id = m_candidate.node.id;
    const bool confirming = m_confirming.contains(id);
    const QList<StageView> live = confirming ? m_confirming.value(id) : m_running.value(id);
    const QList<StageView> &stages = live.isEmpty() ? m_candidate.evaluation.stages : live;
    m_stageTitle->setText(confirming ? tr("Confirming in a fresh process") : tr("Stages"));
    m_stageTitle->setVisible(!stages.isEmpty());
    m_stages->setStages(stages, live.isEmpty() ? m_candidate.evaluation.wallMs : 0);
    m_body->clear(); // a label keeps the colour its links had when its text was set
    m_body->setText(inspectorHtml(m_candidate));
}

QString Inspector::plainText() const
{
    return inspectorPlainText(m_candidate);
}

void Inspector::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_pages->currentIndex() == 1)
        refresh();
}

} // namespace ww::ui
