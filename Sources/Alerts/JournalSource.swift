package import LinuxSystem

/// Where records come from: the journal, or a test's list.
package protocol JournalSource {
    /// The next entry, or `nil` where there is none yet.
    mutating func next() throws(JournalError) -> JournalEntry?

    /// Waits until there may be another entry, or until the signal is given.
    mutating func wait(_ stop: StopSignal) throws(JournalError)
}
