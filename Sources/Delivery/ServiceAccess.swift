import AWS
import HTTPTransport
import LinuxSystem

/// What a sink's thread asks a service of AWS with.
struct ServiceAccess {
    let credentials: CredentialProvider
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
        let pause = { (seconds: Double) in
            if !cancellation.isCancelled { Clock.sleep(seconds: seconds) }
        }
        credentials = CredentialProvider(
            client: local, environment: environment,
            metadata: InstanceMetadata(client: local, environment: environment, pause: pause), pause: pause)
        send = { request throws(HTTPError) in try service.send(request, cancellation: cancellation) }
    }

    /// Seconds since 1970-01-01 UTC.
    static func now() -> Int64 { Clock.wallMilliseconds() / 1000 }
}

extension DeliveryFailure {
    /// - Parameter service: its name for people.
    init(_ error: ServiceError, of service: String) {
        self.init(error.text(of: service), error.remedy == .retrySlowly ? .retrySlowly : .retry)
    }
}
