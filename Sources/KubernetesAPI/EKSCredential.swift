import AWS
import HTTPTransport
import LinuxSystem
import Synchronization

/// The token of an EKS cluster, made from the node's own identity: what `aws eks get-token` and `aws-iam-authenticator
/// token` print, without running either.
///
/// The server takes a token for 15 minutes; it is used for 10.
package final class EKSCredential: APICredential {
    private let cluster: String
    private let region: String?
    private let environment: [String: String]
    private let token = Mutex<(token: ClusterToken, renewal: Int64)?>(nil)
    private let now: @Sendable () -> Int64
    private static let use: Int64 = 10 * 60

    /// - Parameters:
    ///   - region: `nil` to look for it in the environment and in instance metadata.
    ///   - environment: where AWS credentials and endpoints may stand.
    ///   - now: seconds since 1970-01-01 UTC.
    package init(
        cluster: String, region: String?, environment: [String: String],
        now: @escaping @Sendable () -> Int64 = { Clock.wallMilliseconds() / 1000 }
    ) {
        self.cluster = cluster
        self.region = region
        self.environment = environment
        self.now = now
    }

    package func bearerToken(isNew: Bool) throws(APIError) -> String? {
        let time = now()
        if !isNew, let held = token.withLock({ $0 }), time < held.renewal { return held.token.text }
        let fresh: ClusterToken
        do throws(AWSError) {
            fresh = try makeToken(at: time)
        } catch {
            throw .credential(reason: "\(error)")
        }
        token.withLock { $0 = (fresh, min(time + Self.use, fresh.expiration)) }
        return fresh.text
    }

    private func makeToken(at time: Int64) throws(AWSError) -> ClusterToken {
        let client: HTTPClient
        do throws(HTTPError) {
            client = try HTTPClient()
        } catch {
            throw .transport(error, of: "cluster token")
        }
        let pause = { (seconds: Double) in Clock.sleep(seconds: seconds) }
        let metadata = InstanceMetadata(client: client, environment: environment, pause: pause)
        let provider = CredentialProvider(client: client, environment: environment, metadata: metadata, pause: pause)
        let credentials = try provider.credentials(at: time)
        var region = self.region
        if region == nil { region = try Region.current(environment: environment, metadata: metadata, at: time) }
        guard let region else { throw .malformed("the region") }
        return ClusterToken(
            cluster: cluster, region: region, domain: Region.servicesDomain(of: region), credentials: credentials,
            at: time)
    }
}
