/// Whom alerts go to; several threads use one at a time.
package protocol AlertTarget: Sendable {
    /// Tells of one record, once; returns when it was taken.
    func deliver(_ alert: Alert) throws(AlertFailure)
}

/// Why an alert was not taken.
package struct AlertFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// In one line; holds no secret.
    package let description: String
    /// The same alert will never be taken.
    package let isFinal: Bool
    /// The seconds after which the target wants to be asked again.
    package let retryAfter: Double?

    package init(_ description: String, isFinal: Bool = false, retryAfter: Double? = nil) {
        self.description = description
        self.isFinal = isFinal
        self.retryAfter = retryAfter
    }
}
