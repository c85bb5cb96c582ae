// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>

/// What the window shows of asking a model, as plain values.
namespace ww::ui {

/// Which model proposes candidates and how it is reached. Never the key itself.
struct ModelSettingsView {
    QString url; ///< base address of the endpoint; empty: none is set up
    QString wire = QStringLiteral("chat"); ///< "chat", "responses", "messages"
    QString model; ///< its name at the endpoint
    QString keyVariable; ///< environment variable with the key
    QString
        keyName; ///< its name in the desktop's keyring, for when the variable is not set; both empty: none
    bool allowPlainHttp = false; ///< http to another machine
    int maxTokens = 16384; ///< of an answer
    int parallel = 4; ///< steps it is asked for at a time
    double temperature = -1; ///< below 0: the endpoint's default
    bool structured = false; ///< answers by a JSON schema, where the endpoint offers that

    bool operator==(const ModelSettingsView &) const = default;
};

/// One side's words in a conversation.
struct TurnView {
    bool byModel = false;
    QString text;
};

/// A question to a model and what came of it.
struct ModelCallView {
    int step = 0;
    int turn = 1; ///< 2: asked to repair its answer
    QString kind; ///< "large", "small"
    QString endpoint, model;
    QString system; ///< text that goes before every question
    QList<TurnView> turns;
    bool answered = false; ///< false: under way, or cut off
    QString reply, reasoning, stop;
    QString fault; ///< why the call failed; empty when it did not
    qint64 input = 0, cachedInput = 0, output = 0; ///< tokens
    double money = -1; ///< US dollars; below 0: the price is not known
    double firstTextSeconds = 0, seconds = 0;
    int attempts = 1;
};

/// What a session's questions cost.
struct SpendingView {
    int calls = 0;
    int unpriced = 0; ///< of these, without a known price
    qint64 input = 0, cachedInput = 0, output = 0; ///< tokens
    double money = 0; ///< US dollars
    double forecast = -1; ///< US dollars at the end of the search; below 0: not known
};

/// What a test of an endpoint found.
struct ModelTestView {
    bool ok = false;
    QString model; ///< as the endpoint names it
    QString answer;
    double firstTextSeconds = 0, seconds = 0;
    QString problem; ///< what failed and what to do about it
};

/// A question that waits for a person who carries it to a model.
struct OpenQuestionView {
    quint64 number = 0;
    QString text; ///< all of it, to be pasted
};

} // namespace ww::ui

Q_DECLARE_METATYPE(ww::ui::ModelCallView)
