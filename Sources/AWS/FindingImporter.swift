import FoundationEssentials
import HTTPTransport

/// Gives findings to AWS Security Hub; used by one thread at a time.
package final class FindingImporter {
    /// The most findings of one request (Security Hub, BatchImportFindings).
    package static let batchLimit = 100

    private let service: SignedService

    /// - Parameters:
    ///   - now: seconds since 1970-01-01 UTC.
    ///   - send: sends one request, such as `HTTPClient.send`.
    package init(
        to hub: HubAddress, credentials: CredentialProvider, now: @escaping () -> Int64,
        send: @escaping SignedService.Send
    ) {
        service = SignedService(
            "securityhub", region: hub.region, host: hub.host, endpoint: hub.endpoint, credentials: credentials,
            now: now, send: send)
    }

    /// Imports one batch.
    ///
    /// - Parameter findings: at most `batchLimit` documents in the AWS Security Finding Format, each id once.
    /// - Returns: how many of them the service did not take, and why the first of those, in its words.
    package func put(_ findings: [String]) throws(ServiceError) -> (refused: Int, reason: String?) {
        let body = Array("{\"Findings\":[\(findings.joined(separator: ","))]}".utf8)
        let response = try service.post(
            "/findings/import", [HTTPHeader("Content-Type", "application/json")], body, accepts: { _ in false })
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
            throw .unavailable(code: "malformed answer")
        }
        let first = answer.failedFindings?.first
        let reason = first.map { "\($0.code ?? "") \($0.message ?? "")".unicodeScalars.prefix(300) }
        return (
            min(max(answer.failedCount, 0), findings.count),
            reason.map { String(String.UnicodeScalarView($0.filter { (0x20..<0x7F).contains($0.value) })) }
        )
    }

    private struct Answer: Decodable {
        struct Failed: Decodable {
            var code: String?
            var message: String?

            private enum CodingKeys: String, CodingKey {
                case code = "ErrorCode"
                case message = "ErrorMessage"
            }
        }

        var failedCount: Int
        var failedFindings: [Failed]?

        private enum CodingKeys: String, CodingKey {
            case failedCount = "FailedCount"
            case failedFindings = "FailedFindings"
        }
    }
}

/// Where Security Hub of a region is.
package struct HubAddress: Sendable, Equatable {
    package let region: String
    /// Without a slash at its end.
    package let endpoint: String
    /// What is signed: the host, with its port where the address has one.
    let host: String

    /// Refuses what is no region's name, and an endpoint that is no address.
    ///
    /// - Parameter endpoint: an `http` or `https` address in place of the region's own, such as that of a VPC endpoint.
    package init?(region: String, endpoint: String? = nil) {
        let address = endpoint ?? "https://securityhub.\(region).\(Region.servicesDomain(of: region))"
        guard region.isName(with: "-"), let host = LogDestination.host(of: address) else { return nil }
        self.region = region
        self.host = host
        self.endpoint = address.hasSuffix("/") ? String(address.dropLast()) : address
    }
}
