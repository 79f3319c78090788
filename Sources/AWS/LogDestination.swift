/// Where events go: a log stream of CloudWatch Logs.
package struct LogDestination: Sendable, Equatable {
    /// What of a destination cannot be used.
    package enum Invalid: String, Error, Sendable, CaseIterable {
        case region, group, stream, endpoint
    }

    package let region: String
    package let group: String
    package let stream: String
    /// The address of the service, without a slash at its end.
    package let endpoint: String
    /// Whether a missing group is made; a missing stream always is.
    package let createsGroup: Bool

    /// - Parameters:
    ///   - domain: what instance metadata says, or `nil` for that of the region.
    ///   - endpoint: an `http` or `https` address in place of the region's own, such as that of a VPC endpoint.
    package init(
        region: String, group: String, stream: String, domain: String? = nil, endpoint: String? = nil,
        createsGroup: Bool = true
    ) throws(Invalid) {
        guard region.isName(with: "-") else { throw .region }
        guard group.utf8.count <= 512, group.isName(with: ".-_/#"), !group.hasPrefix("aws/") else { throw .group }
        guard Self.isStream(stream) else { throw .stream }
        let address = endpoint ?? "https://logs.\(region).\(domain ?? Region.servicesDomain(of: region))"
        guard let host = Self.host(of: address) else { throw .endpoint }
        self.region = region
        self.group = group
        self.stream = stream
        self.host = host
        self.endpoint = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.createsGroup = createsGroup
    }

    /// What is signed: the host, with its port where the address has one.
    let host: String

    /// 1 to 512 characters, none of them `:`, `*` or a control character (CloudWatch Logs, CreateLogStream).
    private static func isStream(_ name: String) -> Bool {
        (1...512).contains(name.unicodeScalars.count)
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != ":" && $0 != "*" }
    }

    /// Host and port of an address that has no path, query or user name.
    static func host(of address: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: address.hasPrefix) else { return nil }
        let rest = address.dropFirst(scheme.count)
        let host = rest.hasSuffix("/") ? rest.dropLast() : rest
        return host.isName(with: ".-:[]") ? String(host) : nil
    }
}

extension LogDestination.Invalid: CustomStringConvertible {
    package var description: String { "not a usable \(rawValue) for CloudWatch Logs" }
}
