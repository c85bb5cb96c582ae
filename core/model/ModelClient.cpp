// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ModelClient.h"

#include "core/base/Random.h"
#include "core/model/HttpClient.h"
#include "core/model/WireFormat.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <random>

namespace ww {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = ModelFault::Kind;
using End = HttpOutcome::End;

/// Calls in a row that ended with a fault of the endpoint's: then it is down, and a search would run on
/// without a proposer.
constexpr int kFailuresToStop = 5;
constexpr double kLongestBackoff = 8;
/// An endpoint that asks for more than this is not waited for.
constexpr double kLongestRetryAfter = 60;
constexpr size_t kMaxEventBytes = 4u << 20;
constexpr size_t kMaxErrorBytes = 64u << 10;
/// A connection is kept when the stream ends within this time after its last event.
constexpr double kLingerSeconds = 0.5;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

bool isEndpointsFault(Kind kind)
{
    return kind == Kind::Overloaded || kind == Kind::RateLimited || kind == Kind::Unreachable
        || kind == Kind::Timeout || kind == Kind::Truncated;
}

bool stopsAtOnce(Kind kind)
{
    return kind == Kind::Refused || kind == Kind::Quota;
}

bool mayRepeat(const ModelFault &fault)
{
    return fault.kind == Kind::Overloaded || fault.kind == Kind::RateLimited
        || fault.kind == Kind::Unreachable || (fault.kind == Kind::Timeout && fault.status == 408);
}

/// What the way of a request's end says by itself.
std::optional<ModelFault> faultOfEnd(const HttpOutcome &outcome)
{
    switch (outcome.end) {
    case End::Complete: return std::nullopt;
    case End::Cancelled: return ModelFault {Kind::Cancelled, "the call was cancelled", outcome.status, {}};
    case End::NoConnection: return ModelFault {Kind::Unreachable, outcome.message, 0, {}};
    case End::Silent:
    case End::TooSlow: return ModelFault {Kind::Timeout, outcome.message, outcome.status, {}};
    case End::TooLong: return ModelFault {Kind::TooLong, "the answer never ends", outcome.status, {}};
    case End::Broken: return ModelFault {Kind::Truncated, outcome.message, outcome.status, {}};
    }
    return std::nullopt;
}

/// One call with its attempts. Touched by the HTTP thread alone once it is sent.
struct Call {
    ModelClient::Ticket ticket = 0;
    ModelRequest request;
    WireQuirks quirks; ///< with which it was last sent
    ModelListener listener;
    HttpClient::Ticket http = 0; ///< guarded by the client's mutex
    bool cancelled = false; ///< likewise
    int attempts = 0;
    Clock::time_point started;

    int status = 0;
    enum class Content { Events, Document, Foreign } content = Content::Foreign;
    std::string contentType;
    std::string document; ///< of an answer that is no stream
    ServerSentEvents events {kMaxEventBytes};
    PartialReply partial;
    std::optional<ModelFault> fault;
    bool told = false; ///< onDone was called

    void beginAttempt()
    {
        ++attempts;
        status = 0;
        document.clear();
        events = ServerSentEvents(kMaxEventBytes);
        partial = {};
        fault.reset();
    }
};

} // namespace

struct ModelClient::State {
    explicit State(ModelClientOptions given)
        : options(std::move(given)), random(std::random_device {}(), 0), http(std::make_unique<HttpClient>())
    {
    }

    void send(const std::shared_ptr<Call> &call, double delaySeconds);
    void takeHead(Call &call, int status, const std::string &contentType) const;
    void takeBytes(Call &call, std::string_view bytes);
    void takeEvents(Call &call);
    void takeEnd(const std::shared_ptr<Call> &call, const HttpOutcome &outcome);
    [[nodiscard]] std::optional<ModelFault> faultAtEnd(Call &call, const HttpOutcome &outcome) const;
    bool repeat(const std::shared_ptr<Call> &call, const ModelFault &fault);
    bool sayOtherwise(const std::shared_ptr<Call> &call, const ModelFault &fault);
    void finish(Call &call, tl::expected<ModelReply, ModelFault> result);
    void sendNext();

    const ModelClientOptions options;
    mutable std::mutex mutex;
    std::map<Ticket, std::shared_ptr<Call>> calls; ///< under way
    std::deque<std::shared_ptr<Call>> waiting;
    Ticket lastTicket = 0;
    int failures = 0; ///< in a row
    std::optional<ModelFault> stop;
    WireQuirks quirks; ///< learned from refusals
    RandomStream random;
    std::unique_ptr<HttpClient> http; ///< last, so that its thread ends before anything else goes
};

void ModelClient::State::send(const std::shared_ptr<Call> &call, double delaySeconds)
{
    HttpRequest request;
    request.url = options.endpoint.url + pathOf(options.endpoint.wire);
    request.headers = headersOf(options.endpoint.wire, options.key);
    {
        const std::lock_guard lock(mutex);
        call->quirks = quirks;
    }
    request.body = bodyOf(options.endpoint.wire, call->request, call->quirks);
    request.connectSeconds = options.connectSeconds;
    request.silenceSeconds = options.silenceSeconds;
    request.totalSeconds = options.totalSeconds;
    request.maxBytes = options.maxBytes;
    call->beginAttempt();
    HttpListener listener;
    listener.onHead = [this, call](int status, const std::string &type) { takeHead(*call, status, type); };
    listener.onBytes = [this, call](std::string_view bytes) { takeBytes(*call, bytes); };
    listener.onDone = [this, call](const HttpOutcome &outcome) { takeEnd(call, outcome); };
    const std::lock_guard lock(mutex);
    call->http = http->send(std::move(request), std::move(listener), delaySeconds);
    if (call->cancelled)
        http->cancel(call->http);
}

void ModelClient::State::takeHead(Call &call, int status, const std::string &contentType) const
{
    call.status = status;
    call.contentType = contentType;
    const bool isEvents = contentType.starts_with("text/event-stream");
    const bool isJson = contentType.starts_with("application/json");
    call.content = status != 200 || isJson ? Call::Content::Document
        : isEvents                         ? Call::Content::Events
                                           : Call::Content::Foreign;
}

void ModelClient::State::takeBytes(Call &call, std::string_view bytes)
{
    if (call.told || call.fault)
        return;
    if (call.content != Call::Content::Events) {
        const bool isAnswer = call.status == 200 && call.content == Call::Content::Document;
        const size_t room = kMaxErrorBytes - std::min(kMaxErrorBytes, call.document.size());
        call.document += bytes.substr(0, isAnswer ? bytes.size() : room);
        return;
    }
    if (const Status added = call.events.add(bytes); !added)
        call.fault = ModelFault {Kind::TooLong, added.error().why, call.status, {}};
    takeEvents(call);
    if (call.fault) {
        const std::lock_guard lock(mutex);
        http->cancel(call.http); // nothing more of it is wanted
    }
}

void ModelClient::State::takeEvents(Call &call)
{
    const size_t had = call.partial.reply.text.size();
    while (!call.fault && !call.partial.ended) {
        const std::optional<ServerSentEvent> event = call.events.next();
        if (!event)
            break;
        call.fault = takeEvent(options.endpoint.wire, *event, call.partial);
    }
    ModelReply &reply = call.partial.reply;
    if (reply.text.size() > had) {
        if (reply.firstTextSeconds == 0)
            reply.firstTextSeconds = secondsSince(call.started);
        if (call.listener.onText)
            call.listener.onText(reply.text.substr(had));
    }
    if (call.fault || !call.partial.ended)
        return;
    {
        const std::lock_guard lock(mutex);
        http->cancel(call.http, kLingerSeconds);
    }
    finish(call, reply);
}

std::optional<ModelFault> ModelClient::State::faultAtEnd(Call &call, const HttpOutcome &outcome) const
{
    if (call.fault)
        return call.fault;
    if (std::optional<ModelFault> fault = faultOfEnd(outcome))
        return fault;
    if (outcome.status != 200) {
        ModelFault fault = faultOf(outcome.status, call.document);
        fault.retryAfterSeconds = outcome.retryAfterSeconds;
        return fault;
    }
    if (call.content == Call::Content::Foreign)
        return ModelFault {Kind::Malformed,
                           fmt::format("the endpoint answers with '{}' instead of events or JSON",
                                       call.contentType.empty() ? "nothing" : call.contentType),
                           outcome.status,
                           {}};
    if (call.content == Call::Content::Document)
        return takeDocument(options.endpoint.wire, call.document, call.partial);
    if (!call.partial.finished)
        return ModelFault {Kind::Truncated, "the stream ended before the answer did", outcome.status, {}};
    return std::nullopt;
}

void ModelClient::State::takeEnd(const std::shared_ptr<Call> &call, const HttpOutcome &outcome)
{
    if (call->content == Call::Content::Events && outcome.end == End::Complete && !call->told) {
        call->events.finish();
        takeEvents(*call);
    }
    if (!call->told) {
        std::optional<ModelFault> fault = faultAtEnd(*call, outcome);
        if (fault)
            fault->message = withoutKey(fault->message, options.key);
        if (fault && (sayOtherwise(call, *fault) || repeat(call, *fault)))
            return;
        if (fault)
            finish(*call, tl::make_unexpected(std::move(*fault)));
        else
            finish(*call, call->partial.reply);
    }
    {
        const std::lock_guard lock(mutex);
        calls.erase(call->ticket);
    }
    sendNext();
}

bool ModelClient::State::repeat(const std::shared_ptr<Call> &call, const ModelFault &fault)
{
    double wait = 0;
    {
        const std::lock_guard lock(mutex);
        const bool wanted = mayRepeat(fault) && !call->cancelled && call->attempts <= options.retries
            && call->partial.reply.text.empty() && fault.retryAfterSeconds.value_or(0) <= kLongestRetryAfter;
        if (!wanted || stop)
            return false;
        const double backoff = std::min(
            options.firstBackoffSeconds * static_cast<double>(1 << (call->attempts - 1)), kLongestBackoff);
        wait = fault.retryAfterSeconds.value_or(backoff * (1 - 0.25 * random.uniform()));
    }
    if (call->listener.onRetry)
        call->listener.onRetry(fault, wait);
    send(call, wait);
    return true;
}

/// A request that the endpoint refuses for how something is said is said otherwise, and all later ones with
/// it.
bool ModelClient::State::sayOtherwise(const std::shared_ptr<Call> &call, const ModelFault &fault)
{
    const std::optional<WireQuirks> learned = quirksFrom(fault, call->request, call->quirks);
    if (!learned)
        return false;
    {
        const std::lock_guard lock(mutex);
        if (call->cancelled || stop)
            return false;
        quirks.newTokenLimit |= learned->newTokenLimit;
        quirks.noTemperature |= learned->noTemperature;
        quirks.noSchema |= learned->noSchema;
    }
    send(call, 0);
    return true;
}

void ModelClient::State::finish(Call &call, tl::expected<ModelReply, ModelFault> result)
{
    call.told = true;
    if (result) {
        result->attempts = call.attempts;
        result->seconds = secondsSince(call.started);
    }
    {
        const std::lock_guard lock(mutex);
        if (result)
            failures = 0;
        else if (isEndpointsFault(result.error().kind))
            ++failures;
        if (!result && !stop && (stopsAtOnce(result.error().kind) || failures >= kFailuresToStop)) {
            stop = result.error();
            stop->kind = Kind::Paused;
            stop->message = fmt::format("the endpoint is not asked any more, since it failed: {}",
                                        result.error().message);
        }
    }
    if (call.listener.onDone)
        call.listener.onDone(std::move(result));
}

/// Sends what waits for a free place; fails it where nothing is sent any more.
void ModelClient::State::sendNext()
{
    for (;;) {
        std::shared_ptr<Call> next;
        std::optional<ModelFault> refusal;
        {
            const std::lock_guard lock(mutex);
            if (waiting.empty() || (!stop && static_cast<int>(calls.size()) >= options.concurrency))
                return;
            next = std::move(waiting.front());
            waiting.pop_front();
            refusal = stop;
            if (!refusal)
                calls.emplace(next->ticket, next);
        }
        if (!refusal) {
            send(next, 0);
        } else if (next->listener.onDone) {
            next->listener.onDone(tl::make_unexpected(*refusal));
        }
    }
}

ModelClient::ModelClient(ModelClientOptions options)
    : m_state(std::make_unique<State>(std::move(options))) { }

ModelClient::~ModelClient()
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stop = ModelFault {Kind::Cancelled, "the program ends", 0, {}};
    }
    m_state->sendNext();
}

ModelClient::Ticket ModelClient::ask(const ModelRequest &request, ModelListener listener)
{
    auto call = std::make_shared<Call>();
    call->request = request;
    call->listener = std::move(listener);
    call->started = Clock::now();
    Ticket ticket = 0;
    {
        const std::lock_guard lock(m_state->mutex);
        ticket = call->ticket = ++m_state->lastTicket;
        m_state->waiting.push_back(std::move(call));
    }
    m_state->sendNext();
    return ticket;
}

void ModelClient::cancel(Ticket ticket)
{
    std::shared_ptr<Call> withdrawn;
    {
        const std::lock_guard lock(m_state->mutex);
        if (const auto found = m_state->calls.find(ticket); found != m_state->calls.end()) {
            found->second->cancelled = true;
            m_state->http->cancel(found->second->http);
            return;
        }
        auto &waiting = m_state->waiting;
        const auto place = std::find_if(waiting.begin(), waiting.end(),
                                        [ticket](const auto &call) { return call->ticket == ticket; });
        if (place == waiting.end())
            return;
        withdrawn = std::move(*place);
        waiting.erase(place);
    }
    if (withdrawn->listener.onDone)
        withdrawn->listener.onDone(
            tl::make_unexpected(ModelFault {Kind::Cancelled, "the call was cancelled", 0, {}}));
}

tl::expected<ModelReply, ModelFault> ModelClient::askAndWait(const ModelRequest &request,
                                                             ModelListener listener, std::stop_token stop)
{
    const auto answer = std::make_shared<std::promise<tl::expected<ModelReply, ModelFault>>>();
    auto coming = answer->get_future();
    listener.onDone = [answer](tl::expected<ModelReply, ModelFault> result) {
        answer->set_value(std::move(result));
    };
    const Ticket ticket = ask(request, std::move(listener));
    const std::stop_callback onStop(stop, [this, ticket] { cancel(ticket); });
    return coming.get();
}

std::optional<ModelFault> ModelClient::stopped() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->stop;
}

void ModelClient::goOn()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->stop.reset();
    m_state->failures = 0;
}

Error errorOf(const ModelFault &fault)
{
    Error error {ErrorCode::Infrastructure, "the model did not answer", fault.message, {}, {}};
    switch (fault.kind) {
    case Kind::Refused:
        error.remedy = "Check the key in the environment variable and that it may use this model";
        break;
    case Kind::Quota: error.remedy = "Add credit to the account, or use another endpoint"; break;
    case Kind::RateLimited: error.remedy = "Wait, or allow fewer requests at a time"; break;
    case Kind::BadRequest:
    case Kind::NotFound:
        error.remedy = "Check the name of the model, the URL and the format of the endpoint";
        break;
    case Kind::Malformed: error.remedy = "Check the URL and the format (chat, responses, messages)"; break;
    case Kind::Unreachable: error.remedy = "Check that the server runs and that the URL is right"; break;
    case Kind::Timeout: error.remedy = "Try again, or allow more time"; break;
    case Kind::Cancelled: error.code = ErrorCode::Cancelled; break;
    case Kind::Overloaded:
    case Kind::TooLong:
    case Kind::Truncated:
    case Kind::Paused: error.remedy = "Try again later"; break;
    }
    if (fault.kind == Kind::Timeout)
        error.code = ErrorCode::Timeout;
    return error;
}

} // namespace ww
