// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/PlanReading.h"
#include "widgets/common/Theme.h"
#include "widgets/editor/CandidatePane.h"
#include "widgets/editor/CandidateTitle.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/editor/KernelLexer.h"
#include "widgets/editor/ResourceText.h"

#include <QAction>
#include <QComboBox>
#include <QFontInfo>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using namespace ww::ui;

namespace {

const QString kSource = QStringLiteral("//@ tune TILE = 16, 32\n"
                                       "//@ launch f grid(1) block(TILE) args()\n"
                                       "__kernel void f() {\n"
                                       "    int i = get_global_id(0);\n"
                                       "    /* //@ not a plan line */ float4 x; // 12\n"
                                       "}\n");

int styleAt(KernelEditor &editor, const QString &word)
{
    const auto position = editor.source().indexOf(word);
    editor.SendScintilla(QsciScintilla::SCI_COLOURISE, 0UL, -1L);
    return static_cast<int>(
        editor.SendScintilla(QsciScintilla::SCI_GETSTYLEAT, static_cast<unsigned long>(position)));
}

CandidateView candidate(CandidateId id, const QString &source)
{
    CandidateView view;
    view.node.id = id;
    view.node.parent = 0;
    view.node.kind = StepKind::Large;
    view.node.outcome = Outcome::Faster;
    view.source = source;
    view.plan = readPlan(source);
    for (const TunableView &tunable : view.plan.tunables)
        view.parameters[tunable.name] = tunable.values.first();
    return view;
}

} // namespace

class TestEditor : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(ThemeName::Light); }

    void badPlanLinesAreLocatedNotFatal()
    {
        const PlanView plan = readPlan(QStringLiteral("//@ tune = 1\n//@ nonsense\n__kernel void f() {}\n"));
        QVERIFY(plan.tunables.isEmpty());
        QVERIFY(plan.diagnostics.size() >= 2);
        QCOMPARE(plan.diagnostics.first().line, 1);
    }

    void wordsAreColoured_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<int>("style");
        QTest::newRow("address space")
            << QStringLiteral("__kernel") << static_cast<int>(QsciLexerCPP::Keyword);
        QTest::newRow("built-in") << QStringLiteral("get_global_id")
                                  << static_cast<int>(QsciLexerCPP::KeywordSet2);
        QTest::newRow("vector type") << QStringLiteral("float4")
                                     << static_cast<int>(QsciLexerCPP::GlobalClass);
        QTest::newRow("comment") << QStringLiteral("// 12") << static_cast<int>(QsciLexerCPP::CommentLine);
    }
    void wordsAreColoured()
    {
        QFETCH(QString, word);
        QFETCH(int, style);
        KernelEditor editor;
        editor.setSource(kSource);
        QCOMPARE(styleAt(editor, word), style);
    }

    void languagesHaveTheirOwnWords()
    {
        const KernelLexer openCl(KernelLexer::Language::OpenCl), cuda(KernelLexer::Language::Cuda);
        QVERIFY(QByteArray(openCl.keywords(2)).contains("get_local_id"));
        QVERIFY(!QByteArray(openCl.keywords(2)).contains("threadIdx"));
        QVERIFY(QByteArray(cuda.keywords(2)).contains("threadIdx"));
        QVERIFY(QByteArray(cuda.keywords(1)).contains("__launch_bounds__"));
        QVERIFY(lexerLanguage(QStringLiteral("opencl")) == KernelLexer::Language::OpenCl);
        KernelEditor editor;
        editor.setLanguage(KernelLexer::Language::Cuda);
        editor.setSource(QStringLiteral("int i = threadIdx.x;"));
        QCOMPARE(styleAt(editor, QStringLiteral("threadIdx")), static_cast<int>(QsciLexerCPP::KeywordSet2));
    }

    void everyStyleIsMonospace()
    {
        const KernelLexer lexer(KernelLexer::Language::OpenCl);
        for (int style = 0; style < 128; ++style)
            QVERIFY2(QFontInfo(lexer.font(style)).fixedPitch(), qPrintable(QString::number(style)));
    }

    void planLinesStandOut()
    {
        KernelEditor editor;
        editor.setSource(kSource);
        constexpr unsigned kPlanMarker = 1u << 1;
        QVERIFY(editor.markersAtLine(0) & kPlanMarker);
        QVERIFY(editor.markersAtLine(1) & kPlanMarker);
        for (const int line : {2, 3, 4, 5})
            QVERIFY2(!(editor.markersAtLine(line) & kPlanMarker), qPrintable(QString::number(line)));
    }

    void messagesStandUnderTheirLines()
    {
        KernelEditor editor;
        editor.setSource(kSource);
        DiagnosticView error {DiagnosticView::Severity::Error, 4, 9, QStringLiteral("unused variable 'i'")};
        DiagnosticView nowhere {DiagnosticView::Severity::Error, 999, 1, QStringLiteral("past the end")};
        editor.setDiagnostics(
            {error, nowhere, {DiagnosticView::Severity::Warning, 0, 0, QStringLiteral("of no line")}});
        QVERIFY(editor.annotation(3).contains(QStringLiteral("unused variable 'i'")));
        QVERIFY(editor.annotation(2).isEmpty());
        editor.setDiagnostics({});
        QVERIFY(editor.annotation(3).isEmpty());
    }

    void coloursFollowTheTheme()
    {
        KernelEditor editor;
        for (const ThemeName name : {ThemeName::Dark, ThemeName::Light}) {
            applyTheme(name);
            editor.ensurePolished();
            QTRY_COMPARE(editor.lexer()->paper(QsciLexerCPP::Default), theme()[Role::Panel]);
            QCOMPARE(editor.lexer()->color(QsciLexerCPP::Keyword), theme()[Role::CodeKeyword]);
        }
    }

    void nothingToEvaluateWithoutAnEdit()
    {
        CandidatePane pane;
        QVERIFY(!pane.evaluateAction()->isEnabled());
        pane.showCandidate(candidate(1, kSource));
        QVERIFY(!pane.evaluateAction()->isEnabled());
        pane.editor()->insert(QStringLiteral(" "));
        QVERIFY(pane.evaluateAction()->isEnabled());
        pane.setCannotEvaluate(QStringLiteral("a recording"));
        QVERIFY(!pane.evaluateAction()->isEnabled());
        QCOMPARE(pane.evaluateAction()->toolTip(), QStringLiteral("a recording"));
        pane.setCannotEvaluate({});
        pane.revertAction()->trigger();
        QVERIFY(!pane.hasDraft());
        QCOMPARE(pane.editor()->source(), kSource);
    }

    void aNarrowTitleLosesTheEndOfTheNameAlone()
    {
        NodeView node;
        node.id = 47;
        node.parent = 37;
        node.title = QStringLiteral("packed_panels · ROWS=8 <VEC>=16");
        const QFontMetrics metrics(QApplication::font());
        const QString whole = candidateTitle(node, metrics, 2000);
        QVERIFY(whole.contains(QStringLiteral("&lt;VEC&gt;=16")));
        const QString narrow = candidateTitle(node, metrics, metrics.horizontalAdvance(whole) / 2);
        QVERIFY(narrow.contains(QStringLiteral("#37")));
        QVERIFY(narrow.endsWith(QStringLiteral("…")));
        QVERIFY(!candidateTitle(node, metrics, 10).contains(QStringLiteral("packed")));
        node.id = kNoCandidate;
        QCOMPARE(candidateTitle(node, metrics, 2000), QString());
    }

    void draftsAreKeptPerCandidate()
    {
        CandidatePane pane;
        pane.showCandidate(candidate(1, kSource));
        pane.editor()->insert(QStringLiteral("// mine\n"));
        pane.showCandidate(candidate(2, QStringLiteral("__kernel void g() {}\n")));
        QVERIFY(!pane.hasDraft());
        pane.showCandidate(candidate(1, kSource));
        QVERIFY(pane.hasDraft());
        QVERIFY(pane.editor()->source().startsWith(QStringLiteral("// mine")));
    }

    void anEditAsksForACandidateUnderTheShownOne()
    {
        CandidatePane pane;
        QSignalSpy asked(&pane, &CandidatePane::evaluateRequested);
        pane.showCandidate(candidate(7, kSource));
        auto *box = pane.findChild<QComboBox *>(QStringLiteral("parameter_TILE"));
        QVERIFY(box);
        box->setCurrentIndex(1);
        emit box->activated(1);
        pane.evaluateAction()->trigger();
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][0].toLongLong(), 7);
        QCOMPARE(asked[0][1].toString(), kSource);
        QCOMPARE((asked[0][2].value<QMap<QString, qint64>>().value(QStringLiteral("TILE"))), 32);
        QCOMPARE(asked[0][3].toString(), QStringLiteral("TILE 16→32"));
        QVERIFY(pane.hasDraft()); // until it is known to have arrived
        pane.editAccepted(7);
        QVERIFY(!pane.hasDraft());
    }

    void newTunablesAppearWhileTyping()
    {
        CandidatePane pane;
        pane.showCandidate(candidate(1, kSource));
        pane.editor()->insert(QStringLiteral("//@ tune EXTRA = 3, 5\n"));
        QTRY_VERIFY(pane.findChild<QComboBox *>(QStringLiteral("parameter_EXTRA")));
        QCOMPARE(pane.findChild<QComboBox *>(QStringLiteral("parameter_EXTRA"))->currentText(),
                 QStringLiteral("3"));
    }

    void whatIsTypedIsCompiled()
    {
        CandidatePane pane;
        QSignalSpy asked(&pane, &CandidatePane::checkRequested);
        pane.showCandidate(candidate(1, kSource));
        pane.editor()->insert(QStringLiteral("int broken\n"));
        QTRY_COMPARE(asked.count(), 1);
        CheckView answer;
        answer.source = asked[0][0].toString();
        answer.parameters = asked[0][1].value<QMap<QString, qint64>>();
        answer.message = QStringLiteral("line 1: expected ';'");
        answer.diagnostics = {{DiagnosticView::Severity::Error, 1, 11, QStringLiteral("expected ';'")}};
        CheckView old = answer;
        old.source = kSource;
        pane.showCheck(old);
        QVERIFY(pane.editor()->annotation(0).isEmpty()); // said of another text
        pane.showCheck(answer);
        QVERIFY(pane.editor()->annotation(0).contains(QStringLiteral("expected ';'")));
        const auto *state = pane.findChild<QLabel *>(QStringLiteral("compileState"));
        QVERIFY(state->text().contains(QStringLiteral("does not compile")));
        pane.revertAction()->trigger();
        QVERIFY(pane.editor()->annotation(0).isEmpty());
        QVERIFY(state->text().isEmpty());
    }

    void whatKernelsUseIsSaidInOneLine_data()
    {
        QTest::addColumn<QMap<QString, QString>>("resources");
        QTest::addColumn<QString>("said");
        QTest::newRow("nothing known") << QMap<QString, QString> {} << QString();
        QTest::newRow("keys of no kernel")
            << QMap<QString, QString> {{QStringLiteral("features"), QStringLiteral("x")}} << QString();
        QTest::newRow("CUDA")
            << QMap<QString, QString> {{QStringLiteral("f.registers"), QStringLiteral("29")},
                                       {QStringLiteral("f.spill_store_bytes"), QStringLiteral("8")},
                                       {QStringLiteral("f.spill_load_bytes"), QStringLiteral("4")},
                                       {QStringLiteral("f.occupancy"), QStringLiteral("0.5")},
                                       {QStringLiteral("f.occupancy_limit"), QStringLiteral("registers")}}
            << QStringLiteral("f: 29 registers, 12 B spilled, occupancy 50 % (limited by registers)");
        QTest::newRow("OpenCL")
            << QMap<QString, QString> {{QStringLiteral("a.local_mem_bytes"), QStringLiteral("64")},
                                       {QStringLiteral("b.local_mem_bytes"), QStringLiteral("0")}}
            << QStringLiteral("a: 64 B local memory a work-group");
    }

    void whatKernelsUseIsSaidInOneLine()
    {
        using Resources = QMap<QString, QString>;
        QFETCH(const Resources, resources);
        QFETCH(const QString, said);
        QCOMPARE(resourceText(resources), said);
    }

    void theSameCandidateAgainKeepsTheCaret()
    {
        CandidatePane pane;
        CandidateView view = candidate(1, kSource);
        pane.showCandidate(view);
        pane.editor()->setCursorPosition(3, 4);
        view.evaluation.present = true;
        view.evaluation.diagnostics = {
            {DiagnosticView::Severity::Error, 3, 1, QStringLiteral("late message")}};
        pane.showCandidate(view);
        int line = 0, column = 0;
        pane.editor()->getCursorPosition(&line, &column);
        QCOMPARE(line, 3);
        QVERIFY(pane.editor()->annotation(2).contains(QStringLiteral("late message")));
    }
};

QTEST_MAIN(TestEditor)
#include "tst_editor.moc"
