/// What proves to the API server who asks.
package protocol APICredential: Sendable {
    /// The bearer token of a request; `nil` where the client certificate speaks.
    ///
    /// - Parameter isNew: the server refused the last one, so a kept one must not be used.
    func bearerToken(isNew: Bool) throws(APIError) -> String?
}

/// A client certificate, which is part of the TLS connection.
package struct CertificateCredential: APICredential {
    package init() {}
    package func bearerToken(isNew: Bool) -> String? { nil }
}

/// A token that stays.
package struct StaticToken: APICredential, CustomStringConvertible {
    private let token: String

    package init(_ token: String) { self.token = token }

    package func bearerToken(isNew: Bool) -> String? { token }

    package var description: String { "a token" }
}
