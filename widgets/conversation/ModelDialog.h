// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace ww::ui {

class ModelCheck;

/// Which model proposes candidates, where it is asked, and whether that works.
class ModelDialog final : public QDialog {
    Q_OBJECT
public:
    explicit ModelDialog(const ModelSettingsView &settings, QWidget *parent = nullptr);

    [[nodiscard]] ModelSettingsView settings() const;

private:
    void buildFields(const ModelSettingsView &settings);
    void usePreset(int index);
    void updateKeyNote();
    void askForKey();
    void test();
    void showResult(const ModelTestView &result);

    QComboBox *m_preset;
    QLineEdit *m_url;
    QComboBox *m_wire;
    QLineEdit *m_model;
    QLineEdit *m_keyVariable;
    QLineEdit *m_keyName;
    QPushButton *m_keepKey;
    QLabel *m_keyNote;
    QCheckBox *m_plainHttp;
    QSpinBox *m_maxTokens;
    QSpinBox *m_parallel;
    QDoubleSpinBox *m_temperature;
    QCheckBox *m_structured;
    QPushButton *m_test;
    QLabel *m_result;
    ModelCheck *m_check;
};

} // namespace ww::ui
