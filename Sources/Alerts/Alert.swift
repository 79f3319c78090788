package import Checks
import FoundationEssentials
import Reports

/// A finding's record in the journal, of which somebody is to be told.
package struct Alert: Sendable, Equatable {
    /// Names the record for good: one that is told twice has the same.
    package let cursor: String
    /// RFC 3339 in UTC.
    package let time: String
    package let technique: String
    /// `nil` where it is none that this version knows.
    package let severity: Severity?
    /// The fields that are handed on, without their values' characters that would not show.
    package let fields: [String: String]
    /// The finding as JSON, or `null` where the entry holds none.
    package let json: String

    /// `nil` for an entry that tells of no finding, or of one that is over.
    package init?(_ entry: JournalEntry) {
        let fields = entry.fields.mapValues(TerminalText.escaped)
        guard fields["BREAKOUTD_FINDING"] != nil, let technique = fields["BREAKOUTD_TECHNIQUE"] else { return nil }
        if let event = fields["BREAKOUTD_EVENT"], event.hasPrefix("cleared") { return nil }
        cursor = entry.cursor
        time = Timestamp.rfc3339(milliseconds: entry.time)
        severity = fields["BREAKOUTD_SEVERITY"].flatMap(Severity.init)
        self.technique = technique
        self.fields = fields
        let json = entry.fields["BREAKOUTD_JSON"] ?? ""
        let isWhole = (try? JSONDecoder().decode(AnyObject.self, from: Data(json.utf8))) != nil
        self.json = isWhole ? json : "null"
    }

    var namespace: String? { fields["BREAKOUTD_NAMESPACE"] }

    /// `SEVERITY technique namespace/pod container: detail`.
    package var message: String { fields["MESSAGE"] ?? technique }

    /// What became of the finding: `raised` where the entry does not say, as those of a scan.
    var event: String { fields["BREAKOUTD_EVENT"] ?? "raised" }

    var node: String? { fields["_HOSTNAME"] }

    /// An object of JSON, whatever its members.
    private struct AnyObject: Decodable {
        private enum Nothing: CodingKey {}

        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Nothing.self) }
    }
}

extension Alert {
    /// The fields of a record that alerts are made of.
    package static let fieldNames = inherited + ["BREAKOUTD_JSON", "MESSAGE", "MESSAGE_ID", "PRIORITY", "_HOSTNAME"]

    /// Fields that a command gets in its environment under the same names.
    static let inherited = [
        "FINDING", "EVENT", "TECHNIQUE", "CLASS", "SEVERITY", "DECLARED", "NAMESPACE", "POD", "POD_UID", "CONTAINER",
        "CONTAINER_ID", "PID", "TID", "SIGHTINGS", "HELD_BACK", "API_AGE",
    ].map { "BREAKOUTD_\($0)" }

    /// Fields that a command gets under another name.
    static let renamed = [
        "MESSAGE": "BREAKOUTD_MESSAGE", "MESSAGE_ID": "BREAKOUTD_MESSAGE_ID", "PRIORITY": "BREAKOUTD_PRIORITY",
        "_HOSTNAME": "BREAKOUTD_NODE",
    ]
}
