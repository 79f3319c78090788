import FoundationEssentials
import HTTPTransport

/// The bearer token by which the API server of an EKS cluster knows an AWS identity: a presigned request to STS.
///
/// The server takes it for 15 minutes (kubernetes-sigs/aws-iam-authenticator, pkg/token); one of them is kept for the
/// difference of the clocks.
package struct ClusterToken: Sendable, Equatable {
    /// For `Authorization: Bearer`; a secret.
    package let value: String
    /// Seconds since 1970 from which on it must not be used.
    package let expiration: Int64
    /// Seconds since 1970 from which on a new one should be made.
    package let renewal: Int64

    /// Makes a token; nothing is sent.
    ///
    /// - Parameters:
    ///   - cluster: the cluster's name, of letters, digits, `-` and `_`.
    ///   - region: such as `eu-central-1`.
    ///   - domain: the partition's domain, from instance metadata where that is known.
    package init(
        cluster: String, region: String, domain: String? = nil, credentials: AWSCredentials, at time: Int64
    ) throws(AWSError) {
        guard Self.isName(cluster) else { throw .malformed(source: "cluster", what: "its name") }
        guard AWSRegion.isName(region) else { throw .malformed(source: "region", what: "its name") }
        let domain = domain ?? AWSRegion.domain(of: region)
        guard AWSRegion.isDomain(domain) else { throw .malformed(source: "domain", what: "its name") }
        let host = "sts.\(region).\(domain)"
        let request = HTTPRequest(
            .get, "https://\(host)/?Action=GetCallerIdentity&Version=2011-06-15",
            headers: [HTTPHeader("x-k8s-aws-id", cluster)])
        let signature = SignatureV4(credentials: credentials, region: region, service: "sts")
        let url = signature.presign(request, expires: 60, at: time)
        value = "k8s-aws-v1." + Self.base64URL(Array(url.utf8))
        let end = credentials.expiration ?? .max
        expiration = min(time &+ 14 * 60, end)
        renewal = min(time &+ 10 * 60, end)
    }

    private static func isName(_ text: String) -> Bool {
        let isAllowed = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
        }
        return (1...100).contains(text.utf8.count) && text.allSatisfy(isAllowed)
    }

    /// RFC 4648 section 5, without padding.
    static func base64URL(_ bytes: [UInt8]) -> String {
        let standard = Data(bytes).base64EncodedString()
        return String(standard.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}

extension ClusterToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "cluster token until \(expiration)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
