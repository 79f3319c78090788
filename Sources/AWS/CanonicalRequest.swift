import Crypto
import FoundationEssentials

/// A request in the one form that client and service compute the same signature from.
struct CanonicalRequest {
    let text: String
    /// Lower-case names in ascending order, separated by semicolons.
    let signedHeaders: String
    /// Encoded parameters in ascending order.
    let query: String

    init(_ request: SignatureV4.Request) {
        var values = ["host": [request.host]]
        for header in request.headers {
            values[header.name.lowercased(), default: []].append(Self.collapsed(header.value))
        }
        let headers = values.sorted { Self.precedes($0.key, $1.key) }
        signedHeaders = headers.map(\.key).joined(separator: ";")
        query = Self.query(request.query)
        text = [
            request.method, Self.path(request.path), query,
            headers.map { "\($0.key):\($0.value.joined(separator: ","))\n" }.joined(), signedHeaders,
            Hexadecimal.text(SHA256.hash(data: request.body)),
        ].joined(separator: "\n")
    }

    /// The hexadecimal digest that is signed.
    var digest: String { Hexadecimal.text(SHA256.hash(data: Array(text.utf8))) }

    /// The path without dot segments and empty ones, encoded once more than in the URL, as all services but S3 have it.
    private static func path(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        let joined = "/" + segments.map { PercentEncoding.encode($0) }.joined(separator: "/")
        return segments.isEmpty || !path.hasSuffix("/") ? joined : joined + "/"
    }

    private static func query(_ parameters: [(name: String, value: String)]) -> String {
        let encoded = parameters.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
        let sorted = encoded.sorted { left, right in
            left.0 == right.0 ? precedes(left.1, right.1) : precedes(left.0, right.0)
        }
        return sorted.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// Without blanks at the ends, and with one space for each run of blanks.
    private static func collapsed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    /// By bytes; the order of Swift's strings is another one outside ASCII.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// The encoding of Signature Version 4: everything but the unreserved characters of RFC 3986.
enum PercentEncoding {
    static func encode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.~".utf8.contains(byte)
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
