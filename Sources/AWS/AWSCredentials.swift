import FoundationEssentials

/// A key to sign requests with; secrets are not printed.
package struct AWSCredentials: Sendable, Equatable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Present in temporary credentials.
    package let sessionToken: String?
    /// Seconds since 1970, or `nil` when they do not end.
    package let expiration: Int64?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Int64? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    /// Whether they are good for at least so many seconds.
    package func isValid(at time: Int64, for seconds: Int64 = 0) -> Bool {
        guard let expiration else { return true }
        return expiration &- seconds > time
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credentials \(accessKeyID)" }
    package var debugDescription: String { description }
    /// Without members, which `dump` and failed expectations of tests would print.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension AWSCredentials {
    /// Decodes what instance metadata and a container's endpoint answer.
    init(json: [UInt8], source: String) throws(AWSError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
            throw .malformed(source: source, what: "the document of credentials")
        }
        if let code = document.Code, code != "Success" { throw .malformed(source: source, what: "Code Success") }
        func field(_ name: String, _ value: String?) throws(AWSError) -> String {
            guard let value, !value.isEmpty else { throw .malformed(source: source, what: name) }
            return value
        }
        accessKeyID = try field("AccessKeyId", document.AccessKeyId)
        secretAccessKey = try field("SecretAccessKey", document.SecretAccessKey)
        sessionToken = try field("Token", document.Token)
        let end = AWSTime.parse(try field("Expiration", document.Expiration))
        guard let end else { throw .malformed(source: source, what: "Expiration") }
        expiration = end
    }

    private struct Document: Decodable {
        let Code: String?
        let AccessKeyId: String?
        let SecretAccessKey: String?
        let Token: String?
        let Expiration: String?
    }

    /// AWS_ACCESS_KEY_ID and its kin; `nil` when none is set, and half of a key is an error.
    init?(environment: [String: String]) throws(AWSError) {
        let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let accessKeyID = value("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secretAccessKey = value("AWS_SECRET_ACCESS_KEY") else {
            throw .malformed(source: "environment", what: "AWS_SECRET_ACCESS_KEY")
        }
        self.init(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: value("AWS_SESSION_TOKEN"))
    }
}
