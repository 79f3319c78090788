import Reports

/// An alert as text for a receiver.
package enum AlertMessage {
    /// One JSON object with the finding in it, as a webhook of one's own and an SNS topic get it.
    static func json(_ alert: Alert) throws(ReportError) -> String {
        JSONText.object([
            "schema": try text("breakoutd-alert/1"),
            "cursor": try text(alert.cursor),
            "time": try text(alert.time),
            "node": try text(alert.node),
            "event": try text(alert.event),
            "message": try text(alert.message),
            "finding": alert.json,
        ])
    }

    /// What an incoming webhook of Slack takes: plain text, in which nothing is a mention or a link.
    static func slack(_ alert: Alert) throws(ReportError) -> String {
        let place = [alert.node.map { "node \($0)" }, alert.event, alert.time].compactMap { $0 }
        let lines = [alert.message, place.joined(separator: " · "), "breakoutd explain \(alert.technique)"]
        return JSONText.object([
            "text": try text(escapedForSlack(lines.joined(separator: "\n"))),
            "mrkdwn": try JSONText.encode(.flag(false)),
        ])
    }

    /// One line for a mail's subject: at most 99 printable ASCII characters that begin with a letter (SNS, Publish).
    static func subject(_ alert: Alert) -> String {
        let line = "breakoutd: \(alert.message)".unicodeScalars.map { scalar in
            (0x20..<0x7F).contains(scalar.value) ? Character(scalar) : "?"
        }
        return String(line.prefix(99))
    }

    /// The three characters that Slack takes for the beginning of something (Slack, Formatting text).
    private static func escapedForSlack(_ text: String) -> String {
        // Not by characters: one that combines with what follows would hide it.
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    private static func text(_ text: String?) throws(ReportError) -> String { try JSONText.encode(JSONValue(text)) }
}
