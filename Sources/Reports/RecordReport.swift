package import Findings
import NodeModel

/// What is told of a finding's life by a daemon: one line or journal entry each.
package enum RecordReport {
    /// MESSAGE_IDs beside those of the techniques, which tell that a finding was raised; they never change.
    static let clearedMessageID = "b627bc0e0c3c44a48b5761bb98b93eb2"
    static let heartbeatMessageID = "5fd8f42e25424b50ba7dc9bf3cf7da30"
    static let lossMessageID = "9a1caf20f49c4dd2a7fe0d101fb5fce9"
    static let heldBackMessageID = "3d3900409f164667b0a5a34058f97b70"

    /// The fields of a journal entry.
    package static func journalFields(_ record: FindingRecord) throws(ReportError) -> [(String, String)] {
        var fields = try JournalReport.fields(record.finding)
        func replace(_ name: String, _ value: String) {
            fields.removeAll { $0.0 == name }
            fields.append((name, value))
        }
        fields.append(("BREAKOUTD_EVENT", record.change.name))
        fields.append(("BREAKOUTD_SIGHTINGS", String(record.sightings)))
        if let heldBack = record.heldBack { fields.append(("BREAKOUTD_HELD_BACK", String(heldBack.count))) }
        switch record.change {
        case .raised, .worsened:
            guard let heldBack = record.heldBack else { break }
            replace("MESSAGE", message(record, "\(heldBack.count) more were held back before"))
        case .cleared, .clearedByReboot:
            replace("MESSAGE_ID", clearedMessageID)
            // That something is over is worth a note.
            replace("PRIORITY", "5")
            replace("MESSAGE", message(record, record.change == .cleared ? "is over" : "ended with the last boot"))
        case .heldBack:
            replace("MESSAGE_ID", heldBackMessageID)
            replace("MESSAGE", message(record, "\(record.heldBack?.count ?? 0) such findings were held back"))
        }
        return fields
    }

    /// The fields of the entry that the daemon makes each minute, so that its silence is seen, and at its end.
    package static func heartbeatFields(_ metrics: MinuteMetrics) -> [(String, String)] {
        let numbers = metrics.numbers
        let text = numbers.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        return [
            ("MESSAGE", "\(metrics.isLast ? "Watched until now" : "Watching"): \(text)"),
            ("MESSAGE_ID", heartbeatMessageID), ("PRIORITY", "6"),
            ("SYSLOG_IDENTIFIER", "breakoutd"),
        ] + numbers.map { ("BREAKOUTD_" + $0.0.uppercased().map { $0 == " " ? "_" : $0 }, $0.1) }
    }

    /// The fields of the entry that states a loss of entries.
    package static func lossFields(_ count: Int) -> [(String, String)] {
        [
            ("MESSAGE", "\(count) entries before this one were lost"), ("MESSAGE_ID", lossMessageID), ("PRIORITY", "3"),
            ("SYSLOG_IDENTIFIER", "breakoutd"), ("BREAKOUTD_ENTRIES_LOST", String(count)),
        ]
    }

    private static func message(_ record: FindingRecord, _ what: String) -> String {
        let note = " (\(what))"
        let message = JournalReport.message(record.finding)
        return TerminalText.cut(message, bytes: JournalReport.messageLimit - note.utf8.count) + note
    }

    /// One line of JSON with the finding and what became of it.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - limit: bytes that the line stays below.
    static func line(
        _ record: FindingRecord, node: String?, cluster: String?, within limit: Int
    ) throws(ReportError) -> String {
        var members = [
            "schema": try JSONText.encode(.text("breakoutd-record/1")),
            "event": try JSONText.encode(.text(record.change.name)),
            "node": try JSONText.encode(JSONValue(node)),
            "cluster": try JSONText.encode(JSONValue(cluster)),
            "firstSeen": try JSONText.encode(.text(Timestamp.rfc3339(milliseconds: record.firstSeen))),
            "lastSeen": try JSONText.encode(.text(Timestamp.rfc3339(milliseconds: record.lastSeen))),
            "sightings": try JSONText.encode(JSONValue(record.sightings)),
            "heldBack": try JSONText.encode(heldBack(record.heldBack)),
        ]
        let frame = JSONText.object(members).utf8.count + 16
        members["finding"] = try FindingDocument.text(record.finding, within: limit - frame)
        return JSONText.object(members)
    }

    static func heldBack(_ heldBack: HeldBack?) -> JSONValue {
        guard let heldBack else { return .null }
        return .object([
            "count": JSONValue(heldBack.count), "since": .text(Timestamp.rfc3339(milliseconds: heldBack.since)),
        ])
    }
}

extension FindingRecord.Change {
    var name: String {
        switch self {
        case .raised: "raised"
        case .worsened: "worsened"
        case .cleared: "cleared"
        case .clearedByReboot: "cleared-by-reboot"
        case .heldBack: "held-back"
        }
    }
}
