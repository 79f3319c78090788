package import LinuxSystem

/// A ledger of findings as a file that only this user can have written, such as `/var/lib/breakoutd/state.json`.
package enum StateFile {
    package static let defaultPath = "/var/lib/breakoutd/state.json"

    /// Above what the bounds of a ledger and of the texts in it come to.
    static let limit = 64 << 20

    /// Reads the ledger; `nil` where there is no file, as at the very first start.
    ///
    /// A daemon whose file is no state to go on with begins with an empty ledger, and says so.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC, from which the rate limit counts.
    package static func load(
        _ path: String, _ limit: RateLimit = .standard, at time: Int64
    ) throws(TrustedDocumentFailure) -> FindingLedger? {
        try StateDocument.load(path, limit: Self.limit)?.ledger(limit, at: time)
    }

    /// Puts the ledger in the place of the old one.
    package static func save(_ ledger: FindingLedger, to path: String) throws(SystemError) {
        try StateDocument(ledger).save(to: path, through: "\(path).new")
    }
}
