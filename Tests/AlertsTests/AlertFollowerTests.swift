import Checks
import Glibc
import HTTPTransport
import LinuxSystem
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Alerts

@Suite struct AlertFollowerTests {
    /// Runs a follower over a list of records, and gives its counts and what it saved.
    private func follow(
        _ entries: [JournalEntry], _ target: any AlertTarget, from progress: AlertProgress = AlertProgress(),
        atOnce: Int = 4, ignored: Int = 0, log: CollectedLog = CollectedLog()
    ) throws -> (AlertCounts, String) {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/cursor"
            let retry = Retry(first: 0.001, longest: 0.002)
            let follower = AlertFollower(
                AlertFilter(minSeverity: .medium),
                AlertDelivery(to: target, giveUpAfter: 60, retry: retry, logger: log.logger), atOnce: atOnce,
                from: progress, path: path, logger: log.logger)
            var source = ListedSource(entries: entries) {
                let counts = follower.counts
                return counts.told + counts.givenUp + counts.known + ignored == entries.count
            }
            try follower.run(&source, try StopSignal())
            return (follower.counts, try ProgressFile.load(path).text)
        }
    }

    @Test func everyRecordOnce() throws {
        let target = NotingTarget()
        let low = JournalEntry.sample(7, ["BREAKOUTD_SEVERITY": "low"])
        let entries = [low] + (8...607).map { JournalEntry.sample($0) }
        let (counts, saved) = try follow(entries, target, ignored: 1)
        #expect(counts == AlertCounts(told: 600) && saved == "c607\n")
        #expect(target.cursors.count == 600 && Set(target.cursors) == Set((8...607).map { "c\($0)" }))
    }

    @Test func neverMoreAtOnceThanAllowed() throws {
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        // The first wait until three are there.
        let target = NotingTarget { _ throws(AlertFailure) in
            let now = running.add(1, ordering: .relaxed).newValue
            _ = most.max(now, ordering: .relaxed)
            let end = Deadline(secondsFromNow: 20)
            while most.load(ordering: .relaxed) < 3, !end.isPast { usleep(100) }
            running.subtract(1, ordering: .relaxed)
        }
        #expect(try follow((1...60).map { .sample($0) }, target, atOnce: 3).0.told == 60)
        #expect(most.load(ordering: .relaxed) == 3)
    }

    @Test func whatAnEarlierProcessToldIsNotToldAgain() throws {
        let target = NotingTarget()
        let progress = AlertProgress(position: "c0", doneBefore: ["c2", "c4"])
        let (counts, saved) = try follow((1...5).map { .sample($0) }, target, from: progress)
        #expect(counts == AlertCounts(told: 3, known: 2) && saved == "c5\n")
        #expect(target.cursors.sorted() == ["c1", "c3", "c5"])
    }

    @Test func aTargetThatFailsIsTriedAgain() throws {
        let failures = Atomic<Int>(3)
        let log = CollectedLog()
        let target = NotingTarget { _ throws(AlertFailure) in
            if failures.subtract(1, ordering: .relaxed).newValue >= 0 { throw AlertFailure("down") }
        }
        let (counts, saved) = try follow([.sample()], target, log: log)
        #expect(counts == AlertCounts(told: 1) && saved == "c1\n")
        #expect(log.messages.first?.hasPrefix("warning Not told yet, and tried again: CRITICAL privileged") == true)
        #expect(log.messages.count == 1)
    }

    static let hopeless: [(failure: AlertFailure, giveUpAfter: Double)] = [
        (AlertFailure("wrong", isFinal: true), 3600), (AlertFailure("wrong"), 0),
        (AlertFailure("wrong", retryAfter: 1e300), 0.01),
    ]

    /// The place moves on, and it is counted and said.
    @Test(arguments: hopeless)
    func givenUp(failure: AlertFailure, giveUpAfter: Double) throws {
        let log = CollectedLog()
        let stop = try StopSignal()
        let delivery = AlertDelivery(
            to: NotingTarget { _ throws(AlertFailure) in throw failure }, giveUpAfter: giveUpAfter,
            retry: Retry(first: 0.001), logger: log.logger)
        #expect(delivery.tell(try #require(Alert(.sample())), stop) == .givenUp("wrong"))
    }

    @Test func whatIsGivenUpIsCountedAndSaid() throws {
        let log = CollectedLog()
        let target = NotingTarget { alert throws(AlertFailure) in
            if alert.cursor != "c2" { throw AlertFailure("wrong", isFinal: true) }
        }
        let (counts, saved) = try follow((1...3).map { .sample($0) }, target, atOnce: 1, log: log)
        #expect(counts == AlertCounts(told: 1, givenUp: 2) && saved == "c3\n")
        #expect("\(counts)" == "1 told, 2 given up")
        #expect(
            log.messages
                == [1, 2].map {
                    "error Given up, \($0) since the start: CRITICAL privileged shop/web-0 web: 41 <capabilities> & more: wrong"
                })
    }

    /// The signal ends the wait before the next attempt, and what was not told stays untold.
    @Test func theEndInTheMiddle() throws {
        let stop = try StopSignal()
        let target = NotingTarget { _ throws(AlertFailure) in
            stop.stop()
            throw AlertFailure("down", retryAfter: 3600)
        }
        let delivery = AlertDelivery(to: target, giveUpAfter: 3600, logger: CollectedLog().logger)
        #expect(delivery.tell(try #require(Alert(.sample())), stop) == .stopped)
    }

    /// Whoever is not told yet is left to the next process, which is not kept waiting.
    @Test func aJournalThatFails() throws {
        struct FailingSource: JournalSource {
            static let error = JournalError(errorNumber: EIO, call: "sd_journal_next")
            var entries: [JournalEntry] = [.sample()]

            mutating func next() throws(JournalError) -> JournalEntry? {
                if entries.isEmpty { throw Self.error }
                return entries.removeFirst()
            }

            mutating func wait(_ stop: StopSignal) {}
        }
        let target = NotingTarget { _ throws(AlertFailure) in throw AlertFailure("down", retryAfter: 3600) }
        let delivery = AlertDelivery(to: target, giveUpAfter: 30, logger: CollectedLog().logger)
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/cursor"
            let follower = AlertFollower(
                AlertFilter(), delivery, atOnce: 1, from: AlertProgress(), path: path, logger: CollectedLog().logger)
            var source = FailingSource()
            let stop = try StopSignal()
            #expect(throws: FailingSource.error) { try follower.run(&source, stop) }
            #expect(follower.counts == AlertCounts())
            #expect(try ProgressFile.load(path) == AlertProgress())
        }
    }

    @Test func aPlaceThatCannotBeSavedIsSaid() throws {
        let log = CollectedLog()
        let delivery = AlertDelivery(to: NotingTarget(), giveUpAfter: 60, logger: log.logger)
        let follower = AlertFollower(
            AlertFilter(), delivery, atOnce: 1, from: AlertProgress(), path: "/nonexistent/cursor", logger: log.logger)
        var source = ListedSource(entries: [.sample()])
        try follower.run(&source, try StopSignal())
        #expect(follower.counts.told == 1)
        #expect(
            log.messages.first?.hasPrefix("error What was told is not saved, and told again after a restart: /nonex")
                == true
        )
    }
}
