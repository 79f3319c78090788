import CCurl
import LinuxSystem

/// A blocking HTTP/1.1 client on libcurl that keeps its connections.
///
/// It is used by one thread at a time. Redirects are not followed, cookies and `.netrc` are not known, and a failed request is not repeated.
package final class HTTPClient {
    let handle: UnsafeMutableRawPointer
    let errorText: UnsafeMutablePointer<CChar>
    let authorities: TLSFile?
    let certificate: TLSFile?
    let key: TLSFile?

    /// Makes a client; what a file of `tls` holds is read when a connection is made.
    package convenience init(tls: TLSConfiguration = TLSConfiguration()) throws(HTTPError) {
        try Self.load.get()
        try self.init(loaded: tls)
    }

    private init(loaded tls: TLSConfiguration) throws(HTTPError) {
        authorities = try tls.authorities.map(TLSFile.init)
        certificate = try tls.identity.map { identity throws(HTTPError) in try TLSFile(identity.certificate) }
        key = try tls.identity.map { identity throws(HTTPError) in try TLSFile(identity.key) }
        guard let handle = curl_handle_create() else { throw .other(code: 0, reason: "out of memory") }
        self.handle = handle
        errorText = .allocate(capacity: CURL_ERROR_BUFFER_SIZE)
    }

    deinit {
        withoutBrokenPipeSignal { curl_handle_destroy(handle) }
        errorText.deallocate()
    }

    /// Once in the life of the program.
    private static let load: Result<Void, HTTPError> = load("libcurl.so.4")

    /// Loads libcurl, or says why it cannot.
    static func load(_ library: String) -> Result<Void, HTTPError> {
        guard let reason = curl_load(library) else { return .success(()) }
        return .failure(.libraryMissing(reason: String(cString: reason)))
    }

    /// Sends a request and collects the response, whatever its status.
    package func send(
        _ request: HTTPRequest, cancellation: HTTPCancellation? = nil
    ) throws(HTTPError) -> HTTPResponse {
        try run(request, Transfer(request, cancellation: cancellation, sink: nil))
    }

    /// Sends a request and hands the body of a response of status 2xx to `sink` as it comes, until that returns false;
    /// an empty part tells that the headers are there.
    ///
    /// The body of any other response is collected. `sink` must not use this client.
    package func stream(
        _ request: HTTPRequest, cancellation: HTTPCancellation? = nil, to sink: (UnsafeRawBufferPointer) -> Bool
    ) throws(HTTPError) -> HTTPResponse {
        let result = withoutActuallyEscaping(sink) { sink in
            Result { () throws(HTTPError) in
                try run(request, Transfer(request, cancellation: cancellation, sink: sink))
            }
        }
        return try result.get()
    }

    private func run(_ request: HTTPRequest, _ transfer: Transfer) throws(HTTPError) -> HTTPResponse {
        try request.check()
        guard transfer.progress(bytesMoved: 0) else { throw .cancelled }
        curl_handle_reset(handle)
        defer { curl_handle_reset(handle) }
        var list: UnsafeMutableRawPointer?
        defer { curl_list_destroy(list) }
        try configure(request, headers: &list)
        try connect(to: transfer)
        errorText.pointee = 0
        let code = withExtendedLifetime(transfer) { withoutBrokenPipeSignal { curl_run(handle) } }
        if let failure = transfer.failure { throw failure }
        guard code == CURL_CODE_OK || transfer.isStopped else {
            throw HTTPError(code: code, text: String(cString: errorText))
        }
        guard let status = transfer.status else { throw .malformedResponse(reason: "no status line") }
        return HTTPResponse(status: status, headers: transfer.headers, body: transfer.body)
    }
}
