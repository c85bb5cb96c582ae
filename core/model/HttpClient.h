// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// A POST whose answer is read as it comes.
struct HttpRequest {
    std::string url;
    std::vector<std::string> headers; ///< "Name: value"
    std::string body;
    double connectSeconds = 5;
    double silenceSeconds = 120; ///< without a byte, the wait for the first one included
    double totalSeconds = 600;
    size_t maxBytes = 16u << 20; ///< of the answer
};

/// How a request ended.
struct HttpOutcome {
    enum class End { Complete, Cancelled, NoConnection, Silent, TooSlow, TooLong, Broken };
    End end = End::Complete;
    int status = 0; ///< of HTTP; 0 when none came
    std::string message; ///< libcurl's words when it did not complete
    std::optional<double> retryAfterSeconds;
};

/// Told of one request, on the client's own thread.
struct HttpListener {
    std::function<void(int status, const std::string &contentType)> onHead;
    std::function<void(std::string_view bytes)> onBytes;
    std::function<void(const HttpOutcome &)> onDone; ///< exactly once, and last
};

/// Many requests on one thread (libcurl's multi interface) over connections that are kept open. Redirections
/// are not followed: they would carry a key elsewhere. All functions may be called from any thread, the
/// listeners' included.
class HttpClient {
public:
    using Ticket = uint64_t;

    HttpClient();
    ~HttpClient(); ///< cancels what is under way
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    /// Sends the request after `delaySeconds`.
    Ticket send(HttpRequest request, HttpListener listener, double delaySeconds = 0);
    /// Ends the request after `delaySeconds` unless it has ended by then.
    void cancel(Ticket ticket, double delaySeconds = 0);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ww
