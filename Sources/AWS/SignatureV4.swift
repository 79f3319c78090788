import Crypto
import FoundationEssentials
package import HTTPTransport

/// Signs requests with AWS Signature Version 4.
package struct SignatureV4: Sendable {
    private let credentials: AWSCredentials
    private let region: String
    private let service: String

    package init(credentials: AWSCredentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The request with the headers `X-Amz-Date`, `X-Amz-Security-Token` and `Authorization`; every header is signed.
    ///
    /// The URL's path has no dot segments and its query is percent-encoded down to `A-Za-z0-9-_.~`.
    package func sign(_ request: HTTPRequest, at time: Int64) -> HTTPRequest {
        var signed = request
        signed.headers.append(HTTPHeader("X-Amz-Date", AWSTime.compact(time)))
        if let token = credentials.sessionToken { signed.headers.append(HTTPHeader("X-Amz-Security-Token", token)) }
        let canonical = CanonicalRequest(signed)
        let scope = scope(at: time)
        let value =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(of: canonical, at: time))"
        signed.headers.append(HTTPHeader("Authorization", value))
        return signed
    }

    /// A URL that may be used for `expires` seconds with the same method, headers and body and without credentials.
    package func presign(_ request: HTTPRequest, expires: Int, at time: Int64) -> String {
        var canonical = CanonicalRequest(request)
        var parameters = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(at: time))"),
            ("X-Amz-Date", AWSTime.compact(time)),
            ("X-Amz-Expires", String(expires)),
            ("X-Amz-SignedHeaders", canonical.signedHeaders),
        ]
        if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
        canonical.addQuery(parameters)
        let signature = signature(of: canonical, at: time)
        let url = request.url.prefix { $0 != "?" }
        return "\(url)?\(canonical.query)&X-Amz-Signature=\(signature)"
    }

    func signature(of request: CanonicalRequest, at time: Int64) -> String {
        let text = "AWS4-HMAC-SHA256\n\(AWSTime.compact(time))\n\(scope(at: time))\n\(request.hash)"
        return Self.code(signingKey(at: time), text).hexadecimal
    }

    func signingKey(at time: Int64) -> [UInt8] {
        let parts = [String(AWSTime.compact(time).prefix(8)), region, service, "aws4_request"]
        return parts.reduce(Array("AWS4\(credentials.secretAccessKey)".utf8), Self.code)
    }

    private func scope(at time: Int64) -> String {
        "\(AWSTime.compact(time).prefix(8))/\(region)/\(service)/aws4_request"
    }

    private static func code(_ key: [UInt8], _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

extension SignatureV4: CustomStringConvertible {
    package var description: String { "signature of \(credentials) for \(service) in \(region)" }
}
