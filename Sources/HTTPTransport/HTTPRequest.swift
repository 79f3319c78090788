/// One header field; its value may be a secret and is not printed.
package struct HTTPHeader: Sendable, Equatable, CustomStringConvertible {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package var description: String { name }
}

/// How long a request may take, in seconds.
package struct HTTPTimeouts: Sendable, Equatable {
    /// For name resolution, connection and TLS handshake together.
    package var connect: Double
    /// For everything; `nil` for a response without end.
    package var total: Double?
    /// Without any byte received or sent, noticed within a second: finds a connection whose other end is gone.
    package var idle: Double?

    package init(connect: Double = 10, total: Double? = 60, idle: Double? = 30) {
        self.connect = connect
        self.total = total
        self.idle = idle
    }
}

/// What to ask of a server.
package struct HTTPRequest: Sendable, Equatable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    package var method: Method
    /// Absolute, percent-encoded, without user name; sent as it is.
    package var url: String
    package var headers: [HTTPHeader]
    /// Sent with `post` and `put`.
    package var body: [UInt8]
    package var timeouts: HTTPTimeouts
    /// The most bytes of a collected body, after decompression.
    package var bodyLimit: Int
    /// Whether `HTTPS_PROXY`, `NO_PROXY` and their kin in the environment count (libcurl-env(3)).
    package var usesEnvironmentProxy: Bool

    package init(
        _ method: Method = .get, _ url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
        timeouts: HTTPTimeouts = HTTPTimeouts(), bodyLimit: Int = 1 << 20, usesEnvironmentProxy: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.bodyLimit = bodyLimit
        self.usesEnvironmentProxy = usesEnvironmentProxy
    }
}

extension HTTPRequest: CustomStringConvertible {
    /// Without query, headers and body, which may hold secrets.
    package var description: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }
}

extension HTTPRequest {
    /// Refuses what would not arrive as it was meant.
    func check() throws(HTTPError) {
        guard Self.isUsable(url: url) else { throw .malformedURL }
        for header in headers where !header.isUsable { throw .malformedHeader(name: header.name) }
    }

    private static func isUsable(url: String) -> Bool {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        let schemes = ["http://", "https://"].filter { url.lowercased().hasPrefix($0) }
        guard let scheme = schemes.first else { return false }
        let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        return !authority.isEmpty && !authority.contains("@") && !authority.contains("\\")
    }
}

extension HTTPHeader {
    fileprivate var isUsable: Bool {
        let isToken = name.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
        }
        return !name.isEmpty && isToken && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
