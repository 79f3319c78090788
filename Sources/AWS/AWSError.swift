package import HTTPTransport

/// Why something of AWS is not to be had; no case holds a secret.
package enum AWSError: Error, Sendable, Equatable {
    /// No answer from a source, which is a short name such as `instance metadata`.
    case http(source: String, HTTPError)
    /// An answer with a status that says no.
    case status(source: String, Int)
    /// An answer, a file or an environment variable that is not what it has to be.
    case malformed(source: String, what: String)
    /// A file that could not be read, with the reason.
    case file(path: String, reason: String)
    /// AWS_EC2_METADATA_DISABLED is true.
    case metadataDisabled
    /// The instance has no role: 404 for the list of roles.
    case noInstanceProfile
    /// AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that may not be sent a token without TLS.
    case hostNotAllowed(String)
}

extension AWSError {
    /// Whether the same call may well succeed a little later.
    package var isTransient: Bool {
        switch self {
        case .http(_, let error): error.isTransient
        case .status(_, let status): status >= 500 || status == 429
        case .malformed, .file, .metadataDisabled, .noInstanceProfile, .hostNotAllowed: false
        }
    }
}

extension AWSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .http(let source, let error): "\(source): \(error)"
        case .status(let source, let status): "\(source): HTTP status \(status)"
        case .malformed(let source, let what): "\(source): \(what) missing or malformed"
        case .file(let path, let reason): "\(path): \(reason)"
        case .metadataDisabled: "instance metadata: disabled by AWS_EC2_METADATA_DISABLED"
        case .noInstanceProfile: "instance metadata: the instance has no role"
        case .hostNotAllowed(let host):
            "AWS_CONTAINER_CREDENTIALS_FULL_URI: \(host) is neither this machine nor reached over TLS"
        }
    }
}
