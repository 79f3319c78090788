import FoundationEssentials

/// The JSON document in which instance metadata and containers' credential services give credentials.
private struct CredentialDocument: Decodable {
    /// Given by instance metadata only.
    var code: String?
    var accessKeyID: String?
    var secretAccessKey: String?
    var token: String?
    var expiration: String?

    private enum CodingKeys: String, CodingKey {
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }
}

extension AWSCredentials {
    /// Reads a document of the source `name`.
    init(document: [UInt8], of name: String) throws(AWSError) {
        guard let found = try? JSONDecoder().decode(CredentialDocument.self, from: Data(document)) else {
            throw .malformed(name)
        }
        if let code = found.code, code != "Success" { throw .refused(code: String(code.prefix(64)), by: name) }
        guard let key = found.accessKeyID, !key.isEmpty, let secret = found.secretAccessKey, !secret.isEmpty,
            let token = found.token, !token.isEmpty, let expiration = found.expiration.flatMap(AWSDate.seconds)
        else { throw .malformed(name) }
        self.init(accessKeyID: key, secretAccessKey: secret, sessionToken: token, expiration: expiration)
    }
}
