// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

/// Servers with TLS for tests. Certificates are made when they are wanted; none is kept in a file of the repository.
namespace onair::test {

/// A certificate with its key, PEM.
struct Identity {
    std::string certificate, key;
};

/// What a certificate says. `name`: "IP:127.0.0.1" or "DNS:host"; of an authority: any. Valid from `from_days` to
/// `to_days` from now.
struct Claims {
    std::string name = "IP:127.0.0.1";
    int from_days = -1, to_days = 1;
    bool authority = false;
};

/// Signed by `issuer`, null: by itself.
Identity make_certificate(const Claims& claims, const Identity* issuer = nullptr);

/// Who a server says it is, in which versions of TLS (TLS1_2_VERSION and so on; 0: any).
class TlsServer {
  public:
    explicit TlsServer(const Identity& identity, int newest = 0);

  private:
    friend class Wire;
    std::shared_ptr<ssl_ctx_st> context_;
};

/// The server's side of one connection, plain or TLS. It owns the socket.
class Wire {
  public:
    Wire(int socket, const TlsServer* tls);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    /// Appends what comes. False: the connection has ended, or `stopping` is set.
    bool receive(std::string& text, const std::atomic<bool>& stopping);
    bool send(const char* data, size_t size);
    void wait_for_end(const std::atomic<bool>& stopping); ///< of the client, without reading what it sends
    void reset();                                         ///< at the end the client sees a reset

  private:
    bool shake_hands(const std::atomic<bool>& stopping);
    int socket_;
    bool ready_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

} // namespace onair::test
