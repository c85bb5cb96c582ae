// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/HttpClient.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace ww {
namespace {

using Clock = std::chrono::steady_clock;
using End = HttpOutcome::End;

constexpr long kLongestWaitMs = 60000;

Clock::time_point after(double seconds)
{
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

long milliseconds(double seconds)
{
    return static_cast<long>(std::clamp(seconds, 0.001, 1e6) * 1000);
}

/// One request from its start to its end.
struct Transfer {
    HttpClient::Ticket ticket = 0;
    HttpRequest request;
    HttpListener listener;
    CURL *easy = nullptr;
    curl_slist *headers = nullptr;
    Clock::time_point started;
    Clock::time_point lastByte;
    size_t bytes = 0;
    bool headTold = false;
    bool tooLong = false;
    std::optional<double> retryAfterMs; ///< of a header that libcurl does not know

    Transfer() = default;
    Transfer(const Transfer &) = delete;
    Transfer &operator=(const Transfer &) = delete;
    ~Transfer()
    {
        curl_easy_cleanup(easy);
        curl_slist_free_all(headers);
    }

    [[nodiscard]] int status() const
    {
        long code = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
        return static_cast<int>(code);
    }

    [[nodiscard]] bool connected() const
    {
        curl_off_t microseconds = 0;
        curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &microseconds);
        return microseconds > 0;
    }

    void tellHead()
    {
        if (std::exchange(headTold, true) || !listener.onHead)
            return;
        const char *type = nullptr;
        curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
        listener.onHead(status(), type ? type : "");
    }
};

size_t onBody(char *data, size_t size, size_t count, void *user)
{
    auto &transfer = *static_cast<Transfer *>(user);
    const size_t bytes = size * count;
    transfer.lastByte = Clock::now();
    transfer.bytes += bytes;
    transfer.tooLong = transfer.bytes > transfer.request.maxBytes;
    if (transfer.tooLong)
        return 0;
    transfer.tellHead();
    if (transfer.listener.onBytes)
        transfer.listener.onBytes({data, bytes});
    return bytes;
}

size_t onHeader(char *data, size_t size, size_t count, void *user)
{
    auto &transfer = *static_cast<Transfer *>(user);
    transfer.lastByte = Clock::now();
    std::string line(data, size * count);
    std::transform(line.begin(), line.end(), line.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view kName = "retry-after-ms:";
    if (line.starts_with(kName)) {
        const size_t digits = line.find_first_not_of(' ', kName.size());
        double value = 0;
        // "inf" and "nan" are numbers, too.
        if (digits != std::string::npos
            && std::from_chars(line.data() + digits, line.data() + line.size(), value).ec == std::errc()
            && value >= 0 && std::isfinite(value))
            transfer.retryAfterMs = value;
    }
    return size * count;
}

bool prepare(Transfer &transfer, CURLM *multi)
{
    transfer.easy = curl_easy_init();
    if (!transfer.easy)
        return false;
    for (const std::string &header : transfer.request.headers)
        transfer.headers = curl_slist_append(transfer.headers, header.c_str());
    transfer.headers = curl_slist_append(transfer.headers, "Expect:"); // a second round trip for nothing
    CURL *easy = transfer.easy;
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(transfer.request.body.size()));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(transfer.request.connectSeconds));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(transfer.request.totalSeconds));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &onBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
#if LIBCURL_VERSION_NUM >= 0x075700
    // A cancelled request does not wait, and all others with it, for a name server that does not answer.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    transfer.started = transfer.lastByte = Clock::now();
    return curl_multi_add_handle(multi, easy) == CURLM_OK;
}

End endOf(CURLcode code, const Transfer &transfer)
{
    switch (code) {
    case CURLE_OK: return End::Complete;
    case CURLE_OPERATION_TIMEDOUT: return transfer.connected() ? End::TooSlow : End::NoConnection;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return End::NoConnection;
    default: return transfer.tooLong ? End::TooLong : End::Broken;
    }
}

} // namespace

struct HttpClient::State {
    struct Order {
        Clock::time_point due;
        Ticket ticket = 0;
        std::unique_ptr<Transfer> start; ///< to be sent; none: to be cancelled
    };

    State() : multi(curl_multi_init()), thread([this](const std::stop_token &stop) { run(stop); }) { }

    void order(Order order)
    {
        {
            const std::lock_guard lock(mutex);
            orders.push_back(std::move(order));
        }
        curl_multi_wakeup(multi);
    }

    void run(const std::stop_token &stop);
    std::vector<Order> takeDue();
    void begin(std::unique_ptr<Transfer> transfer);
    void end(Ticket ticket, HttpOutcome outcome);
    void endWaiting(Ticket ticket);
    void collectDone();
    void endSilent();
    void endAll();
    std::vector<Order> takeOrders()
    {
        const std::lock_guard lock(mutex);
        return std::exchange(orders, {});
    }
    [[nodiscard]] long waitMs();

    CURLM *multi;
    std::mutex mutex;
    std::vector<Order> orders;
    Ticket lastTicket = 0; ///< guarded by the mutex
    std::map<Ticket, std::unique_ptr<Transfer>> running; ///< of the thread alone
    std::jthread thread;
};

std::vector<HttpClient::State::Order> HttpClient::State::takeDue()
{
    const std::lock_guard lock(mutex);
    const auto later = std::stable_partition(
        orders.begin(), orders.end(), [now = Clock::now()](const Order &order) { return order.due <= now; });
    std::vector<Order> due(std::make_move_iterator(orders.begin()), std::make_move_iterator(later));
    orders.erase(orders.begin(), later);
    return due;
}

void HttpClient::State::begin(std::unique_ptr<Transfer> transfer)
{
    if (prepare(*transfer, multi)) {
        running.emplace(transfer->ticket, std::move(transfer));
        return;
    }
    transfer->listener.onDone({End::Broken, 0, "libcurl could not start the request", {}});
}

void HttpClient::State::end(Ticket ticket, HttpOutcome outcome)
{
    const auto found = running.find(ticket);
    if (found == running.end())
        return;
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    running.erase(found);
    outcome.status = transfer->status();
    curl_off_t seconds = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (transfer->retryAfterMs)
        outcome.retryAfterSeconds = *transfer->retryAfterMs / 1000;
    else if (seconds > 0)
        outcome.retryAfterSeconds = static_cast<double>(seconds);
    if (outcome.end == End::Complete)
        transfer->tellHead(); // an answer without a body
    curl_multi_remove_handle(multi, transfer->easy);
    transfer->listener.onDone(outcome);
}

/// Cancels a request that was not sent yet.
void HttpClient::State::endWaiting(Ticket ticket)
{
    std::unique_ptr<Transfer> waiting;
    {
        const std::lock_guard lock(mutex);
        const auto found = std::find_if(orders.begin(), orders.end(), [ticket](const Order &order) {
            return order.ticket == ticket && order.start;
        });
        if (found == orders.end())
            return;
        waiting = std::move(found->start);
        orders.erase(found);
    }
    waiting->listener.onDone({End::Cancelled, 0, "cancelled", {}});
}

void HttpClient::State::collectDone()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        Transfer *transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        const CURLcode code = message->data.result;
        end(transfer->ticket, {endOf(code, *transfer), 0, curl_easy_strerror(code), {}});
    }
}

void HttpClient::State::endSilent()
{
    std::vector<Ticket> silent;
    for (const auto &[ticket, transfer] : running) {
        const std::chrono::duration<double> quiet = Clock::now() - transfer->lastByte;
        if (quiet.count() > transfer->request.silenceSeconds)
            silent.push_back(ticket);
    }
    for (const Ticket ticket : silent)
        end(ticket, {End::Silent, 0, "no byte came for too long", {}});
}

/// Until the next thing that is due by the clock; libcurl looks after its own sockets and timeouts.
long HttpClient::State::waitMs()
{
    Clock::time_point next = after(static_cast<double>(kLongestWaitMs) / 1000);
    {
        const std::lock_guard lock(mutex);
        for (const Order &order : orders)
            next = std::min(next, order.due);
    }
    for (const auto &[ticket, transfer] : running)
        next = std::min(next,
                        transfer->lastByte
                            + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(transfer->request.silenceSeconds)));
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count() + 1;
    return std::clamp(static_cast<long>(left), 0L, kLongestWaitMs);
}

void HttpClient::State::endAll()
{
    const HttpOutcome ending {End::Cancelled, 0, "the program ends", {}};
    while (!running.empty())
        end(running.begin()->first, ending);
    // A listener that is told may send something once more.
    for (std::vector<Order> left; !(left = takeOrders()).empty();) {
        for (const Order &order : left) {
            if (order.start)
                order.start->listener.onDone(ending);
        }
    }
}

void HttpClient::State::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        for (Order &order : takeDue()) {
            if (order.start)
                begin(std::move(order.start));
            else if (running.contains(order.ticket))
                end(order.ticket, {End::Cancelled, 0, "cancelled", {}});
            else
                endWaiting(order.ticket);
        }
        int active = 0;
        curl_multi_perform(multi, &active);
        collectDone();
        endSilent();
        curl_multi_poll(multi, nullptr, 0, static_cast<int>(waitMs()), nullptr);
    }
    endAll();
    curl_multi_cleanup(multi);
}

HttpClient::HttpClient()
{
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)initialised; // curl_multi_init() fails after it, and then every request does
    m_state = std::make_unique<State>();
}

HttpClient::~HttpClient()
{
    m_state->thread.request_stop();
    curl_multi_wakeup(m_state->multi);
    m_state->thread.join();
}

HttpClient::Ticket HttpClient::send(HttpRequest request, HttpListener listener, double delaySeconds)
{
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->listener = std::move(listener);
    {
        const std::lock_guard lock(m_state->mutex);
        transfer->ticket = ++m_state->lastTicket;
    }
    const Ticket ticket = transfer->ticket;
    m_state->order({after(delaySeconds), ticket, std::move(transfer)});
    return ticket;
}

void HttpClient::cancel(Ticket ticket, double delaySeconds)
{
    m_state->order({after(delaySeconds), ticket, nullptr});
}

} // namespace ww
