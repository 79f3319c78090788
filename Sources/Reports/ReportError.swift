/// Why there is no report.
package enum ReportError: Error, Sendable, Equatable {
    /// Not even a report without any finding fits into the output limit; `minimum` bytes are needed for that.
    case outputLimitTooSmall(minimum: Int)
    /// No journald listens on the socket: the path is missing or no socket.
    case journalNotReachable(path: String)
    /// The journal did not take an entry.
    case journal(reason: String)
    /// The format is sent, not printed.
    case notText(ReportFormat)
    /// The JSON encoder failed.
    case encoding(reason: String)
}

extension ReportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .outputLimitTooSmall(let minimum): "the output limit is too small: at least \(minimum) bytes are needed"
        case .journalNotReachable(let path): "no journal listens on \(path)"
        case .journal(let reason): "the journal did not take an entry: \(reason)"
        case .notText(let format): "the format \(format.rawValue) is not printed"
        case .encoding(let reason): "cannot write JSON: \(reason)"
        }
    }
}
