// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QObject>

#include <memory>

namespace ww::ui {

/// What a report can be.
enum class ReportFormat { Html, Csv, Json };

/// The window's door to core. Everything slow (loading, starting workers, exporting) happens on other
/// threads; every signal comes on this object's thread, in the order of the journal. One session at a time.
class SearchController final : public QObject {
    Q_OBJECT
public:
    explicit SearchController(QObject *parent = nullptr);
    ~SearchController() override; ///< stops a running search and waits for it

    /// Answers with tasksListed().
    void listTasks();
    /// Answers with devicesFound() or failed().
    void findDevices();
    /// Opens a session file to look at; one that another process writes is followed.
    void openSession(const QString &path);
    /// Starts a search in a new session file. `settings.task` is a name of the catalogue or a directory.
    void startSearch(const SearchSettings &settings, bool paused = false);
    /// Goes on with the open session, under the limits of `settings`.
    void continueSearch(const SearchSettings &settings, bool paused = false);
    void pause();
    void resume();
    void step();
    void stop();
    void setBudget(const SearchSettings &settings);
    /// Advice for the next candidate that is made from `id`; empty takes it back.
    void setHint(CandidateId id, const QString &text);
    /// Keeps that the user has named this endpoint, so that sessions that ask there can be continued.
    void rememberModel(const ModelSettingsView &model);
    /// What a model answered to a question that a person carried to it.
    void answerQuestion(quint64 number, const QString &text);
    /// Evaluates a person's version under `parent`; brings the session to life, paused, where it is not
    /// running.
    void evaluateEdit(CandidateId parent, const QString &source, const QMap<QString, qint64> &parameters,
                      const QString &title);
    /// Compiles a version that is being typed, without running it; answers with sourceChecked(), if no newer
    /// version comes first. Not while a search times kernels on the processor that would compile.
    void checkSource(const QString &source, const QMap<QString, qint64> &parameters);
    /// Writes a report; answers with exported() or failed().
    void exportReport(const QString &path, ReportFormat format);

    [[nodiscard]] RunState state() const;
    /// True while a search runs, is paused, starts or stops.
    [[nodiscard]] bool isBusy() const;
    [[nodiscard]] SummaryView summary() const;
    [[nodiscard]] CandidateView candidate(CandidateId id) const;
    [[nodiscard]] QList<TimingView> timing(CandidateId id) const;
    /// Seconds of running time, also between events.
    [[nodiscard]] double runSeconds() const;

signals:
    void tasksListed(const QList<ww::ui::TaskView> &tasks, const QList<ww::ui::ProblemView> &problems);
    void devicesFound(const QList<ww::ui::DeviceView> &devices);
    void sessionOpened(const ww::ui::SummaryView &summary, const QList<ww::ui::NodeView> &nodes);
    void candidateAdded(const ww::ui::NodeView &node);
    void candidateChanged(const ww::ui::NodeView &node);
    void summaryChanged(const ww::ui::SummaryView &summary);
    void stateChanged(ww::ui::RunState state);
    /// A candidate is being made for that step: by a model, or by a person.
    void stepBegun(int step, const QString &about);
    void stepEnded(int step);
    void modelText(int step, const QString &piece);
    /// Questions that wait for a person who carries them to a model.
    void questionsChanged(const QList<ww::ui::OpenQuestionView> &questions);
    void stageReported(ww::ui::CandidateId id, bool confirmation, const ww::ui::StageView &stage);
    void samplesTaken(const ww::ui::SamplesView &samples);
    void sourceChecked(const ww::ui::CheckView &check);
    void exported(const QString &path);
    void failed(const ww::ui::ProblemView &problem);
    /// The last evaluateEdit() did not become a candidate.
    void editRefused();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Folder of session files, made when missing; empty when it cannot be made.
[[nodiscard]] QString sessionsFolder();
/// "warpwright 0.1.0".
[[nodiscard]] QString programVersion();

} // namespace ww::ui
