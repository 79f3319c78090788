package import HTTPTransport

/// Why there are no credentials, no facts about the instance or no token; none of them holds a secret.
package enum AWSError: Error, Sendable, Equatable {
    /// Neither the environment, nor a container's credentials, nor the instance's metadata has any.
    case noCredentials
    /// One of two environment variables is set without the other, which is named.
    case missingVariable(String)
    /// An environment variable, which is named, does not hold what it should.
    case invalidVariable(String)
    /// The file that an environment variable names cannot be read.
    case unreadableFile(variable: String, reason: String)
    /// `AWS_EC2_METADATA_DISABLED` is set, or the instance does not serve metadata.
    case metadataDisabled
    case noInstanceProfile
    /// A source of credentials or metadata answered with an unexpected status.
    case status(Int, of: String)
    /// A source of credentials or metadata answered with something else than it should.
    case malformed(String)
    /// A source of credentials says that it gives none, with a code such as `AssumeRoleUnauthorizedAccess`.
    case refused(code: String, by: String)
    case transport(HTTPError, of: String)
}

extension AWSError {
    /// Whether waiting may help, as where a node that starts has no network yet.
    package var isTransient: Bool {
        switch self {
        case .transport(let error, _): error.isTransient
        case .status(let status, _): status >= 500 || status == 429
        default: false
        }
    }
}

extension AWSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noCredentials: "no AWS credentials in the environment, the container or the instance"
        case .missingVariable(let name): "\(name) is not set"
        case .invalidVariable(let name): "\(name) is not usable"
        case .unreadableFile(let variable, let reason): "the file of \(variable) cannot be read: \(reason)"
        case .metadataDisabled: "instance metadata is disabled"
        case .noInstanceProfile: "the instance has no instance profile"
        case .status(let status, let source): "\(source): status \(status)"
        case .malformed(let source): "\(source): malformed answer"
        case .refused(let code, let source): "\(source): \(code)"
        case .transport(let error, let source): "\(source): \(error)"
        }
    }
}
