import LinuxSystem

/// Why the journal cannot be read.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package let errorNumber: Int32
    /// The function of libsystemd that failed.
    package let call: String

    package var description: String { SystemError(errorNumber: errorNumber, call: call, path: "journal").description }
}
