import Checks
import Findings
import NodeModel
import Reports
import Testing

@testable import Daemon

@Suite struct HeartbeatTests {
    /// What a minute's record says is of that minute, but for what is as it is.
    @Test func aMinute() {
        var before = DaemonCounts()
        (before.events, before.lostRecords, before.lostFileEvents) = (100, 5, 1)
        (before.unattributedChanges, before.unattributedWrites) = (2, 3)
        (before.scans, before.scanDuration, before.tasks, before.selfTestFailures) = (7, 40_000, 900, 1)
        before.findingsHeldBack = 4
        var now = before
        now.findingsHeldBack = 11
        (now.events, now.lostRecords, now.lostFileEvents) = (150, 7, 4)
        (now.unattributedChanges, now.unattributedWrites) = (3, 5)
        (now.scans, now.scanDuration, now.tasks, now.selfTestFailures) = (8, 50_000, 910, 3)
        var expected = MinuteMetrics()
        (expected.events, expected.eventsLost, expected.notJudged) = (50, 5, 3)
        (expected.scanSeconds, expected.tasks, expected.selfTestFailures) = (0.05, 910, 2)
        expected.findingsHeldBack = 7
        #expect(MinuteMetrics(now, since: before) == expected)
    }

    /// Without a scan there is no time of one; what the latest self-test took is said until the next.
    @Test func aMinuteWithoutAScan() {
        var counts = DaemonCounts()
        (counts.scans, counts.scanDuration, counts.tasks, counts.selfTestLatency) = (7, 40_000, 900, 12.5)
        let minute = MinuteMetrics(counts, since: counts)
        #expect(minute.scanSeconds == nil && minute.tasks == 900 && minute.selfTestSeconds == 0.0125)
        #expect(minute.events == 0 && minute.selfTestFailures == 0)
    }

    /// Before the first scan it is not known how many tasks there are.
    @Test func aMinuteBeforeTheFirstScan() {
        #expect(MinuteMetrics(DaemonCounts(), since: DaemonCounts()).tasks == nil)
    }

    /// Seconds after the moment at which a beat was due: what time it is then, and when the next one is due.
    @Test(arguments: [
        (0, 60), (0.2, 60), (59.9, 60),
        // It was not there when the next ones were due.
        (60, 120), (61, 120), (28_812.5, 28_860),
    ])
    func next(now: Double, expected: Double) {
        let due = ContinuousClock.now
        #expect(Heartbeat.beat(after: due, now: due + .seconds(now)) == due + .seconds(expected))
    }

    @Test func workOfAnyLengthShiftsNothing() {
        let start = ContinuousClock.now
        var due = start
        for _ in 0..<1440 { due = Heartbeat.beat(after: due, now: due + .milliseconds(700)) }
        #expect(due == start + .seconds(86_400))
    }

    /// Milliseconds after a whole minute: how many there are since the node's last beat.
    @Test(
        arguments: [
            ("ip-10-0-3-17", 46_366, 0), ("ip-10-0-3-17", 46_365, 59_999), ("ip-10-0-3-17", 0, 13_634),
            ("ip-10-0-3-17", 59_999, 13_633), ("ip-10-0-3-18.ec2.internal", 46_366, 20_264), ("", 16_037, 0),
        ] as [(String, Int64, Int)])
    func sinceTheLast(node: String, after minute: Int64, expected: Int) {
        #expect(Heartbeat.sinceLast(of: node, at: 1_800_000_000_000 + minute) == .milliseconds(expected))
    }

    /// A clock that nobody has set is no reason to end.
    @Test(arguments: [Int64.min, -1, 0, .max])
    func anyClock(time: Int64) {
        #expect(Heartbeat.sinceLast(of: "ip-10-0-3-17", at: time) < .seconds(60))
    }

    /// A process that ends at some second and another one that begins three seconds later: the beat is lost that is due then.
    @Test func aRestart() {
        let node = "ip-10-0-3-17"
        /// The seconds of the minute at which a process beats that runs from then to then.
        func beats(_ from: Int64, _ to: Int64) -> [Int64] {
            let since = Int64(Heartbeat.sinceLast(of: node, at: from * 1000) / .milliseconds(1))
            return Array(stride(from: from * 1000 - since + 60_000, to: to * 1000, by: 60_000))
        }
        let lost = (120..<180).map { stop in 10 - beats(0, stop).count - beats(stop + 3, 600).count }
        #expect(lost.reduce(0, +) == 3 && lost.max() == 1)
    }

    /// What becomes critical is as urgent as what was so at first, and is counted so, but is no other finding.
    @Test func whatBecameWorse() {
        var ledger = FindingLedger()
        let severities: [Severity] = [.medium, .medium, .critical]
        let records = severities.compactMap { severity in
            let finding = Finding(
                id: "f", technique: Check.all[0].technique, severity: severity, declared: .undeclared, detail: "seen")
            return ledger.update(with: finding, at: 0)
        }
        #expect(records.map(\.change) == [.raised, .worsened])
        let raised = RaisedFindings()
        raised.add(records)
        let findings = raised.take()
        #expect(findings.bySeverity == [.medium: 1, .critical: 1])
        #expect(findings.byClass == [Check.all[0].technique.findingClass: 1])
        #expect(findings.byTechnique == [Check.all[0].technique.id: 1])
        #expect(raised.take() == MinuteMetrics.Findings())
    }
}
