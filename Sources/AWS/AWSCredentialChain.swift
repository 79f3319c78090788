package import HTTPTransport

/// Credentials from where the SDKs of AWS look, in their order: environment, container, instance metadata.
///
/// The first source that the environment names is the one; when it fails, the next is not tried. Used by one thread at
/// a time.
package final class AWSCredentialChain {
    /// Seconds before their end from which on new ones are fetched: a role's appear at least that early.
    static let margin: Int64 = 300

    private let environment: [String: String]
    private let client: HTTPClient
    private let metadata: InstanceMetadata
    private let sleep: (Double) -> Void
    private var held: AWSCredentials?

    package init(
        environment: [String: String], client: HTTPClient, metadata: InstanceMetadata,
        sleep: @escaping (Double) -> Void
    ) {
        self.environment = environment
        self.client = client
        self.metadata = metadata
        self.sleep = sleep
    }

    /// Credentials that have not ended; fetched when there are none or when those held end within 5 minutes.
    ///
    /// While new ones cannot be fetched for a reason that may pass, the old ones are returned until they end.
    package func credentials(at time: Int64) throws(AWSError) -> AWSCredentials {
        if let held, held.isValid(at: time, for: Self.margin) { return held }
        do throws(AWSError) {
            let fresh = try load(at: time)
            held = fresh
            return fresh
        } catch {
            guard error.isTransient, let held, held.isValid(at: time) else { throw error }
            return held
        }
    }

    /// Forgets what is held, for example because a server refused it.
    package func invalidate() { held = nil }

    private func load(at time: Int64) throws(AWSError) -> AWSCredentials {
        if let credentials = try AWSCredentials(environment: environment) { return credentials }
        if let container = try ContainerCredentials(environment: environment) {
            return try container.load(client: client, sleep: sleep)
        }
        return try metadata.credentials(at: time)
    }
}
