import Alerts
import LinuxSystem
import Synchronization

extension JournalEntry {
    /// A record of the daemon with every field.
    static func sample(_ number: Int = 1, _ change: [String: String?] = [:]) -> JournalEntry {
        var fields: [String: String] = [
            "MESSAGE": "CRITICAL privileged shop/web-0 web: 41 <capabilities> & more",
            "MESSAGE_ID": "0123456789abcdef0123456789abcdef", "PRIORITY": "2", "_HOSTNAME": "node-1",
            "BREAKOUTD_FINDING": "f-\(number)", "BREAKOUTD_EVENT": "raised", "BREAKOUTD_TECHNIQUE": "privileged",
            "BREAKOUTD_CLASS": "exposure", "BREAKOUTD_SEVERITY": "critical", "BREAKOUTD_NAMESPACE": "shop",
            "BREAKOUTD_POD": "web-0", "BREAKOUTD_POD_UID": "uid-1", "BREAKOUTD_CONTAINER": "web",
            "BREAKOUTD_CONTAINER_ID": "c0ffee", "BREAKOUTD_PID": "4100", "BREAKOUTD_TID": "4101",
            "BREAKOUTD_DECLARED": "undeclared", "BREAKOUTD_JSON": #"{"id":"f-\#(number)","n":1}"#,
        ]
        for (name, value) in change { fields[name] = value }
        return JournalEntry(cursor: "c\(number)", time: 1_700_000_000_000, fields: fields)
    }
}

/// Records that are there from the start; whoever waits for more is told to end once all that matters is through.
struct ListedSource: JournalSource {
    var entries: [JournalEntry]
    var isThrough: () -> Bool = { true }

    mutating func next() -> JournalEntry? { entries.isEmpty ? nil : entries.removeFirst() }

    mutating func wait(_ stop: StopSignal) {
        let end = Deadline(secondsFromNow: 20)
        while !isThrough(), !end.isPast { _ = stop.wait(seconds: 0.001) }
        stop.stop()
    }
}

/// Takes alerts as its closure says, and notes their findings in the order in which they were taken.
final class NotingTarget: AlertTarget {
    private let taken = Mutex<[String]>([])
    private let answer: @Sendable (Alert) throws(AlertFailure) -> Void

    init(_ answer: @escaping @Sendable (Alert) throws(AlertFailure) -> Void = { _ throws(AlertFailure) in }) {
        self.answer = answer
    }

    func deliver(_ alert: Alert) throws(AlertFailure) {
        try answer(alert)
        taken.withLock { $0.append(alert.cursor) }
    }

    var cursors: [String] { taken.withLock(\.self) }
}
