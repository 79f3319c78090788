import AWS
import HTTPTransport
import LinuxSystem
import Synchronization

/// The token of an EKS cluster, made from the node's own identity: what `aws eks get-token` and `aws-iam-authenticator
/// token` print, without running either.
///
/// A token is used until it has 4 minutes left; the server takes it for 15.
package final class EKSCredential: APICredential {
    private let cluster: String
    private let region: String?
    private let environment: [String: String]
    private let token = Mutex<ClusterToken?>(nil)
    private let now: @Sendable () -> Int64

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
        if !isNew, let held = token.withLock({ $0 }), held.renewal > time { return held.value }
        let fresh: ClusterToken
        do throws(AWSError) {
            fresh = try makeToken(at: time)
        } catch {
            throw .credential(reason: error.description)
        }
        token.withLock { $0 = fresh }
        return fresh.value
    }

    private func makeToken(at time: Int64) throws(AWSError) -> ClusterToken {
        let client: HTTPClient
        do throws(HTTPError) {
            client = try HTTPClient()
        } catch {
            throw .http(source: "cluster token", error)
        }
        let metadata = InstanceMetadata(
            environment: environment, client: client, sleep: { Clock.sleep(seconds: $0) })
        let chain = AWSCredentialChain(
            environment: environment, client: client, metadata: metadata, sleep: { Clock.sleep(seconds: $0) })
        let region: String
        if let known = self.region {
            region = known
        } else {
            region = try AWSRegion.find(environment: environment, metadata: metadata, at: time)
        }
        return try ClusterToken(
            cluster: cluster, region: region, credentials: try chain.credentials(at: time), at: time)
    }
}
