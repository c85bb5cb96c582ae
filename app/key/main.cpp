// SPDX-License-Identifier: GPL-3.0-or-later
// Puts keys of model endpoints into the desktop's keyring and gives them out: "get NAME" prints one to
// standard output, "set NAME" reads one from standard input, "delete NAME" removes it. Ends with 0 when done,
// 1 when there is no such key, 2 when called wrongly and 3 when there is no keyring that can be used.
#include "core/model/KeyName.h"

#include <QCoreApplication>
#include <QTimer>

#include <qt6keychain/keychain.h>

#include <cstdio>
#include <iostream>
#include <string>

namespace {

enum ExitStatus { kDone = 0, kNoSuchKey = 1, kBadUsage = 2, kNoKeyring = 3 };

constexpr int kPatienceMs = 110'000; ///< a person may be asked to unlock the keyring
const QString kService = QStringLiteral("warpwright");

int statusOf(const QKeychain::Job &job)
{
    switch (job.error()) {
    case QKeychain::NoError: return kDone;
    case QKeychain::EntryNotFound: return kNoSuchKey;
    default: break;
    }
    std::fprintf(stderr, "%s\n", job.errorString().toUtf8().constData());
    return kNoKeyring;
}

/// Runs the job to its end; `onDone` sees it before it goes.
template <class Job> int run(Job &job, const std::function<void(Job &)> &onDone = {})
{
    int status = kNoKeyring;
    job.setAutoDelete(false);
    job.setInsecureFallback(false);
    QObject::connect(&job, &QKeychain::Job::finished, &job, [&] {
        status = statusOf(job);
        if (status == kDone && onDone)
            onDone(job);
        QCoreApplication::quit();
    });
    QTimer::singleShot(kPatienceMs, &job, [] {
        std::fprintf(stderr, "the keyring did not answer\n");
        QCoreApplication::quit();
    });
    job.start();
    QCoreApplication::exec();
    return status;
}

int get(const QString &name)
{
    QKeychain::ReadPasswordJob job(kService);
    job.setKey(name);
    return run<QKeychain::ReadPasswordJob>(job, [](QKeychain::ReadPasswordJob &done) {
        const QByteArray key = done.textData().toUtf8();
        std::fwrite(key.constData(), 1, static_cast<size_t>(key.size()), stdout);
    });
}

int set(const QString &name)
{
    std::string key;
    std::getline(std::cin, key);
    if (key.empty()) {
        std::fprintf(stderr, "no key came on standard input\n");
        return kBadUsage;
    }
    QKeychain::WritePasswordJob job(kService);
    job.setKey(name);
    job.setTextData(QString::fromStdString(key));
    return run(job);
}

int remove(const QString &name)
{
    QKeychain::DeletePasswordJob job(kService);
    job.setKey(name);
    return run(job);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const std::string action = argc == 3 ? argv[1] : "";
    const std::string name = argc == 3 ? argv[2] : "";
    if ((action != "get" && action != "set" && action != "delete") || !ww::isKeyName(name)) {
        std::fprintf(stderr, "usage: warpwright-key get|set|delete NAME\n");
        return kBadUsage;
    }
    const QString known = QString::fromStdString(name);
    return action == "get" ? get(known) : action == "set" ? set(known) : remove(known);
}
