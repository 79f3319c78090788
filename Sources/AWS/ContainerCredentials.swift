import HTTPTransport
import LinuxSystem

/// The credentials that ECS and EKS Pod Identity give to a container, through an endpoint named by its environment.
struct ContainerCredentials {
    static let source = "container credentials"
    static let attempts = 3

    let url: String
    private let environment: [String: String]

    /// `nil` when the environment names no endpoint.
    init?(environment: [String: String]) throws(AWSError) {
        self.environment = environment
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], !path.isEmpty {
            guard path.hasPrefix("/") else {
                throw .malformed(source: "environment", what: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            }
            url = "http://169.254.170.2\(path)"
        } else if let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !full.isEmpty {
            let host = URLParts(full).hostName
            guard full.lowercased().hasPrefix("https://") || Self.isLocal(host) else { throw .hostNotAllowed(host) }
            url = full
        } else {
            return nil
        }
    }

    func load(client: HTTPClient, sleep: (Double) -> Void) throws(AWSError) -> AWSCredentials {
        var headers = [HTTPHeader("Accept", "application/json")]
        if let token = try authorization() { headers.append(HTTPHeader("Authorization", token)) }
        let request = HTTPRequest(
            .get, url, headers: headers,
            timeouts: HTTPTimeouts(connect: 2, total: 5, idle: 5), bodyLimit: 65_536)
        let response = try client.send(request, source: Self.source, attempts: Self.attempts, sleep: sleep)
        guard response.status == 200 else { throw .status(source: Self.source, response.status) }
        return try AWSCredentials(json: response.body, source: Self.source)
    }

    /// The file is read each time, because EKS writes a new token into it.
    private func authorization() throws(AWSError) -> String? {
        guard let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"], !path.isEmpty else {
            return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        }
        do throws(BoundedFile.Failure) {
            return String(decoding: try BoundedFile.read(path: path, limit: 65_536), as: UTF8.self)
        } catch {
            throw .file(path: path, reason: Self.reason(error))
        }
    }

    private static func reason(_ failure: BoundedFile.Failure) -> String {
        switch failure {
        case .system(let error): error.reason
        case .notRegular(let kind): "is a \(kind.rawValue)"
        case .tooLarge: "is too large"
        }
    }

    /// This machine, or the link-local addresses of ECS and EKS.
    private static func isLocal(_ host: String) -> Bool {
        let known = ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return known.contains(host) || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
