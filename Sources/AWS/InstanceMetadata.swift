package import HTTPTransport

/// The instance metadata service, version 2: what an instance may know about itself.
///
/// Used by one thread at a time. It is reached without any proxy.
package final class InstanceMetadata {
    static let source = "instance metadata"
    /// Attempts for one question, with waits of 0.2 and 0.4 seconds between them.
    static let attempts = 3
    /// For how long a session token is asked for, and for how long it is used, in seconds.
    private static let tokenLife: Int64 = 900, tokenUse: Int64 = 840

    private let client: HTTPClient
    private let sleep: (Double) -> Void
    private let endpoint: String
    private let isDisabled: Bool
    private var token: (value: String, until: Int64)?

    /// Makes the service known; nothing is sent.
    ///
    /// - Parameters:
    ///   - environment: AWS_EC2_METADATA_SERVICE_ENDPOINT and AWS_EC2_METADATA_DISABLED count.
    ///   - sleep: waits so many seconds between two attempts.
    package init(environment: [String: String], client: HTTPClient, sleep: @escaping (Double) -> Void) {
        self.client = client
        self.sleep = sleep
        let named = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? ""
        let base = named.isEmpty ? "http://169.254.169.254" : named
        endpoint = base.hasSuffix("/") ? String(base.dropLast()) : base
        isDisabled = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
    }

    /// Such as `eu-central-1`.
    package func region(at time: Int64) throws(AWSError) -> String {
        let region = try word("meta-data/placement/region", at: time)
        guard AWSRegion.isName(region) else { throw .malformed(source: Self.source, what: "placement/region") }
        return region
    }

    /// Such as `i-0123456789abcdef0`.
    package func instanceID(at time: Int64) throws(AWSError) -> String { try word("meta-data/instance-id", at: time) }

    /// The private host name, by default the name of the Kubernetes node.
    package func localHostname(at time: Int64) throws(AWSError) -> String {
        try word("meta-data/local-hostname", at: time)
    }

    /// The domain of the services of the instance's partition, such as `amazonaws.com`.
    package func servicesDomain(at time: Int64) throws(AWSError) -> String {
        let domain = try word("meta-data/services/domain", at: time)
        guard AWSRegion.isDomain(domain) else { throw .malformed(source: Self.source, what: "services/domain") }
        return domain
    }

    /// The credentials of the instance's role.
    package func credentials(at time: Int64) throws(AWSError) -> AWSCredentials {
        let list = "meta-data/iam/security-credentials/"
        let role: String
        do throws(AWSError) { role = try word(list, at: time) } catch {
            throw error == .status(source: Self.source, 404) ? .noInstanceProfile : error
        }
        return try AWSCredentials(json: get(list + role.percentEncoded(), at: time), source: Self.source)
    }

    /// One line without spaces: what is to be part of a name or URL.
    private func word(_ path: String, at time: Int64) throws(AWSError) -> String {
        let bytes = try get(path, at: time)
        let isWord = (1...1024).contains(bytes.count) && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isWord else { throw .malformed(source: Self.source, what: path) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func get(_ path: String, at time: Int64) throws(AWSError) -> [UInt8] {
        let held: String
        if let token, token.until > time { held = token.value } else { held = try newToken(at: time) }
        let response = try ask(path, held)
        if response.status != 401 { return try Self.body(response) }
        // The token ended early: the instance may have been restarted from an image of its memory.
        token = nil
        return try Self.body(ask(path, newToken(at: time)))
    }

    private func ask(_ path: String, _ token: String) throws(AWSError) -> HTTPResponse {
        try send(request(.get, path, HTTPHeader("X-aws-ec2-metadata-token", token)))
    }

    private func newToken(at time: Int64) throws(AWSError) -> String {
        let life = HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", String(Self.tokenLife))
        let bytes = try Self.body(send(request(.put, "api/token", life)))
        let value = String(decoding: bytes, as: UTF8.self)
        token = (value, time &+ Self.tokenUse)
        return value
    }

    private func request(_ method: HTTPRequest.Method, _ path: String, _ header: HTTPHeader) -> HTTPRequest {
        HTTPRequest(
            method, "\(endpoint)/latest/\(path)", headers: [header],
            timeouts: HTTPTimeouts(connect: 1, total: 5, idle: 5), bodyLimit: 65_536)
    }

    private func send(_ request: HTTPRequest) throws(AWSError) -> HTTPResponse {
        if isDisabled { throw .metadataDisabled }
        return try client.send(request, source: Self.source, attempts: Self.attempts, sleep: sleep)
    }

    private static func body(_ response: HTTPResponse) throws(AWSError) -> [UInt8] {
        guard response.status == 200 else { throw .status(source: source, response.status) }
        return response.body
    }
}

extension HTTPClient {
    /// Sends again after failures that may pass, with waits that double from 0.2 seconds on.
    func send(
        _ request: HTTPRequest, source: String, attempts: Int, sleep: (Double) -> Void
    ) throws(AWSError) -> HTTPResponse {
        var wait = 0.2
        for _ in 1..<attempts {
            do throws(HTTPError) {
                let response = try send(request)
                guard AWSError.status(source: source, response.status).isTransient else { return response }
            } catch {
                guard error.isTransient else { throw .http(source: source, error) }
            }
            sleep(wait)
            wait *= 2
        }
        do throws(HTTPError) { return try send(request) } catch { throw .http(source: source, error) }
    }
}
