package import HTTPTransport

/// Why the Kubernetes API did not tell.
package enum APIError: Error, Sendable, Equatable {
    case transport(HTTPError)
    /// What to ask, or whom, cannot be told from the configuration; why.
    case configuration(reason: String)
    /// No credential could be made; why, without any part of it.
    case credential(reason: String)
    /// 401, also with a new credential.
    case unauthorized(message: String)
    /// 403: what the identity may not do.
    case forbidden(verb: String, message: String)
    /// 410: the version or the continue token is too old.
    case expired
    /// 429 or 5xx: later; after how many seconds, where the server says.
    case unavailable(status: Int, retryAfter: Double?, message: String)
    case status(Int, message: String)
    /// An event of a watch that is longer than what is read of one.
    case eventTooLong(limit: Int)
    /// The answer is not of the API's shape; where and why.
    case malformed(reason: String)
    /// Tried until the time was over; the last reason.
    case gaveUp(reason: String)
    case cancelled

    var isMalformed: Bool { if case .malformed = self { true } else { false } }

    /// Whether the same request may well succeed a little later.
    var isTransient: Bool {
        switch self {
        case .transport(let error): error.isTransient
        case .unavailable: true
        // A list that is cut in the middle decodes no more.
        case .malformed: true
        case .configuration, .credential, .unauthorized, .forbidden, .expired, .status, .eventTooLong, .gaveUp,
            .cancelled:
            false
        }
    }
}

extension APIError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transport(let error): error.description
        case .configuration(let reason): reason
        case .credential(let reason): "no credential: \(reason)"
        case .unauthorized(let message): "401 Unauthorized: \(message)"
        case .forbidden(let verb, let message): "the identity may not \(verb) pods of this node: \(message)"
        case .expired: "410 Gone: the server no longer knows this version"
        case .unavailable(let status, _, let message): "\(status): \(message)"
        case .status(let status, let message): "\(status): \(message)"
        case .eventTooLong(let limit): "an event of more than \(limit) bytes"
        case .malformed(let reason): "malformed answer: \(reason)"
        case .gaveUp(let reason): "gave up: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
