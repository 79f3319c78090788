/// An entry of the journal, with those of its fields that alerts are made of.
package struct JournalEntry: Sendable, Equatable {
    /// Names the entry for good, over restarts and rotation (sd_journal_get_cursor(3)).
    package var cursor: String
    /// When journald took it, in milliseconds since 1970-01-01 UTC.
    package var time: Int64
    package var fields: [String: String]

    package init(cursor: String, time: Int64, fields: [String: String]) {
        self.cursor = cursor
        self.time = time
        self.fields = fields
    }
}
