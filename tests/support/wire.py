# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host on the wire before a Matomo: hands requests on and may change their events. What goes wrong behind it goes
wrong for its client: a connection that breaks there breaks here."""
import http.client, http.server, json, socket, struct, threading


class Wire:
    """`change`: function of one request object of a bulk. url: where it listens."""

    def __init__(self, port, change, timeout=300):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            behind = None

            def log_message(self, *_):
                pass

            def cut(self):
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.endswith("/matomo.php"):
                    bulk = json.loads(body)
                    bulk["requests"] = [change(r) for r in bulk["requests"]]
                    with outer.lock:
                        outer.requests += 1
                    body = json.dumps(bulk).encode()
                try:
                    behind = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
                    behind.request("POST", self.path, body, {"Content-Type": self.headers["Content-Type"]})
                    answer = behind.getresponse()
                    data = answer.read()
                except (OSError, http.client.HTTPException):
                    return self.cut()
                finally:
                    behind.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() in ("content-type", "retry-after", "location"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.lock = threading.Lock()
        self.requests = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
