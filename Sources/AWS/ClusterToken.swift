import FoundationEssentials

/// A bearer token for the API server of an EKS cluster: a presigned request that tells the server who asks.
///
/// aws-iam-authenticator has the format; the server takes a token for 15 minutes after its date.
package struct ClusterToken: Sendable, Equatable, CustomStringConvertible {
    /// Seconds after its making for which a token is used at most, as aws-iam-authenticator's client has it.
    package static let lifetime: Int64 = 14 * 60

    /// What follows `Bearer ` in the Authorization header; a secret.
    package let text: String
    /// Seconds since 1970.
    package let expiration: Int64

    /// Makes the token for a cluster's name, or its id on a local Outpost; `now` is in seconds since 1970.
    package init(cluster: String, region: String, credentials: AWSCredentials, at now: Int64) {
        let request = SignatureV4.Request(
            method: "GET", host: "sts.\(region).\(Region.servicesDomain(of: region))",
            query: [(name: "Action", value: "GetCallerIdentity"), (name: "Version", value: "2011-06-15")],
            headers: [(name: "x-k8s-aws-id", value: cluster)])
        let signer = SignatureV4(credentials: credentials, region: region, service: "sts")
        let url = signer.presignedURL(for: request, at: now, expires: 60)
        text = "k8s-aws-v1.\(Self.base64URL(url))"
        expiration = now + Self.lifetime
    }

    package var description: String { "cluster token until \(expiration)" }

    /// Base64 for URLs, without padding (RFC 4648, section 5).
    private static func base64URL(_ text: String) -> String {
        let characters = Data(text.utf8).base64EncodedString().compactMap { character -> Character? in
            switch character {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: character
            }
        }
        return String(characters)
    }
}

/// Keeps the token for one cluster and makes a new one in time.
package final class ClusterTokenSource {
    /// Seconds after which a token is replaced, well before a server whose clock is ahead refuses it.
    static let renewal: Int64 = 10 * 60

    private let cluster: String
    private let region: String
    private let credentials: CredentialProvider
    private var current: (token: ClusterToken, credentials: AWSCredentials, renewal: Int64)?

    package init(cluster: String, region: String, credentials: CredentialProvider) {
        self.cluster = cluster
        self.region = region
        self.credentials = credentials
    }

    /// The token to use at `now`, in seconds since 1970.
    ///
    /// New credentials make a new token, because a token ends with the credentials that signed it.
    package func token(at now: Int64) throws(AWSError) -> ClusterToken {
        let credentials = try credentials.credentials(at: now)
        if let current, current.credentials == credentials, now < current.renewal { return current.token }
        let token = ClusterToken(cluster: cluster, region: region, credentials: credentials, at: now)
        current = (token, credentials, now + Self.renewal)
        return token
    }

    /// Makes the next token a new one, after a server has refused the current one.
    package func discard() { current = nil }
}
