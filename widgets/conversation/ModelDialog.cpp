// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/conversation/ModelDialog.h"

#include "widgets/bridge/ModelCheck.h"
#include "widgets/common/Format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace ww::ui {

namespace {

/// Base addresses and the usual names of key variables, as the providers document them.
struct Preset {
    const char *title;
    const char *url;
    const char *wire;
    const char *keyVariable;
};
constexpr Preset kPresets[] = {
    {"OpenAI, Responses", "https://api.openai.com/v1", "responses", "OPENAI_API_KEY"},
    {"OpenAI, chat completions", "https://api.openai.com/v1", "chat", "OPENAI_API_KEY"},
    {"Anthropic", "https://api.anthropic.com/v1", "messages", "ANTHROPIC_API_KEY"},
    {"OpenRouter", "https://openrouter.ai/api/v1", "chat", "OPENROUTER_API_KEY"},
    {"Ollama on this machine", "http://localhost:11434/v1", "chat", ""},
    {"llama.cpp server on this machine", "http://localhost:8080/v1", "chat", ""},
    {"vLLM on this machine", "http://localhost:8000/v1", "chat", ""},
};

} // namespace

ModelDialog::ModelDialog(const ModelSettingsView &settings, QWidget *parent)
    : QDialog(parent),
      m_preset(new QComboBox),
      m_url(new QLineEdit(settings.url)),
      m_wire(new QComboBox),
      m_model(new QLineEdit(settings.model)),
      m_keyVariable(new QLineEdit(settings.keyVariable)),
      m_keyName(new QLineEdit(settings.keyName)),
      m_keepKey(new QPushButton(tr("&Keep a key…"))),
      m_keyNote(new QLabel),
      m_plainHttp(new QCheckBox(tr("Allow http to another machine, which then sees the key unencrypted"))),
      m_maxTokens(new QSpinBox),
      m_parallel(new QSpinBox),
      m_temperature(new QDoubleSpinBox),
      m_structured(new QCheckBox(tr("Ask for answers by a JSON schema, where the endpoint offers that"))),
      m_test(new QPushButton(tr("&Test the connection"))),
      m_result(new QLabel),
      m_check(new ModelCheck(this))
{
    setObjectName(QStringLiteral("modelDialog"));
    setWindowTitle(tr("Model settings"));
    buildFields(settings);
    connect(m_preset, &QComboBox::activated, this, &ModelDialog::usePreset);
    connect(m_keyVariable, &QLineEdit::textChanged, this, &ModelDialog::updateKeyNote);
    connect(m_keyName, &QLineEdit::textChanged, this, &ModelDialog::updateKeyNote);
    connect(m_keepKey, &QPushButton::clicked, this, &ModelDialog::askForKey);
    connect(m_check, &ModelCheck::keyKept, this, [this](const QString &name, const QString &problem) {
        m_result->setText(problem.isEmpty() ? tr("The keyring keeps the key “%1”.").arg(name.toHtmlEscaped())
                                            : problem.toHtmlEscaped());
    });
    connect(m_test, &QPushButton::clicked, this, &ModelDialog::test);
    connect(m_check, &ModelCheck::tested, this, &ModelDialog::showResult);
    updateKeyNote();
}

void ModelDialog::buildFields(const ModelSettingsView &settings)
{
    m_preset->setObjectName(QStringLiteral("modelPreset"));
    m_preset->addItem(tr("Fill in for…"));
    for (const Preset &preset : kPresets)
        m_preset->addItem(QString::fromLatin1(preset.title));
    m_url->setObjectName(QStringLiteral("modelUrl"));
    m_url->setPlaceholderText(QStringLiteral("https://api.example.com/v1"));
    m_wire->setObjectName(QStringLiteral("modelWire"));
    m_wire->addItem(tr("chat completions (most servers)"), QStringLiteral("chat"));
    m_wire->addItem(tr("Responses (OpenAI)"), QStringLiteral("responses"));
    m_wire->addItem(tr("Messages (Anthropic)"), QStringLiteral("messages"));
    m_wire->setCurrentIndex(std::max(m_wire->findData(settings.wire), 0));
    m_model->setObjectName(QStringLiteral("modelName"));
    m_model->setPlaceholderText(tr("as the endpoint calls it"));
    m_keyVariable->setObjectName(QStringLiteral("modelKeyVariable"));
    m_keyVariable->setPlaceholderText(tr("none"));
    m_keyName->setObjectName(QStringLiteral("modelKeyName"));
    m_keyName->setPlaceholderText(tr("none"));
    m_keyName->setAccessibleName(tr("Name of the key in the keyring"));
    m_keepKey->setObjectName(QStringLiteral("keepKey"));
    m_keyNote->setProperty("dim", true);
    m_keyNote->setWordWrap(true);
    m_plainHttp->setChecked(settings.allowPlainHttp);
    m_maxTokens->setRange(256, 1'000'000);
    m_maxTokens->setSingleStep(1024);
    m_maxTokens->setSuffix(tr(" tokens"));
    m_maxTokens->setValue(settings.maxTokens);
    m_parallel->setRange(1, 64);
    m_parallel->setSuffix(tr(" at a time"));
    m_parallel->setToolTip(tr("1 is the published search, one step after another"));
    m_parallel->setValue(settings.parallel);
    m_temperature->setRange(-0.05, 2);
    m_temperature->setSingleStep(0.05);
    m_temperature->setSpecialValueText(tr("the endpoint's default"));
    m_temperature->setValue(settings.temperature < 0 ? -0.05 : settings.temperature);
    m_structured->setChecked(settings.structured);
    m_test->setObjectName(QStringLiteral("modelTest"));
    m_result->setObjectName(QStringLiteral("modelTestResult"));
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_result->setText(tr("Sends one short question, which may cost a fraction of a cent."));

    auto *form = new QFormLayout(this);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Provider"), m_preset);
    form->addRow(tr("&Address"), m_url);
    form->addRow(tr("&Format"), m_wire);
    form->addRow(tr("&Model"), m_model);
    form->addRow(tr("&Key from variable"), m_keyVariable);
    auto *keyring = new QHBoxLayout;
    keyring->addWidget(m_keyName, 1);
    keyring->addWidget(m_keepKey);
    form->addRow(tr("or from the keyring"), keyring);
    form->addRow(QString(), m_keyNote);
    form->addRow(QString(), m_plainHttp);
    form->addRow(tr("&Longest answer"), m_maxTokens);
    form->addRow(tr("&Questions"), m_parallel);
    form->addRow(tr("Temperat&ure"), m_temperature);
    form->addRow(QString(), m_structured);
    form->addRow(m_test, m_result);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    for (QWidget *field : {static_cast<QWidget *>(m_preset), static_cast<QWidget *>(m_url),
                           static_cast<QWidget *>(m_wire), static_cast<QWidget *>(m_model),
                           static_cast<QWidget *>(m_keyVariable), static_cast<QWidget *>(m_maxTokens),
                           static_cast<QWidget *>(m_parallel), static_cast<QWidget *>(m_temperature)}) {
        if (const auto *label = qobject_cast<QLabel *>(form->labelForField(field)))
            field->setAccessibleName(label->text().remove(QLatin1Char('&')));
    }
    constexpr int kWidth = 680;
    resize(kWidth, form->totalHeightForWidth(kWidth)); // wrapped lines count only once there is a width
}

ModelSettingsView ModelDialog::settings() const
{
    ModelSettingsView settings;
    settings.url = m_url->text().trimmed();
    settings.wire = m_wire->currentData().toString();
    settings.model = m_model->text().trimmed();
    settings.keyVariable = m_keyVariable->text().trimmed();
    settings.keyName = m_keyName->text().trimmed();
    settings.allowPlainHttp = m_plainHttp->isChecked();
    settings.maxTokens = m_maxTokens->value();
    settings.parallel = m_parallel->value();
    settings.temperature = m_temperature->value() < 0 ? -1 : m_temperature->value();
    settings.structured = m_structured->isChecked();
    return settings;
}

void ModelDialog::usePreset(int index)
{
    if (index < 1)
        return;
    const Preset &preset = kPresets[index - 1];
    m_url->setText(QString::fromLatin1(preset.url));
    m_wire->setCurrentIndex(m_wire->findData(QString::fromLatin1(preset.wire)));
    m_keyVariable->setText(QString::fromLatin1(preset.keyVariable));
}

void ModelDialog::updateKeyNote()
{
    const QString variable = m_keyVariable->text().trimmed();
    const QString name = m_keyName->text().trimmed();
    m_keepKey->setEnabled(!name.isEmpty());
    if (environmentHolds(variable))
        m_keyNote->setText(tr("%1 is set. Its value is kept nowhere.").arg(variable));
    else if (!name.isEmpty())
        m_keyNote->setText(tr("The key is asked from the desktop's keyring when it is needed."));
    else if (!variable.isEmpty())
        m_keyNote->setText(tr("%1 is not set: start Warpwright from a shell where it is.").arg(variable));
    else
        m_keyNote->setText(tr("No key is sent: right for a server on this machine."));
}

void ModelDialog::askForKey()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keep a key"));
    dialog->setLabelText(
        tr("Key “%1”, kept in the desktop's keyring and nowhere else:").arg(m_keyName->text()));
    dialog->setTextEchoMode(QLineEdit::Password);
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &secret) {
        if (!secret.trimmed().isEmpty())
            m_check->keepKey(m_keyName->text().trimmed(), secret.trimmed());
    });
    dialog->open();
}

void ModelDialog::test()
{
    m_result->setText(tr("asking…"));
    m_check->test(settings());
}

void ModelDialog::showResult(const ModelTestView &result)
{
    m_result->setText(
        result.ok ? tr("<b>%1</b> answered “%2”, first text after %3, %4 in all")
                        .arg(result.model.toHtmlEscaped(), shortened(result.answer, 60).toHtmlEscaped(),
                             timeText(result.firstTextSeconds * 1e6), timeText(result.seconds * 1e6))
                  : result.problem.toHtmlEscaped());
}

} // namespace ww::ui
