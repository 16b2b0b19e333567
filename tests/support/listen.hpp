// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

#include <netinet/in.h>
#include <sys/socket.h>

namespace onair::test {

struct Listening {
    int socket = -1;
    uint16_t port = 0; ///< 0: it could not be had
};

/// Listens on 127.0.0.1; `port` 0: any that is free.
inline Listening listen_on_loopback(uint16_t port, int backlog) {
    Listening out{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 0};
    const int on = 1;
    setsockopt(out.socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_port = htons(port);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(out.socket, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(out.socket, backlog) == 0 &&
        getsockname(out.socket, reinterpret_cast<sockaddr*>(&address), &size) == 0)
        out.port = ntohs(address.sin_port);
    return out;
}

} // namespace onair::test
