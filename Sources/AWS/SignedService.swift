package import HTTPTransport

/// One service of AWS in one region, asked with signed requests; used by one thread at a time.
package final class SignedService {
    package typealias Send = (HTTPRequest) throws(HTTPError) -> HTTPResponse

    private let name: String
    private let region: String
    private let host: String
    private let endpoint: String
    private let credentials: CredentialProvider
    private let now: () -> Int64
    private let send: Send

    /// - Parameters:
    ///   - name: for signing, such as `logs`.
    ///   - host: what is signed, with its port where the endpoint has one.
    ///   - endpoint: the address without a slash at its end.
    ///   - now: seconds since 1970-01-01 UTC.
    init(
        _ name: String, region: String, host: String, endpoint: String, credentials: CredentialProvider,
        now: @escaping () -> Int64, send: @escaping Send
    ) {
        self.name = name
        self.region = region
        self.host = host
        self.endpoint = endpoint
        self.credentials = credentials
        self.now = now
        self.send = send
    }

    /// The answer to one request: success, or a failure that is `accepted` as good as that.
    ///
    /// Credentials that the service does not take any more are replaced once.
    func post(
        _ path: String, _ headers: [HTTPHeader], _ body: [UInt8], accepts accepted: (ServiceFailure) -> Bool
    ) throws(ServiceError) -> HTTPResponse {
        var isFirst = true
        while true {
            let response = try sendSigned(path, headers, body)
            if response.isSuccess { return response }
            let failure = ServiceFailure(response)
            if accepted(failure) { return response }
            let error = failure.error
            guard case .expired = error, isFirst else { throw error }
            isFirst = false
            credentials.discard()
        }
    }

    private func sendSigned(
        _ path: String, _ headers: [HTTPHeader], _ body: [UInt8]
    ) throws(ServiceError) -> HTTPResponse {
        let time = now()
        let signed = SignatureV4.Request(
            method: "POST", host: host, path: path, headers: headers.map { ($0.name, $0.value) }, body: body)
        let added: [(name: String, value: String)]
        do throws(AWSError) {
            let signer = SignatureV4(
                credentials: try credentials.credentials(at: time), region: region, service: name)
            added = signer.headers(for: signed, at: time)
        } catch {
            throw .credentials(error)
        }
        do throws(HTTPError) {
            return try send(
                HTTPRequest(
                    .post, endpoint + path, headers: headers + added.map { HTTPHeader($0.name, $0.value) }, body: body,
                    bodyLimit: 65_536, usesEnvironmentProxy: true))
        } catch {
            throw .transport(error)
        }
    }
}
