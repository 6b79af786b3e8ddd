"""A wire to a server that can be cut, and mended."""

import socket
import threading
from contextlib import suppress


class Wire:
    """Passes bytes on to a port of this machine; cut, it drops what is open and takes nothing new."""

    def __init__(self, to: int) -> None:
        self.to, self._open, self._lock = to, set[socket.socket](), threading.Lock()
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Take connections (again, on the same port)."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                ours, _address = listening.accept()
                theirs = socket.create_connection(("127.0.0.1", self.to))
                with self._lock:
                    self._open |= {ours, theirs}
                for one, other in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=[one, other], daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(65536):
                other.sendall(content)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Drop all, and take nothing."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()
