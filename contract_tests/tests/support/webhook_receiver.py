"""A receiver of webhooks."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A local server that records requests and answers with given codes, then with 200."""

    def __init__(self):
        self.calls = []
        self.answers = []
        self.endless = self.cut = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((time.monotonic(), self.headers, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()
                while receiver.endless and not receiver.cut:
                    self.trickle()

            def trickle(self):
                try:
                    self.wfile.write(b"x" * 1000)
                    time.sleep(0.02)
                except OSError:
                    receiver.cut = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def wait(self, number, seconds=5):
        """Return the calls as soon as there are this many."""
        end = time.monotonic() + seconds
        while len(self.calls) < number:
            assert time.monotonic() < end, f"{len(self.calls)} of {number} calls came"
            time.sleep(0.01)
        return self.calls
