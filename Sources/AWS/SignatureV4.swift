import Crypto
import FoundationEssentials

/// Signs requests to AWS services with Signature Version 4, in headers or in the query.
package struct SignatureV4: Sendable {
    /// What is signed of a request.
    ///
    /// Header names are in any case and `Host` is not among them; header values hold no line breaks.
    package struct Request: Sendable {
        package var method: String
        /// With the port where it is not the scheme's own.
        package var host: String
        /// As it stands in the URL, percent-encoded where necessary.
        package var path: String
        /// Names and values before encoding.
        package var query: [(name: String, value: String)]
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package init(
            method: String, host: String, path: String = "/", query: [(name: String, value: String)] = [],
            headers: [(name: String, value: String)] = [], body: [UInt8] = []
        ) {
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.headers = headers
            self.body = body
        }
    }

    private let credentials: AWSCredentials
    private let region: String
    private let service: String

    /// `service` is the name for signing, such as `sts` or `logs`.
    package init(credentials: AWSCredentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers to add to those of the request: date, session token and authorization.
    ///
    /// `time` is in seconds since 1970. The request's own headers are signed, and so is its host.
    package func headers(for request: Request, at time: Int64) -> [(name: String, value: String)] {
        let date = AWSDate(time)
        var added = [(name: "X-Amz-Date", value: date.text)]
        if let token = credentials.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }
        var signed = request
        signed.headers += added
        let canonical = CanonicalRequest(signed)
        added.append(
            (
                name: "Authorization",
                value: "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(date)), "
                    + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(canonical, date))"
            ))
        return added
    }

    /// The `https` URL that stands for the request until `expires` seconds after `time`.
    ///
    /// The request's own headers are signed, so that they have to be sent with the URL.
    package func presignedURL(for request: Request, at time: Int64, expires: Int) -> String {
        let date = AWSDate(time)
        var signed = request
        signed.query += [
            (name: "X-Amz-Algorithm", value: Self.algorithm),
            (name: "X-Amz-Credential", value: "\(credentials.accessKeyID)/\(scope(date))"),
            (name: "X-Amz-Date", value: date.text),
            (name: "X-Amz-Expires", value: String(expires)),
            (name: "X-Amz-SignedHeaders", value: CanonicalRequest(request).signedHeaders),
        ]
        if let token = credentials.sessionToken {
            signed.query.append((name: "X-Amz-Security-Token", value: token))
        }
        let canonical = CanonicalRequest(signed)
        return "https://\(request.host)\(request.path)?\(canonical.query)&X-Amz-Signature=\(signature(canonical, date))"
    }

    private static let algorithm = "AWS4-HMAC-SHA256"

    private func scope(_ date: AWSDate) -> String { "\(date.day)/\(region)/\(service)/aws4_request" }

    private func signature(_ canonical: CanonicalRequest, _ date: AWSDate) -> String {
        let text = [Self.algorithm, date.text, scope(date), canonical.digest].joined(separator: "\n")
        return Hexadecimal.text(Self.code(text, key: signingKey(day: date.day)))
    }

    /// The key that is good for one day, region and service.
    func signingKey(day: String) -> [UInt8] {
        [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) { key, part in
            Self.code(part, key: key)
        }
    }

    private static func code(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

/// Lower-case hexadecimal digits.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
