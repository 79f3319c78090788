import FoundationEssentials

/// What a credential plugin prints: `ExecCredential` of client.authentication.k8s.io, v1 or v1beta1
/// (staging/src/k8s.io/client-go/pkg/apis/clientauthentication).
struct ExecCredential: Sendable, Equatable {
    let token: String
    /// Seconds since 1970-01-01 UTC; `nil` where the plugin gives no time.
    let expiration: Int64?

    /// Why an output is no credential, without any part of it.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private struct Document: Decodable {
        var apiVersion: String?
        var kind: String?
        var status: Status?
    }

    private struct Status: Decodable {
        var token: String?
        var expirationTimestamp: String?
        var clientCertificateData: String?
    }

    init(_ output: [UInt8]) throws(Malformed) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(output)) else {
            throw Malformed(description: "its output is no JSON of an ExecCredential")
        }
        let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard document.kind == "ExecCredential", document.apiVersion.map(versions.contains) == true else {
            throw Malformed(description: "its output is no ExecCredential of version v1 or v1beta1")
        }
        guard let status = document.status, let token = status.token, !token.isEmpty else {
            let hasCertificate = document.status?.clientCertificateData != nil
            throw Malformed(
                description: hasCertificate
                    ? "it gives a client certificate, which is not supported" : "its output has no token")
        }
        // It becomes part of a header.
        guard token.utf8.allSatisfy({ $0 > UInt8(ascii: " ") && $0 < 0x7F }) else {
            throw Malformed(description: "its token has characters that no token has")
        }
        self.token = token
        expiration = try status.expirationTimestamp.map { text throws(Malformed) in
            guard let date = try? Date.ISO8601FormatStyle().parse(text),
                let seconds = Int64(exactly: date.timeIntervalSince1970.rounded(.down))
            else { throw Malformed(description: "its expirationTimestamp is no RFC 3339 time") }
            return seconds
        }
    }
}
