// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QObject>

#include <memory>

namespace ww::ui {

/// Asks an endpoint one short question, to see whether it answers, which model does, and how soon.
class ModelCheck final : public QObject {
    Q_OBJECT
public:
    explicit ModelCheck(QObject *parent = nullptr);
    ~ModelCheck() override; ///< cancels what is under way

    /// Answers with tested(); a test under way is cancelled and not answered.
    void test(const ModelSettingsView &settings);
    void cancel();
    /// Puts a key into the desktop's keyring; answers with keyKept().
    void keepKey(const QString &name, const QString &secret);

signals:
    void tested(const ww::ui::ModelTestView &result);
    /// `problem` is empty when the keyring has taken the key.
    void keyKept(const QString &name, const QString &problem);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Whether the environment holds a value for a variable's name.
[[nodiscard]] bool environmentHolds(const QString &variable);

} // namespace ww::ui
