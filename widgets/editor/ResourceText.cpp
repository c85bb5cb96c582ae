// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/ResourceText.h"

#include "widgets/common/Format.h"

#include <QCoreApplication>
#include <QStringList>

namespace ww::ui {

namespace {

QString tr(const char *words)
{
    return QCoreApplication::translate("ResourceText", words);
}

QString kernelText(const QMap<QString, QString> &facts)
{
    QStringList parts;
    const auto bytes = [&](const char *key, const QString &what) {
        const QString name = QString::fromLatin1(key);
        if (facts.contains(name) && facts[name] != QLatin1String("0"))
            parts << tr("%1 B %2").arg(facts[name], what);
    };
    if (facts.contains(QStringLiteral("registers")))
        parts << tr("%1 registers").arg(facts[QStringLiteral("registers")]);
    const qint64 spilled = facts.value(QStringLiteral("spill_store_bytes")).toLongLong()
        + facts.value(QStringLiteral("spill_load_bytes")).toLongLong();
    if (facts.contains(QStringLiteral("spill_store_bytes")))
        parts << (spilled == 0 ? tr("nothing spilled") : tr("%1 B spilled").arg(spilled));
    bytes("stack_bytes", tr("stack"));
    bytes("static_shared_bytes", tr("static shared memory"));
    bytes("dynamic_shared_bytes", tr("dynamic shared memory"));
    bytes("local_mem_bytes", tr("local memory a work-group"));
    bytes("private_mem_bytes", tr("private memory a work-item"));
    if (facts.contains(QStringLiteral("occupancy")))
        parts << tr("occupancy %1 (limited by %2)")
                     .arg(percentText(facts[QStringLiteral("occupancy")].toDouble()),
                          facts.value(QStringLiteral("occupancy_limit")));
    return parts.join(QStringLiteral(", "));
}

} // namespace

QString resourceText(const QMap<QString, QString> &resources)
{
    QMap<QString, QMap<QString, QString>> kernels;
    for (auto it = resources.cbegin(); it != resources.cend(); ++it) {
        const qsizetype dot = it.key().lastIndexOf(QLatin1Char('.'));
        if (dot > 0)
            kernels[it.key().left(dot)][it.key().mid(dot + 1)] = it.value();
    }
    QStringList said;
    for (auto it = kernels.cbegin(); it != kernels.cend(); ++it) {
        if (const QString facts = kernelText(it.value()); !facts.isEmpty())
            said << it.key() + QStringLiteral(": ") + facts;
    }
    return said.join(QStringLiteral(" · "));
}

} // namespace ww::ui
