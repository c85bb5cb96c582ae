// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/WindowUnderTest.h"
#include "widgets/common/Banner.h"
#include "widgets/common/Theme.h"
#include "widgets/memory/MemoryDialog.h"

#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>

using namespace ww::ui;

class TestMemoryDialog : public QObject {
    Q_OBJECT
private:
    static constexpr int kPatience = 30'000; // ms; other work may share the machine
    ww::test::PrivateHome m_home;
    std::unique_ptr<MemoryDialog> m_dialog;

    [[nodiscard]] QAbstractItemModel *rules() const
    {
        return m_dialog->findChild<QTableView *>(QStringLiteral("ruleTable"))->model();
    }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return rules()->index(row, column).data().toString();
    }
    QPushButton *button(const QString &title)
    {
        for (QPushButton *each : m_dialog->findChildren<QPushButton *>()) {
            if (each->text().remove(QLatin1Char('&')) == title)
                return each;
        }
        return nullptr;
    }
    void write(const QString &sentence)
    {
        const int before = rules()->rowCount();
        auto *own = m_dialog->findChild<QLineEdit *>(QStringLiteral("ownRule"));
        own->setText(sentence);
        button(QStringLiteral("Add"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(rules()->rowCount(), before + 1, kPatience);
    }

private slots:
    void initTestCase() { applyTheme(ThemeName::Light); }
    void init()
    {
        m_dialog = std::make_unique<MemoryDialog>();
        m_dialog->show();
    }
    void cleanup() { m_dialog.reset(); }

    void withNothingLearnedItSaysHowThatComesAbout()
    {
        const auto *effect = m_dialog->findChild<QLabel *>(QStringLiteral("memoryEffect"));
        QTRY_VERIFY_WITH_TIMEOUT(effect->text().contains(QStringLiteral("No prompt")), kPatience);
        QCOMPARE(rules()->rowCount(), 0);
        QVERIFY(!button(QStringLiteral("Delete"))->isEnabled());
        ww::test::keepPicture(*m_dialog, QStringLiteral("memory-empty-light"));
    }

    void aRuleIsWrittenChangedAndTakenAway()
    {
        write(QStringLiteral("Name every barrier's scope."));
        QCOMPARE(cell(0, 1), QStringLiteral("Name every barrier's scope."));
        QCOMPARE(cell(0, 0), QStringLiteral("active"));
        auto *words = m_dialog->findChild<QPlainTextEdit *>(QStringLiteral("ruleSentence"));
        words->setPlainText(QStringLiteral("Give every barrier its scope."));
        button(QStringLiteral("Save the wording"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 1), QStringLiteral("Give every barrier its scope."), kPatience);
        button(QStringLiteral("Pin"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 0), QStringLiteral("pinned"), kPatience);
        button(QStringLiteral("Disable"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 0), QStringLiteral("disabled"), kPatience);
        ww::test::keepPicture(*m_dialog, QStringLiteral("memory-light"));
        button(QStringLiteral("Delete"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(rules()->rowCount(), 0, kPatience);
    }

    void theFilterShortensTheTable()
    {
        write(QStringLiteral("Rows go to registers."));
        write(QStringLiteral("Columns go to local memory."));
        auto *filter = m_dialog->findChild<QLineEdit *>(QStringLiteral("ruleFilter"));
        filter->setText(QStringLiteral("LOCAL"));
        QCOMPARE(rules()->rowCount(), 1);
        QCOMPARE(cell(0, 1), QStringLiteral("Columns go to local memory."));
    }

    void whatHelpsIsSaidWithItsInterval()
    {
        MemoryEffectView effect;
        QVERIFY(effectText(effect).contains(QStringLiteral("No prompt")));
        effect = {62, 100, 15, 30, 0.12, -0.07, 0.30};
        QCOMPARE(
            effectText(effect),
            QStringLiteral("With memory 62 % of 100 prompts passed, without 50 % of 30 prompts passed: +12 "
                           "percentage points [−7, 30]"));
        effect.promptsWithout = 0;
        QVERIFY(effectText(effect).endsWith(QStringLiteral("without no prompt yet")));
    }
};

QTEST_MAIN(TestMemoryDialog)
#include "tst_memory_dialog.moc"
