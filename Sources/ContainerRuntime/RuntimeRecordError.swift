import LinuxSystem

/// Why a runtime's record of a container was not taken.
enum RuntimeRecordError: Error, Sendable, Equatable {
    case file(BoundedFile.Failure)
    /// The text is no JSON, or not of the record's shape; what the decoder says of it.
    case malformed(String)

    /// The record is not there (any more).
    var isGone: Bool {
        if case .file(let failure) = self { return failure.isGone }
        return false
    }

    /// One sentence without the file's name.
    var reason: String {
        switch self {
        case .file(let failure): failure.reason
        case .malformed(let reason): reason
        }
    }

    /// What a decoder says of bad input, cut to a line's length: it may quote the input.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not JSON" }
        let (context, what) =
            switch error {
            case .dataCorrupted(let context): (context, "not JSON")
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .typeMismatch(_, let context): (context, "wrong type")
            case .valueNotFound(_, let context): (context, "null")
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "not of the record's shape")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? what : "\(what) at \(path.prefix(120))"
    }
}
