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
        var now = before
        (now.events, now.lostRecords, now.lostFileEvents) = (150, 7, 4)
        (now.unattributedChanges, now.unattributedWrites) = (3, 5)
        (now.scans, now.scanDuration, now.tasks, now.selfTestFailures) = (8, 50_000, 910, 3)
        var expected = MinuteMetrics()
        (expected.events, expected.eventsLost, expected.notJudged) = (50, 5, 3)
        (expected.scanSeconds, expected.tasks, expected.selfTestFailures) = (0.05, 910, 2)
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
}
