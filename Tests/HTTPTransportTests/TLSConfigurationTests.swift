import LinuxSystem
import TestSupport
import Testing

@testable import HTTPTransport

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct TLSConfigurationTests {
    typealias Source = TLSConfiguration.Source

    /// One server and how a client comes to it; `nil` is success.
    struct Case: Sendable, CustomStringConvertible {
        var server: WebServer.Server
        var authorities: String?
        var identity: String?
        /// A part of the reason of the TLS error.
        var reason: String?
        var description: String { "\(server), trusts \(authorities ?? "system"), is \(identity ?? "nobody")" }
    }

    static let cases = [
        Case(server: .tls, authorities: "ca"),
        Case(server: .tls, authorities: "other", reason: "certificate"),
        Case(server: .tls, authorities: nil, reason: "certificate"),
        Case(server: .elsewhere, authorities: "ca", reason: "matches"),
        Case(server: .old, authorities: "ca", reason: ""),
        Case(server: .mutual, authorities: "ca", identity: "client"),
        Case(server: .mutual, authorities: "ca", identity: nil, reason: "alert"),
        Case(server: .mutual, authorities: "ca", identity: "stranger", reason: "alert"),
    ]

    private func source(_ name: String, asBytes: Bool) throws -> Source {
        let path = try WebServer.file(name)
        return asBytes ? .bytes(try BoundedFile.read(path: path, limit: 65_536)) : .file(path)
    }

    private func configuration(_ test: Case, asBytes: Bool) throws -> TLSConfiguration {
        TLSConfiguration(
            authorities: try test.authorities.map { try source("\($0).pem", asBytes: asBytes) },
            identity: try test.identity.map {
                TLSConfiguration.Identity(
                    certificate: try source("\($0).pem", asBytes: asBytes),
                    key: try source("\($0).key", asBytes: asBytes))
            })
    }

    @Test(arguments: cases, [false, true])
    func handshake(test: Case, asBytes: Bool) throws {
        let client = try HTTPClient(tls: configuration(test, asBytes: asBytes))
        let request = HTTPRequest(.get, try WebServer.url("/bytes?3", tls: test.server))
        guard let expected = test.reason else {
            #expect(try client.send(request).body.count == 3)
            return
        }
        let error = #expect(throws: HTTPError.self) { try client.send(request) }
        guard case .tls(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(expected.isEmpty || reason.contains(expected))
    }

    static let unusable: [Source] = [.bytes([]), .bytes(Array("no PEM".utf8)), .file("/nonexistent.pem")]

    @Test(arguments: unusable)
    func unusableAuthorities(source: Source) throws {
        let client = try HTTPClient(tls: TLSConfiguration(authorities: source))
        let error = #expect(throws: HTTPError.self) {
            try client.send(HTTPRequest(.get, WebServer.url("/bytes?3", tls: .tls)))
        }
        guard case .tls = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func bytesAreNotPrinted() {
        let key = TLSConfiguration.Identity(certificate: .file("/c.pem"), key: .bytes(Array("SECRET".utf8)))
        #expect("\(TLSConfiguration(identity: key))".contains("6 bytes"))
        #expect(!"\(TLSConfiguration(identity: key))".contains("83"))
    }
}
