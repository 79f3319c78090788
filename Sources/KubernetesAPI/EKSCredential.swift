import AWS
import HTTPTransport
import LinuxSystem
import Synchronization

/// The token of an EKS cluster, made from the node's own identity: what `aws eks get-token` and `aws-iam-authenticator
/// token` print, without running either.
package final class EKSCredential: APICredential {
    private let cluster: String
    private let region: String?
    private let environment: [String: String]
    private let source = Mutex<ClusterTokenSource?>(nil)
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
        do throws(AWSError) {
            return try source.withLock { source throws(AWSError) in
                if source == nil { source = try makeSource(at: time) }
                if isNew { source?.discard() }
                return try source?.token(at: time).text
            }
        } catch {
            throw .credential(reason: "\(error)")
        }
    }

    private func makeSource(at time: Int64) throws(AWSError) -> sending ClusterTokenSource {
        let client: HTTPClient
        do throws(HTTPError) {
            client = try HTTPClient()
        } catch {
            throw .transport(error, of: "cluster token")
        }
        let pause = { (seconds: Double) in Clock.sleep(seconds: seconds) }
        let metadata = InstanceMetadata(client: client, environment: environment, pause: pause)
        var region = self.region
        if region == nil { region = try Region.current(environment: environment, metadata: metadata, at: time) }
        guard let region else { throw .malformed("the region") }
        return ClusterTokenSource(
            cluster: cluster, region: region,
            credentials: CredentialProvider(client: client, environment: environment, metadata: metadata, pause: pause))
    }
}
