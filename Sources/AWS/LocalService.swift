import HTTPTransport

/// Requests to the services beside an instance that give credentials and metadata, repeated a few times.
struct LocalService {
    static let attempts = 4
    let client: HTTPClient
    /// Waits for a number of seconds.
    let pause: (Double) -> Void

    /// The response to a request, whatever its status, after 0.25, 0.5 and 1 second where the service fails.
    ///
    /// - Parameter name: what to call the service in an error.
    func send(_ request: HTTPRequest, name: String) throws(AWSError) -> HTTPResponse {
        var wait = 0.25
        for attempt in 1...Self.attempts {
            do throws(HTTPError) {
                let response = try client.send(request)
                if attempt == Self.attempts || response.status < 500 && response.status != 429 { return response }
            } catch {
                if attempt == Self.attempts || !error.isTransient { throw .transport(error, of: name) }
            }
            pause(wait)
            wait *= 2
        }
        throw .malformed(name)
    }
}
