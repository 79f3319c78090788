import HTTPTransport
import LinuxSystem

/// Credentials from the service that ECS and EKS Pod Identity give a container, named by environment variables.
struct ContainerCredentials {
    static let relativeVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    static let fullVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    static let tokenVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
    static let tokenFileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    static let name = "container credentials"

    let service: LocalService
    let environment: [String: String]

    /// The credentials, or `nil` where the environment names no service.
    func credentials() throws(AWSError) -> AWSCredentials? {
        guard let url = try Self.url(environment) else { return nil }
        let headers = try authorization().map { [HTTPHeader("Authorization", $0)] } ?? []
        let request = HTTPRequest(.get, url, headers: headers, timeouts: .local, bodyLimit: 65_536)
        let response = try service.send(request, name: Self.name)
        guard response.status == 200 else { throw .status(response.status, of: Self.name) }
        return try AWSCredentials(document: response.body, of: Self.name)
    }

    /// The address of the service.
    ///
    /// Without TLS it has to be on this machine: the token and the credentials are secrets.
    static func url(_ environment: [String: String]) throws(AWSError) -> String? {
        if let path = environment[relativeVariable], !path.isEmpty {
            guard path.hasPrefix("/") else { throw .invalidVariable(relativeVariable) }
            return "http://169.254.170.2\(path)"
        }
        guard let url = environment[fullVariable], !url.isEmpty else { return nil }
        let lowercased = url.lowercased()
        if lowercased.hasPrefix("https://") { return url }
        let authority = lowercased.dropFirst("http://".count).prefix { !"/?#".contains($0) }
        guard lowercased.hasPrefix("http://"), isLocal(authority) else { throw .invalidVariable(fullVariable) }
        return url
    }

    /// Whether host and port name a loopback address or one of the link-local ones of ECS and EKS.
    private static func isLocal(_ authority: Substring) -> Bool {
        let known = ["localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
        let colon = authority.lastIndex(of: ":") ?? authority.endIndex
        let host = isNumber(authority[colon...].dropFirst()) ? authority[..<colon] : authority
        if known.contains(String(host)) { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { isNumber($0) && UInt8($0) != nil }
    }

    private static func isNumber(_ text: Substring) -> Bool { text.allSatisfy { ("0"..."9").contains($0) } }

    private func authorization() throws(AWSError) -> String? {
        if let path = environment[Self.tokenFileVariable], !path.isEmpty {
            do throws(BoundedFile.Failure) {
                return String(decoding: try BoundedFile.read(path: path, limit: 65_536), as: UTF8.self)
            } catch {
                throw .unreadableFile(variable: Self.tokenFileVariable, reason: "\(error)")
            }
        }
        return environment[Self.tokenVariable].flatMap { $0.isEmpty ? nil : $0 }
    }
}
