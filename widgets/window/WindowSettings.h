// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace ww::ui {

/// What the window remembers between runs.
class WindowSettings {
public:
    [[nodiscard]] QByteArray geometry() const
    {
        return m_file.value(QStringLiteral("window/geometry")).toByteArray();
    }
    void setGeometry(const QByteArray &geometry)
    {
        m_file.setValue(QStringLiteral("window/geometry"), geometry);
    }
    [[nodiscard]] QByteArray layout() const
    {
        return m_file.value(QStringLiteral("window/layout")).toByteArray();
    }
    void setLayout(const QByteArray &layout) { m_file.setValue(QStringLiteral("window/layout"), layout); }
    /// "system", "light", "dark" or "high-contrast".
    [[nodiscard]] QString theme() const
    {
        return m_file.value(QStringLiteral("window/theme"), QStringLiteral("system")).toString();
    }
    void setTheme(const QString &theme) { m_file.setValue(QStringLiteral("window/theme"), theme); }
    [[nodiscard]] bool buttonLabels() const
    {
        return m_file.value(QStringLiteral("window/buttonLabels"), true).toBool();
    }
    void setButtonLabels(bool on) { m_file.setValue(QStringLiteral("window/buttonLabels"), on); }
    [[nodiscard]] bool motion() const { return m_file.value(QStringLiteral("window/motion"), true).toBool(); }
    void setMotion(bool on) { m_file.setValue(QStringLiteral("window/motion"), on); }
    [[nodiscard]] bool tuneWhenIdle() const
    {
        return m_file.value(QStringLiteral("search/tuneWhenIdle"), true).toBool();
    }
    void setTuneWhenIdle(bool on) { m_file.setValue(QStringLiteral("search/tuneWhenIdle"), on); }
    /// False until a search has been started once.
    [[nodiscard]] bool startedBefore() const
    {
        return m_file.value(QStringLiteral("firstRun/started"), false).toBool();
    }
    void setStartedBefore() { m_file.setValue(QStringLiteral("firstRun/started"), true); }
    [[nodiscard]] bool cardDismissed() const
    {
        return m_file.value(QStringLiteral("firstRun/cardDismissed"), false).toBool();
    }
    void setCardDismissed(bool dismissed)
    {
        m_file.setValue(QStringLiteral("firstRun/cardDismissed"), dismissed);
    }
    /// The model last set up; without an address when none was. No key is ever kept.
    [[nodiscard]] ModelSettingsView model() const
    {
        const auto value = [this](const char *name, const QVariant &otherwise) {
            return m_file.value(QStringLiteral("model/") + QLatin1String(name), otherwise);
        };
        ModelSettingsView model;
        model.url = value("url", {}).toString();
        model.wire = value("wire", model.wire).toString();
        model.model = value("model", {}).toString();
        model.keyVariable = value("keyVariable", {}).toString();
        model.keyName = value("keyName", {}).toString();
        model.allowPlainHttp = value("allowPlainHttp", false).toBool();
        model.maxTokens = value("maxTokens", model.maxTokens).toInt();
        model.parallel = value("parallel", model.parallel).toInt();
        model.temperature = value("temperature", model.temperature).toDouble();
        model.structured = value("structured", false).toBool();
        return model;
    }
    void setModel(const ModelSettingsView &model)
    {
        const std::pair<const char *, QVariant> values[] = {{"url", model.url},
                                                            {"wire", model.wire},
                                                            {"model", model.model},
                                                            {"keyVariable", model.keyVariable},
                                                            {"keyName", model.keyName},
                                                            {"allowPlainHttp", model.allowPlainHttp},
                                                            {"maxTokens", model.maxTokens},
                                                            {"parallel", model.parallel},
                                                            {"temperature", model.temperature},
                                                            {"structured", model.structured}};
        for (const auto &[name, value] : values)
            m_file.setValue(QStringLiteral("model/") + QLatin1String(name), value);
    }
    /// Session files, newest first.
    [[nodiscard]] QStringList recent() const
    {
        return m_file.value(QStringLiteral("recent/sessions")).toStringList();
    }
    void addRecent(const QString &path)
    {
        QStringList all = recent();
        all.removeAll(path);
        all.prepend(path);
        m_file.setValue(QStringLiteral("recent/sessions"), all.mid(0, kRecentLimit));
    }

private:
    static constexpr qsizetype kRecentLimit = 10;
    QSettings m_file {QSettings::IniFormat, QSettings::UserScope, QStringLiteral("warpwright"),
                      QStringLiteral("window")};
};

} // namespace ww::ui
