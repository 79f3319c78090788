package import LinuxSystem

/// Why there is no response.
///
/// Reasons are libcurl's words; none holds a URL, a header's value or a body.
package enum HTTPError: Error, Sendable, Equatable {
    /// libcurl is not on this machine, or it is too old.
    case libraryMissing(reason: String)
    /// Not an absolute http or https URL, or one with a user name.
    case malformedURL
    /// A header's name is no token (RFC 9110), or its value holds a line break or another control character.
    case malformedHeader(name: String)
    /// A certificate or key could not be handed to libcurl.
    case system(SystemError)
    case resolve(reason: String)
    case connect(reason: String)
    /// No TLS connection: certificate, host name, protocol version, client certificate or a file that cannot be used.
    case tls(reason: String)
    /// The time for the connection or for the whole request is over.
    case timedOut
    /// No byte came or went for the time that the request allows.
    case stalled
    /// The connection ended in the middle.
    case interrupted(reason: String)
    /// More bytes than the request allows, counted after decompression.
    case bodyTooLarge(limit: Int)
    case headersTooLarge(limit: Int)
    case malformedResponse(reason: String)
    case cancelled
    /// Any other CURLcode (libcurl-errors(3)).
    case other(code: Int32, reason: String)
}

extension HTTPError {
    /// Whether the same request may well succeed a little later: the network failed and not what was asked.
    package var isTransient: Bool {
        switch self {
        case .resolve, .connect, .timedOut, .stalled, .interrupted: true
        case .libraryMissing, .malformedURL, .malformedHeader, .system, .tls, .bodyTooLarge, .headersTooLarge,
            .malformedResponse, .cancelled, .other:
            false
        }
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .libraryMissing(let reason): "libcurl cannot be used: \(reason)"
        case .malformedURL: "not a usable http or https URL"
        case .malformedHeader(let name): "not a usable header: \(name)"
        case .system(let error): error.description
        case .resolve(let reason): "host name not resolved: \(reason)"
        case .connect(let reason): "not connected: \(reason)"
        case .tls(let reason): "no TLS connection: \(reason)"
        case .timedOut: "timed out"
        case .stalled: "the connection stalled"
        case .interrupted(let reason): "the connection broke: \(reason)"
        case .bodyTooLarge(let limit): "the response is longer than \(limit) bytes"
        case .headersTooLarge(let limit): "the response has more than \(limit) bytes of headers"
        case .malformedResponse(let reason): "malformed response: \(reason)"
        case .cancelled: "cancelled"
        case .other(let code, let reason): "libcurl error \(code): \(reason)"
        }
    }
}
