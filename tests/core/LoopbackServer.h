// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/// One connection of the server below, for its script.
class Connection {
public:
    Connection(int fd, const std::atomic<bool> &ending) : m_fd(fd), m_ending(ending) { }

    /// False once the other side has gone.
    bool send(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }
    /// Waits; false when the other side closes or the server ends meanwhile.
    bool pause(double seconds) const
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        while (std::chrono::steady_clock::now() < end) {
            pollfd closed {m_fd, POLLRDHUP, 0};
            if (m_ending || ::poll(&closed, 1, 5) > 0)
                return false;
        }
        return true;
    }
    /// Ends the connection with a reset instead of an orderly close.
    void reset() const
    {
        const linger at {1, 0};
        ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &at, sizeof at);
    }

private:
    int m_fd;
    const std::atomic<bool> &m_ending;
};

/// A real HTTP/1.1 server on loopback: each request is answered by a script that sends bytes as it likes.
/// Each connection serves one request and is then closed.
class LoopbackServer {
public:
    /// `number` counts requests from 0; `request` is head and body as they came.
    using Script = std::function<void(const Connection &, int number, const std::string &request)>;

    explicit LoopbackServer(Script script) : m_script(std::move(script))
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(m_listener, reinterpret_cast<sockaddr *>(&address), size);
        ::listen(m_listener, 64);
        ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size);
        m_port = ntohs(address.sin_port);
        m_acceptor = std::thread([this] { accept(); });
    }
    ~LoopbackServer()
    {
        m_ending = true;
        m_acceptor.join();
        for (std::thread &thread : m_threads)
            thread.join();
        ::close(m_listener);
    }
    LoopbackServer(const LoopbackServer &) = delete;
    LoopbackServer &operator=(const LoopbackServer &) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    [[nodiscard]] std::vector<std::string> requests() const
    {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }
    [[nodiscard]] int mostAtOnce() const { return m_mostAtOnce; }

private:
    void accept()
    {
        while (!m_ending) {
            pollfd waiting {m_listener, POLLIN, 0};
            if (::poll(&waiting, 1, 5) <= 0)
                continue;
            const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd >= 0)
                m_threads.emplace_back([this, fd] { serve(fd); });
        }
    }
    void serve(int fd)
    {
        const std::string request = read(fd);
        int number = 0;
        {
            const std::lock_guard lock(m_mutex);
            number = static_cast<int>(m_requests.size());
            m_requests.push_back(request);
        }
        const int now = ++m_atOnce;
        if (now > m_mostAtOnce)
            m_mostAtOnce = now;
        if (!request.empty())
            m_script(Connection(fd, m_ending), number, request);
        --m_atOnce;
        ::shutdown(fd, SHUT_WR);
        ::close(fd);
    }
    /// Head and, by its Content-Length, body.
    std::string read(int fd) const
    {
        std::string text;
        while (!m_ending) {
            const size_t end = text.find("\r\n\r\n");
            const size_t length = text.find("Content-Length: ");
            if (end != std::string::npos
                && (length == std::string::npos
                    || text.size() >= end + 4 + std::stoul(text.substr(length + 16))))
                return text;
            pollfd waiting {fd, POLLIN, 0};
            if (::poll(&waiting, 1, 5) <= 0)
                continue;
            char buffer[4096];
            const ssize_t count = ::read(fd, buffer, sizeof buffer);
            if (count <= 0)
                return {};
            text.append(buffer, static_cast<size_t>(count));
        }
        return {};
    }

    Script m_script;
    int m_listener = -1;
    int m_port = 0;
    std::atomic<bool> m_ending {false};
    std::atomic<int> m_atOnce {0}, m_mostAtOnce {0};
    mutable std::mutex m_mutex;
    std::vector<std::string> m_requests;
    std::vector<std::thread> m_threads; ///< of the acceptor alone until it has ended
    std::thread m_acceptor;
};

/// The head of an answer with a body that ends with the connection.
inline std::string answerHead(int status, const std::string &type, const std::string &more = {})
{
    return "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Type: " + type + "\r\n" + more
        + "Connection: close\r\n\r\n";
}
