package import HTTPTransport

/// Credentials from the first source that has some, in the order of the AWS SDKs: environment, container, instance.
///
/// Shared configuration files and web identity, which a node does not have, are left out.
package final class CredentialProvider {
    /// How many seconds before their end credentials are replaced.
    static let refreshMargin: Int64 = 300
    /// How many seconds after an attempt that brought nothing new the next one is made.
    static let retryInterval: Int64 = 60

    private let environment: [String: String]
    private let container: ContainerCredentials
    private let metadata: InstanceMetadata
    private var current: AWSCredentials?
    private var refresh = Int64.min

    /// `pause` waits for a number of seconds between attempts.
    package init(
        client: HTTPClient, environment: [String: String], metadata: InstanceMetadata,
        cancellation: HTTPCancellation? = nil, pause: @escaping (Double) -> Void
    ) {
        self.environment = environment
        self.metadata = metadata
        container = ContainerCredentials(
            service: LocalService(client: client, cancellation: cancellation, pause: pause), environment: environment)
    }

    /// Credentials that are good at `now`, in seconds since 1970, and for five minutes more where possible.
    ///
    /// When they cannot be replaced, the old ones are used to their end.
    package func credentials(at now: Int64) throws(AWSError) -> AWSCredentials {
        if let current, now < refresh { return current }
        do throws(AWSError) {
            let new = try load(at: now)
            current = new
            refresh = new.expiration.map { max($0 - Self.refreshMargin, now + Self.retryInterval) } ?? .max
            return new
        } catch {
            guard let current, let expiration = current.expiration, now < expiration else { throw error }
            refresh = now + Self.retryInterval
            return current
        }
    }

    /// Makes the next call load anew, after a service has refused the current credentials.
    package func discard() { refresh = .min }

    private func load(at now: Int64) throws(AWSError) -> AWSCredentials {
        if let found = try Self.credentials(in: environment) { return found }
        if let found = try container.credentials() { return found }
        do throws(AWSError) {
            return try metadata.credentials(at: now)
        } catch .metadataDisabled {
            throw .noCredentials
        }
    }

    /// The credentials that environment variables hold; an empty variable is none.
    static func credentials(in environment: [String: String]) throws(AWSError) -> AWSCredentials? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        switch (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY")) {
        case (nil, nil): return nil
        case (nil, _): throw .missingVariable("AWS_ACCESS_KEY_ID")
        case (_, nil): throw .missingVariable("AWS_SECRET_ACCESS_KEY")
        case (let key?, let secret?):
            return AWSCredentials(accessKeyID: key, secretAccessKey: secret, sessionToken: value("AWS_SESSION_TOKEN"))
        }
    }
}
