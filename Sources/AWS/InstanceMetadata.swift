package import HTTPTransport

/// What EC2 tells an instance about itself: the instance metadata service, version 2, asked without any proxy.
package final class InstanceMetadata {
    /// A fact about the instance, by its place below `/latest/meta-data/`.
    package enum Fact: String, Sendable, CaseIterable {
        case instanceID = "instance-id"
        case region = "placement/region"
        case localHostname = "local-hostname"
        /// The domain of the partition's services, such as `amazonaws.com`.
        case servicesDomain = "services/domain"
    }

    static let name = "instance metadata"
    /// The longest that the service allows.
    static let tokenLifetime: Int64 = 21_600

    private let service: LocalService
    private let endpoint: String
    private let isDisabled: Bool
    private var session: (token: String, end: Int64)?

    /// `environment` may name another endpoint or disable the service; `pause` waits for a number of seconds.
    package init(
        client: HTTPClient, environment: [String: String], cancellation: HTTPCancellation? = nil,
        pause: @escaping (Double) -> Void
    ) {
        service = LocalService(client: client, cancellation: cancellation, pause: pause)
        let named = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? ""
        endpoint = named.isEmpty ? "http://169.254.169.254" : named.hasSuffix("/") ? String(named.dropLast()) : named
        isDisabled = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
    }

    /// A fact, or `nil` where the service does not know it; `now` is in seconds since 1970.
    package func value(of fact: Fact, at now: Int64) throws(AWSError) -> String? {
        guard let text = try text(fact.rawValue, at: now) else { return nil }
        guard text.isName(with: "-.") else { throw .malformed(Self.name) }
        return text
    }

    /// The credentials of the instance's role.
    package func credentials(at now: Int64) throws(AWSError) -> AWSCredentials {
        let folder = "iam/security-credentials/"
        guard let roles = try text(folder, at: now), let role = roles.split(whereSeparator: \.isNewline).first
        else { throw .noInstanceProfile }
        // The characters of a role's name (IAM, CreateRole).
        guard role.isName(with: "_+=,.@-") else { throw .malformed(Self.name) }
        guard let document = try get("\(folder)\(role)", at: now) else { throw .noInstanceProfile }
        return try AWSCredentials(document: document, of: Self.name)
    }

    private func text(_ path: String, at now: Int64) throws(AWSError) -> String? {
        guard let body = try get(path, at: now) else { return nil }
        guard let text = String(validating: body, as: UTF8.self) else { throw .malformed(Self.name) }
        return text
    }

    /// The body at a path, or `nil` where there is none.
    ///
    /// A token that the service does not take any more is replaced once.
    private func get(_ path: String, at now: Int64) throws(AWSError) -> [UInt8]? {
        guard !isDisabled else { throw .metadataDisabled }
        var response = try get(path, token: token(at: now))
        if response.status == 401 {
            session = nil
            response = try get(path, token: token(at: now))
        }
        switch response.status {
        case 200: return response.body
        case 404: return nil
        case 403: throw .metadataDisabled
        default: throw .status(response.status, of: Self.name)
        }
    }

    private func get(_ path: String, token: String) throws(AWSError) -> HTTPResponse {
        try send(.get, "meta-data/\(path)", HTTPHeader("X-aws-ec2-metadata-token", token))
    }

    private func token(at now: Int64) throws(AWSError) -> String {
        if let session, now < session.end { return session.token }
        let lifetime = HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", String(Self.tokenLifetime))
        let response = try send(.put, "api/token", lifetime)
        guard response.status == 200 else {
            throw response.status == 403 ? .metadataDisabled : .status(response.status, of: Self.name)
        }
        guard let token = String(validating: response.body, as: UTF8.self), !token.isEmpty else {
            throw .malformed(Self.name)
        }
        // A minute less, so that none ends on its way.
        session = (token, now + Self.tokenLifetime - 60)
        return token
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ header: HTTPHeader
    ) throws(AWSError) -> HTTPResponse {
        let request = HTTPRequest(
            method, "\(endpoint)/latest/\(path)", headers: [header], timeouts: .local, bodyLimit: 65_536)
        return try service.send(request, name: Self.name)
    }
}

extension HTTPTimeouts {
    /// For a service that is on the same machine or not there at all.
    static let local = HTTPTimeouts(connect: 1, total: 2, idle: nil)
}

extension StringProtocol {
    /// Whether this is one or more ASCII letters, digits and characters of `punctuation`, and thus safe in a URL.
    func isName(with punctuation: String) -> Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: punctuation.utf8.contains(byte)
                }
            }
    }
}
