import CSystemd
import Glibc
package import LinuxSystem
package import Logging

/// The records that breakoutd sent to the node's journal, in the journal's order; for one thread.
///
/// Only entries in journald's own protocol and of root are read (`_TRANSPORT` and `_UID` are journald's word,
/// systemd.journal-fields(7)). A container that has the journal's socket and is root on the node can forge one all the
/// same: that makes an alert, and hides none.
package final class JournalReader: JournalSource {
    private let journal: OpaquePointer
    private let logger: Logger
    private let boot: sd_id128_t
    /// The entry that was read last.
    private var last: String?
    /// The one that was, where the journal had it no more: those up to it are read again, and known.
    private var gone: JournalCursor?

    private static let matches = ["SYSLOG_IDENTIFIER=breakoutd", "_TRANSPORT=journal", "_UID=0"]

    /// Opens the journal and goes to the entry after `cursor`, or to this boot's first where there is no cursor.
    package init(after cursor: String?, logger: Logger) throws(JournalError) {
        var boot = sd_id128_t()
        try Self.check(sd_id128_get_boot(&boot), "sd_id128_get_boot")
        self.boot = boot
        var journal: OpaquePointer?
        try Self.check(
            sd_journal_open(&journal, Int32(SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM)), "sd_journal_open")
        guard let journal else { throw JournalError(errorNumber: ENOMEM, call: "sd_journal_open") }
        self.journal = journal
        self.logger = logger
        last = cursor
        for match in Self.matches {
            try Self.check(sd_journal_add_match(journal, match, match.utf8.count), "sd_journal_add_match")
        }
        // Before the first entry is read, so that a change from then on is seen (sd_journal_get_fd(3)).
        try Self.check(sd_journal_get_fd(journal), "sd_journal_get_fd")
        if cursor == nil { try seekBoot() } else { try resume() }
    }

    deinit { sd_journal_close(journal) }

    package func next() throws(JournalError) -> JournalEntry? {
        while try Self.check(sd_journal_next(journal), "sd_journal_next") > 0 {
            // Where a position was found again, the entry there may be the one that was read already.
            if let last, sd_journal_test_cursor(journal, last) > 0 { continue }
            let cursor = try self.cursor()
            if isKnown(cursor) || last == nil && !isOfPresentBoot(cursor) { continue }
            last = cursor
            var time: UInt64 = 0
            try Self.check(sd_journal_get_realtime_usec(journal, &time), "sd_journal_get_realtime_usec")
            return JournalEntry(cursor: cursor, time: Int64(clamping: time / 1000), fields: fields(cursor))
        }
        return nil
    }

    /// Files that come and go (rotation, vacuum) are met by finding the position anew.
    package func wait(_ stop: StopSignal) throws(JournalError) {
        let journalDescriptor = try Self.check(sd_journal_get_fd(journal), "sd_journal_get_fd")
        let events = try Self.check(sd_journal_get_events(journal), "sd_journal_get_events")
        var waiting = [
            pollfd(fd: journalDescriptor, events: Int16(truncatingIfNeeded: events), revents: 0),
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&waiting, 2, timeout())
        let change = try Self.check(sd_journal_process(journal), "sd_journal_process")
        if change == Int32(SD_JOURNAL_INVALIDATE), last != nil { try resume() }
    }

    /// Milliseconds until the journal has to be looked at without an event, as on network file systems; -1 for never.
    private func timeout() -> Int32 {
        var end = UInt64.max
        guard sd_journal_get_timeout(journal, &end) >= 0, end != .max else { return -1 }
        return Int32(clamping: max(Int64(clamping: end) - Clock.monotonicMicroseconds(), 0) / 1000 + 1)
    }

    /// Goes to just before the entry after `last`.
    ///
    /// Where that one is gone, the journal was cut back or made anew, or lost its end in a crash: journald syncs every few
    /// minutes (journald.conf(5), SyncIntervalSec). So the journal is read from its oldest entry then, without those that
    /// were written before the one that is gone.
    private func resume() throws(JournalError) {
        guard let last else { return }
        let isFound =
            sd_journal_seek_cursor(journal, last) >= 0 && sd_journal_next(journal) > 0
            && sd_journal_test_cursor(journal, last) > 0
        if isFound { return }
        let cursor = JournalCursor(last)
        if cursor == nil || cursor != gone {
            logger.warning(
                "The record that was read last is gone from the journal; what came after it and is gone, too, is not told"
            )
        }
        gone = cursor
        try Self.check(sd_journal_seek_head(journal), "sd_journal_seek_head")
    }

    private func isKnown(_ cursor: String) -> Bool {
        guard let gone, let cursor = JournalCursor(cursor) else { return false }
        return cursor.isUpTo(gone, in: presentBoot)
    }

    /// The boot's id as cursors have it.
    private var presentBoot: String {
        withUnsafeBytes(of: boot) { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// libsystemd goes by the boot in files that have it, and begins others with whatever they begin with
    /// (sd-journal.c, find_location_for_match).
    private func isOfPresentBoot(_ cursor: String) -> Bool { JournalCursor(cursor)?.boot == presentBoot }

    private func seekBoot() throws(JournalError) {
        try Self.check(sd_journal_seek_monotonic_usec(journal, boot, 0), "sd_journal_seek_monotonic_usec")
    }

    private func cursor() throws(JournalError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        try Self.check(sd_journal_get_cursor(journal, &text), "sd_journal_get_cursor")
        defer { free(text) }
        guard let text else { throw JournalError(errorNumber: ENOMEM, call: "sd_journal_get_cursor") }
        return String(cString: text)
    }

    /// Bytes of a field that are taken: any program may write longer ones.
    private static let fieldLimit = 65_536

    /// The fields of the entry that alerts are made of.
    ///
    /// libsystemd gives a field that is not compressed as a whole, however long it is.
    private func fields(_ cursor: String) -> [String: String] {
        var fields: [String: String] = [:]
        for name in Alert.fieldNames {
            var bytes: UnsafeRawPointer?
            var count = 0
            let error = sd_journal_get_data(journal, name, &bytes, &count)
            if error == -ENOENT { continue }
            guard error >= 0, let bytes, count > name.utf8.count else {
                logger.error("A record's \(name) cannot be read: \(JournalError(errorNumber: -error, call: cursor))")
                continue
            }
            let value = UnsafeRawBufferPointer(start: bytes, count: count).dropFirst(name.utf8.count + 1)
            fields[name] = String(decoding: value.prefix(Self.fieldLimit), as: UTF8.self)
        }
        return fields
    }

    @discardableResult
    private static func check(_ result: Int32, _ call: String) throws(JournalError) -> Int32 {
        if result < 0 { throw JournalError(errorNumber: -result, call: call) }
        return result
    }
}
