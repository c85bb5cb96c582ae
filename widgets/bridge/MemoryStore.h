// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/MemoryViews.h"

#include <QObject>

#include <memory>

namespace ww::ui {

/// The window's door to what was learned. Works on other threads; each change answers with loaded() or
/// failed().
class MemoryStore final : public QObject {
    Q_OBJECT
public:
    explicit MemoryStore(QObject *parent = nullptr);
    ~MemoryStore() override;

    void load();
    void edit(const QString &key, const QString &sentence);
    void setPinned(const QString &key, bool pinned);
    void setDisabled(const QString &key, bool disabled);
    void remove(const QString &key);
    /// A rule of a person's own.
    void write(const QString &language, const QString &sentence);
    /// Adds the rules of a list (our export, or a rule a line) as rules for `language`.
    void importList(const QString &path, const QString &language);
    void exportList(const QString &path);

signals:
    void loaded(const ww::ui::MemoryView &memory);
    /// Something else than a rule was done: what, in a sentence.
    void done(const QString &what);
    void failed(const ww::ui::ProblemView &problem);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace ww::ui
