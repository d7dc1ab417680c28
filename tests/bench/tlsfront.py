"""The simulated GitHub behind TLS, as the real one is, and authorities to trust it by."""
import pathlib
import socket
import ssl
import threading

from harness import stack
from harness.certs import Authority


def _pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side has gone: its own thread sees that too


class _Front:
    """TLS on a port of its own in front of a plain one, a pair of threads a connection"""

    def __init__(self, port, certificate, key):
        self.to = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.socket.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            with self.context.wrap_socket(client, server_side=True) as outer, \
                    socket.create_connection(("127.0.0.1", self.to)) as inner:
                back = threading.Thread(target=_pass_on, args=(inner, outer), daemon=True)
                back.start()
                _pass_on(outer, inner)
                back.join()
        except OSError:
            pass  # a client that left: whoever it was says so


class GitHub(stack.GitHub):
    """over https only. authorities: how many ca_file names, the system's among them, as on a real machine"""

    def __init__(self, workspace):
        super().__init__(workspace)
        authority = Authority(workspace)
        self.url, self.api = (self._behind_tls(u, *authority.server("127.0.0.1")) for u in (self.url, self.api))
        system = [ssl.DER_cert_to_PEM_cert(c) for c in ssl.create_default_context().get_ca_certs(binary_form=True)]
        self.authorities = len(system) + 1
        self.ca_file = workspace.file("authorities.pem", "".join(system) + pathlib.Path(authority.ca_file).read_text())

    @staticmethod
    def _behind_tls(url, certificate, key):
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        host, _, port = authority.partition(":")
        assert scheme == "http" and host == "127.0.0.1"
        return "https://127.0.0.1:%d%s%s" % (_Front(int(port), certificate, key).port, slash, path)

    def environment(self):
        return {**super().environment(), "GITHUB_CA_FILE": self.ca_file}
