/// A key to sign requests with; secrets are not printed.
package struct AWSCredentials: Sendable, Equatable {
    package var accessKeyID: String
    package var secretAccessKey: String
    /// Present in temporary credentials.
    package var sessionToken: String?
    /// Seconds since 1970, or `nil` when they do not end.
    package var expiration: Int64?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Int64? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

extension AWSCredentials: CustomStringConvertible {
    package var description: String { "credentials \(accessKeyID)" }
}
