import FoundationEssentials
package import HTTPTransport

/// Why a service of AWS did not take a request.
package enum ServiceError: Error, Sendable, Equatable {
    case credentials(AWSError)
    case transport(HTTPError)
    /// The service does not take the credentials, new ones included.
    case expired(code: String)
    /// Throttled, down or answering nonsense.
    case unavailable(code: String)
    /// The credentials may not do this, or the clock is wrong.
    case denied(code: String, reason: String)
    /// What is asked for is not there.
    case missing(reason: String)
    /// It does not take the request; by the code, it or what stands between may do so later.
    case refused(code: String, reason: String)
}

extension ServiceError {
    /// What to do with a request that failed.
    package enum Remedy: Sendable, Equatable {
        /// Send it again after a while.
        case retry
        /// Send it again, but do not hope for much before an administrator has done something.
        case retrySlowly
        /// Give it up.
        case giveUp
    }

    package var remedy: Remedy {
        switch self {
        case .transport(let error): error.isTransient ? .retry : .retrySlowly
        case .credentials(let error): error.isTransient ? .retry : .retrySlowly
        case .unavailable: .retry
        case .expired, .denied, .missing: .retrySlowly
        case .refused(let code, _): Self.permanent.contains(code) ? .giveUp : .retrySlowly
        }
    }

    /// What is said of records that will never be taken (CloudWatch Logs, PutLogEvents; Security Hub, BatchImportFindings;
    /// the JSON protocols), or that cannot be sent at all.
    ///
    /// Anything else, such as a proxy's page, may be over some day.
    private static let permanent: Set<String> = [
        "InvalidParameterException", "InvalidInputException", "SerializationException", "ValidationException",
        "encoding",
    ]
}

extension ServiceError {
    /// The error in one line.
    ///
    /// - Parameter service: its name for people.
    package func text(of service: String) -> String {
        switch self {
        case .credentials(let error): "\(service): \(error)"
        case .transport(let error): "\(service): \(error)"
        case .expired(let code): "\(service) does not take the credentials: \(code)"
        case .unavailable(let code): "\(service) is not available: \(code)"
        case .denied(let code, let reason): "\(service) denies access: \(code) \(reason)"
        case .missing(let reason): "\(service) does not have it: \(reason)"
        case .refused(let code, let reason): "\(service) refuses it: \(code) \(reason)"
        }
    }
}

/// What an answer of a service other than success says.
struct ServiceFailure {
    /// The error's name, such as `ThrottlingException`, or the status where it has none.
    let code: String
    /// In the service's words, printable ASCII and not long.
    let reason: String
    private let status: Int

    /// Reads the body's `__type`, which may have a prefix up to `#`, or the header that says the same, which may have
    /// a suffix from `:` on (AWS JSON 1.1 and REST JSON protocols).
    init(_ response: HTTPResponse) {
        let body = try? JSONDecoder().decode(Body.self, from: Data(response.body))
        let type = body?.type ?? response.header("x-amzn-ErrorType") ?? ""
        let name = (type.split(separator: "#").last ?? "").prefix { $0 != ":" }
        status = response.status
        code = name.isName(with: "._-") ? String(name.prefix(100)) : "status \(response.status)"
        let text = (body?.message ?? body?.capitalMessage ?? "").unicodeScalars.prefix(300)
        reason = String(String.UnicodeScalarView(text.filter { (0x20..<0x7F).contains($0.value) }))
    }

    var error: ServiceError {
        if Self.temporary.contains(code) { return .unavailable(code: code) }
        if Self.credential.contains(code) { return .expired(code: code) }
        if Self.permission.contains(code) { return .denied(code: code, reason: reason) }
        if code == "ResourceNotFoundException" { return .missing(reason: reason) }
        return switch status {
        case 401, 403: .denied(code: code, reason: reason)
        case 408, 429: .unavailable(code: code)
        case 400..<500: .refused(code: code, reason: reason)
        default: .unavailable(code: code)
        }
    }

    /// The events are in already (PutLogEvents).
    var isAccepted: Bool { ["DataAlreadyAcceptedException", "InvalidSequenceTokenException"].contains(code) }
    /// Somebody else made the group or stream first.
    var isThereAlready: Bool { code == "ResourceAlreadyExistsException" }

    private static let temporary: Set<String> = [
        "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "LimitExceededException", "OperationAbortedException", "ServiceUnavailableException", "ServiceUnavailable",
        "InternalFailure", "RequestTimeout", "RequestTimeoutException",
    ]
    private static let credential: Set<String> = [
        "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
    ]
    private static let permission: Set<String> = [
        "AccessDeniedException", "AccessDenied", "NotAuthorized", "OptInRequired",
        "MissingAuthenticationTokenException", "IncompleteSignatureException", "InvalidSignatureException",
        "SignatureDoesNotMatch", "RequestExpired", "InvalidAccessException",
    ]

    private struct Body: Decodable {
        var type: String?
        var message: String?
        var capitalMessage: String?

        private enum CodingKeys: String, CodingKey {
            case type = "__type"
            case message
            case capitalMessage = "Message"
        }
    }
}
