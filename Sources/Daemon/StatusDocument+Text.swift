import NodeModel
import Reports

extension StatusDocument {
    /// The status for people, a line each, safe for a terminal.
    package var description: String {
        var lines = [
            ("Daemon", "breakoutd \(version), pid \(pid), up \(duration(uptime))"),
            (
                "Kernel events",
                eventsFailure.map { "none: \($0)" }
                    ?? "\(counts.events) seen, \(counts.lostRecords) lost"
                    + (counts.eventsPerSecond.map { ", \(rounded($0)) a second in the last minute" } ?? "")
            ),
            (
                "Node files",
                filesFailure
                    ?? "\(counts.watchedDirectories) directories watched, \(counts.fileEvents) changes seen, "
                    + "\(counts.lostFileEvents) times some were lost"
            ),
            (
                "Tasks",
                "\(counts.tasks) at the last scan; \(counts.evictedTasks) evicted, \(counts.unknownTasks) unknown"
            ),
            ("Scans", "\(counts.scans), the last in \(counts.scanDuration / 1000) ms with \(counts.gaps) gaps"),
            (
                "Findings",
                "\(counts.findingsOpen) open, \(counts.findingsRaised) raised, \(counts.findingsCleared) cleared"
                    + (counts.findingsHeldBack > 0 ? ", \(counts.findingsHeldBack) times held back" : "")
            ),
        ]
        if let latency = counts.selfTestLatency {
            lines.append(("Self-test", "a change of namespaces was seen after \(rounded(latency)) ms"))
        } else if counts.selfTestFailures > 0 {
            lines.append(("Self-test", "FAILED, \(counts.selfTestFailures) times"))
        }
        for gap in scanGaps { lines.append(("Not judged", gap.sentence)) }
        for gap in eventGaps { lines.append(("Not watched", gap)) }
        for absence in eventAbsences { lines.append(("Not in kernel", absence)) }
        if let containersFailure { lines.append(("Containers", containersFailure)) }
        if let stateFailure { lines.append(("State", "open findings cannot be saved: \(stateFailure)")) }
        if let interruption { lines.append(("Before", interruption)) }
        if counts.unattributedChanges > 0 {
            lines.append(("Not judged", "\(counts.unattributedChanges) acts: not known of whom, or what is the node's"))
        }
        if counts.unattributedWrites > 0 {
            lines.append(("Not judged", "\(counts.unattributedWrites) changes of the node's files by nobody known"))
        }
        if let apiFailure {
            lines.append(("API", apiFailure))
        } else if let apiAge {
            lines.append(("API", "as of \(duration(apiAge)) ago"))
        }
        for sink in sinks {
            let spool = sink.spoolBytes > 0 ? ", \(sink.spoolBytes) bytes spooled" : ""
            let failure = sink.failure.map { "; \($0)" } ?? ""
            lines.append(
                (
                    "Sink \(sink.name)",
                    "\(sink.delivered) delivered, \(sink.queued) waiting, \(sink.lost) lost\(spool)\(failure)"
                ))
        }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, text in
            TerminalText.escaped(name + String(repeating: " ", count: width - name.count + 2) + text) + "\n"
        }.joined()
    }

    /// With one place after the point.
    private func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(seconds)
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return "\(whole / 60) min" }
        return whole < 172_800 ? "\(whole / 3600) h" : "\(whole / 86_400) d"
    }
}

extension Gap {
    /// The gap in one line for people, safe for a terminal.
    var sentence: String {
        let subjects = examples.isEmpty ? "" : ", such as \(examples.joined(separator: ", "))"
        return TerminalText.escaped("\(kind.rawValue): \(reason) (\(count)\(subjects))")
    }
}
