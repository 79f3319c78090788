import HTTPTransport

/// Requests to the services beside an instance that give credentials and metadata, repeated a few times.
struct LocalService {
    let client: HTTPClient
    /// Ends a request, and those after it.
    var cancellation: HTTPCancellation?
    /// Waits for a number of seconds.
    let pause: (Double) -> Void

    /// The response to a request, whatever its status; asks again 0.25, 0.5 and 1 second after a failure of the service.
    ///
    /// - Parameter name: what to call the service in an error.
    func send(_ request: HTTPRequest, name: String) throws(AWSError) -> HTTPResponse {
        var pauses = [0.25, 0.5, 1].makeIterator()
        while true {
            do throws(HTTPError) {
                let response = try client.send(request, cancellation: cancellation)
                guard response.status >= 500 || response.status == 429, let seconds = pauses.next() else {
                    return response
                }
                pause(seconds)
            } catch {
                guard error.isTransient, let seconds = pauses.next() else { throw .transport(error, of: name) }
                pause(seconds)
            }
        }
    }
}
