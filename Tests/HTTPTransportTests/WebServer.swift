import TestSupport

/// Servers with and without TLS on this machine, with certificates made for them.
enum WebServer {
    /// Starts once, for all tests.
    static let started = Result { try StandIn(script) }

    static func url(_ path: String, tls server: Server = .plain) throws -> String {
        let scheme = server == .plain ? "http" : "https"
        return "\(scheme)://127.0.0.1:\(try started.get().words[server.rawValue])\(path)"
    }

    /// The path of a PEM file: `ca`, `other`, `client` or `stranger`, with `.pem` or `.key`.
    static func file(_ name: String) throws -> String { "\(try started.get().words[Server.allCases.count])/\(name)" }

    enum Server: Int, CaseIterable {
        case plain, tls
        /// Its certificate names another host.
        case elsewhere
        /// Wants a client certificate of the authority `ca`.
        case mutual
        /// Knows nothing newer than TLS 1.1.
        case old
    }

    private static let script = #"""
        import gzip, http.server, os, socket, ssl, subprocess, tempfile, threading, warnings

        warnings.simplefilter("ignore")
        folder = tempfile.TemporaryDirectory()
        os.chdir(folder.name)

        def certificate(name, authority=None, subject="/CN=test", extra=()):
            signer = ["-CA", authority + ".pem", "-CAkey", authority + ".key"] if authority else []
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                 "1", "-subj", subject, "-keyout", name + ".key", "-out", name + ".pem", *signer, *extra],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        certificate("ca", subject="/CN=authority")
        certificate("other", subject="/CN=authority")
        certificate("server", "ca", extra=["-addext", "subjectAltName=IP:127.0.0.1"])
        certificate("elsewhere", "ca", extra=["-addext", "subjectAltName=DNS:elsewhere.test"])
        certificate("client", "ca", subject="/CN=client")
        certificate("stranger", "other", subject="/CN=stranger")

        forever = threading.Event()
        connections = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                global connections
                connections += 1
                self.number = connections
                super().setup()

            def log_message(self, *arguments):
                pass

            def answer(self, body, status=200, headers=()):
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def chunk(self, data):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

            def start_chunks(self):
                self.send_response_only(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()

            def serve(self):
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if path == "/echo":
                    lines = [self.requestline, *(f"{name}: {value}" for name, value in self.headers.items())]
                    self.answer("\n".join(lines).encode() + b"\n\n" + body)
                elif path == "/bytes":
                    self.answer(b"x" * int(query))
                elif path == "/connection":
                    self.answer(str(self.number).encode())
                elif path == "/redirect":
                    self.answer(b"", 302, [("Location", "/echo")])
                elif path == "/gzip":
                    self.answer(gzip.compress(b"x" * int(query)), headers=[("Content-Encoding", "gzip")])
                elif path == "/bad-gzip":
                    self.answer(b"no gzip at all", headers=[("Content-Encoding", "gzip")])
                elif path == "/gone":
                    self.answer(b"too old", 410, [("Retry-After", "7"), ("X-Empty", "")])
                elif path == "/headers":
                    self.answer(b"", headers=[("X-Long", "y" * 1000)] * int(query))
                elif path == "/early":
                    self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n")
                    self.answer(b"late", headers=[("X-Late", "1")])
                elif path == "/lines":
                    self.start_chunks()
                    for number in range(int(query)):
                        self.chunk(b"line %d\n" % number)
                    self.chunk(b"")
                elif path == "/endless":
                    self.start_chunks()
                    while True:
                        self.chunk(b"again\n")
                elif path == "/one-line":
                    self.start_chunks()
                    self.chunk(b"line\n")
                    forever.wait()
                elif path == "/silent":
                    forever.wait()
                elif path == "/cut":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")
                    self.close_connection = True
                elif path == "/nothing":
                    self.close_connection = True
                elif path == "/no-http":
                    self.wfile.write(b"220 some other protocol\r\n")
                    self.close_connection = True
                else:
                    self.answer(b"", 404)

            do_GET = do_POST = do_PUT = serve

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def __init__(self, certificate=None, **settings):
                super().__init__(("127.0.0.1", 0), Handler)
                self.context = certificate and self.make_context(certificate, **settings)
                threading.Thread(target=self.serve_forever, daemon=True).start()

            def make_context(self, certificate, wants_client=False, is_old=False):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate + ".pem", certificate + ".key")
                if wants_client:
                    context.verify_mode = ssl.CERT_REQUIRED
                    context.load_verify_locations("ca.pem")
                if is_old:
                    context.set_ciphers("ALL:@SECLEVEL=0")
                    context.minimum_version = ssl.TLSVersion.TLSv1
                    context.maximum_version = ssl.TLSVersion.TLSv1_1
                return context

            def finish_request(self, request, address):
                if self.context:
                    raw = request.dup()
                    try:
                        request = self.context.wrap_socket(request, server_side=True)
                    except OSError:
                        # An end with bytes unread would be a reset, which may overtake the alert.
                        raw.shutdown(socket.SHUT_WR)
                        while raw.recv(4096):
                            pass
                        return
                    finally:
                        raw.close()
                super().finish_request(request, address)

            def handle_error(self, request, address):
                pass

        servers = [Server(), Server("server"), Server("elsewhere"), Server("server", wants_client=True),
                   Server("server", is_old=True)]
        print("ready", *(server.server_address[1] for server in servers), folder.name, flush=True)
        os.read(0, 1)
        folder.cleanup()
        os._exit(0)
        """#
}
