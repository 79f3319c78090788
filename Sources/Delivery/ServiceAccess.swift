import AWS
import HTTPTransport
import LinuxSystem

/// What a sink's thread asks a service of AWS with.
struct ServiceAccess {
    let credentials: CredentialProvider
    private let metadata: InstanceMetadata
    private let environment: [String: String]
    let send: SignedService.Send

    /// - Parameter cancellation: ends a request that takes too long; from another thread.
    init(_ environment: [String: String], _ cancellation: HTTPCancellation) throws(DeliveryFailure) {
        let service: HTTPClient
        let local: HTTPClient
        do throws(HTTPError) {
            service = try HTTPClient()
            local = try HTTPClient()
        } catch {
            throw DeliveryFailure("\(error)", .retrySlowly)
        }
        self.environment = environment
        metadata = InstanceMetadata(
            client: local, environment: environment, cancellation: cancellation, pause: cancellation.wait)
        credentials = CredentialProvider(
            client: local, environment: environment, metadata: metadata, cancellation: cancellation,
            pause: cancellation.wait)
        send = { request throws(HTTPError) in try service.send(request, cancellation: cancellation) }
    }

    /// The region that is configured, or else that of the environment or the instance.
    ///
    /// A node that starts may have no network yet, so that this is asked again with each attempt.
    func region(_ configured: String?) throws(DeliveryFailure) -> String {
        if let configured { return configured }
        do throws(AWSError) {
            if let region = try Region.current(environment: environment, metadata: metadata, at: Self.now()) {
                return region
            }
        } catch {
            throw DeliveryFailure("the region is not known: \(error)", error.isTransient ? .retry : .retrySlowly)
        }
        throw DeliveryFailure("the region is not known", .retrySlowly)
    }

    /// The id of the instance that this is; `nil` where it is none or does not say.
    func instanceID() -> String? { try? metadata.value(of: .instanceID, at: Self.now()) }

    /// Seconds since 1970-01-01 UTC.
    static func now() -> Int64 { Clock.wallMilliseconds() / 1000 }
}

extension DeliveryFailure {
    /// - Parameter service: its name for people.
    init(_ error: ServiceError, of service: String) {
        self.init(error.text(of: service), error.remedy == .retrySlowly ? .retrySlowly : .retry)
    }
}
