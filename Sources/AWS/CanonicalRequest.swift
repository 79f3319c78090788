import Crypto
import FoundationEssentials
import HTTPTransport

/// A request in the one form that both ends compute a signature from.
struct CanonicalRequest {
    private let method: String
    private let path: String
    private(set) var query: String
    /// Lower-case names and their values, sorted.
    private let headers: [(name: String, value: String)]
    private let bodyHash: String

    init(_ request: HTTPRequest) {
        method = request.method.rawValue
        let url = URLParts(request.url)
        path = url.path.percentEncoded(keeping: "/")
        query = Self.sorted(url.query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" })
        headers = Self.headers(request, host: url.host)
        bodyHash = SHA256.hash(data: request.body).hexadecimal
    }

    var signedHeaders: String { headers.map(\.name).joined(separator: ";") }

    var text: String {
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        return "\(method)\n\(path)\n\(query)\n\(lines)\n\(signedHeaders)\n\(bodyHash)"
    }

    var hash: String { SHA256.hash(data: Array(text.utf8)).hexadecimal }

    mutating func addQuery(_ parameters: [(String, String)]) {
        let encoded = parameters.map { "\($0.0.percentEncoded())=\($0.1.percentEncoded())" }
        query = Self.sorted(query.split(separator: "&").map(String.init) + encoded)
    }

    /// By name, then by value; comparing `name=value` as a whole would put `a-=` before `a=`.
    private static func sorted(_ parameters: [String]) -> String {
        let pairs = parameters.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        return pairs.sorted { $0.lexicographicallyPrecedes($1) }.map { $0.joined(separator: "=") }
            .joined(separator: "&")
    }

    private static func headers(_ request: HTTPRequest, host: String) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in request.headers {
            let words = header.value.split(separator: " ")
            values[header.name.lowercased(), default: []].append(words.joined(separator: " "))
        }
        if values["host"] == nil { values["host"] = [host] }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }
}

/// The parts of an absolute URL that a signature covers.
struct URLParts {
    /// As it stands in the header `Host`: with the port, unless it is the scheme's own.
    let host: String
    /// At least `/`.
    let path: String
    let query: String

    init(_ url: String) {
        let (scheme, rest) = Self.cut(Substring(url), at: "://")
        let beforeFragment = rest.prefix { $0 != "#" }
        let (location, query) = Self.cut(beforeFragment, at: "?")
        let authority = location.prefix { $0 != "/" }
        let ownPort = scheme.lowercased() == "https" ? ":443" : ":80"
        host = String(authority.hasSuffix(ownPort) ? authority.dropLast(ownPort.count) : authority)
        let path = location.dropFirst(authority.count)
        self.path = path.isEmpty ? "/" : String(path)
        self.query = String(query)
    }

    /// The host without port and brackets.
    var hostName: String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    private static func cut(_ text: Substring, at separator: String) -> (Substring, Substring) {
        let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
        return (parts[0], parts.count > 1 ? parts[1] : "")
    }
}
