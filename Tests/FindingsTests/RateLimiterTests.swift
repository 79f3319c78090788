import Checks
import TestSupport
import Testing

@testable import Findings

@Suite struct RateLimiterTests {
    /// At which time, in milliseconds, how many of ten findings are admitted, with five a second.
    static let times: [(name: String, times: [Int64], admitted: [Int])] = [
        ("a full bucket, then what came in", [0, 0, 200, 999, 1000], [5, 0, 1, 3, 1]),
        ("never more than full", [0, 1_000_000], [5, 5]),
        ("the clock is set back", [1_000_000, 0, 199, 200], [5, 0, 0, 1]),
        ("the clock jumps ahead and back", [0, .max, 0, 200], [5, 5, 0, 1]),
        ("before 1970", [.min, 0], [5, 5]),
    ]

    @Test(arguments: times)
    func admitted(name: String, times: [Int64], admitted: [Int]) throws {
        var limiter = RateLimiter(RateLimit(findings: 5, period: 1000))
        let finding = try Finding.sample()
        let counts = times.map { time in (0..<10).count { _ in limiter.admit(finding, at: time) != nil } }
        #expect(counts == admitted)
    }

    @Test func heldBack() throws {
        var limiter = RateLimiter(RateLimit(findings: 1, period: 1000))
        let finding = try Finding.sample()
        #expect(limiter.admit(finding, at: 0)?.heldBack == nil)
        #expect(limiter.admit(finding, at: 10) == nil)
        limiter.holdBack(finding, at: 10)
        limiter.holdBack(try .sample(id: "other"), at: 20)
        #expect(limiter.release(at: 30) == [])
        let expected = HeldBack(count: 2, since: 10, latest: try Finding.sample(id: "other").remembered)
        #expect(limiter.buckets.values.map(\.heldBack) == [expected])
        #expect(limiter.admit(finding, at: 2000)?.heldBack == expected)
        #expect(limiter.release(at: 9000) == [] && limiter.buckets.isEmpty)
    }

    /// Of what was held back the most urgent is named, and of several that are the latest.
    @Test func mostUrgent() throws {
        var limiter = RateLimiter(.standard)
        for (id, severity) in [("a", .low), ("b", .high), ("c", .high), ("d", .low)] as [(String, Severity)] {
            limiter.holdBack(try .sample("privileged", severity, id: id), at: 10)
        }
        #expect(limiter.buckets.values.map(\.heldBack?.latest.id) == ["c"])
        #expect(limiter.buckets.values.map(\.heldBack?.count) == [4])
    }

    /// What one pod's bucket and the shared one held back is of the same pod, where that has the latest of both.
    @Test func restoredTogether() throws {
        var limiter = RateLimiter(RateLimit(findings: 1, period: 1000))
        let all: [(count: Int, since: Int64, severity: Severity, id: String)] = [
            (3, 20, .high, "a"), (2, 10, .high, "b"), (5, 30, .low, "c"),
        ]
        for (count, since, severity, id) in all {
            let latest = try Finding.sample("privileged", severity, id: id)
            limiter.restore(HeldBack(count: count, since: since, latest: latest), at: 100)
        }
        let expected = HeldBack(count: 10, since: 10, latest: try .sample("privileged", .high, id: "b"))
        #expect(limiter.heldBackCount == 0 && limiter.release(at: 100) == [expected])
    }

    /// However many pods somebody makes, the buckets are bounded, and the techniques stay apart.
    @Test func bound() throws {
        var limiter = RateLimiter(RateLimit(findings: 1, period: 1000))
        for number in 0..<RateLimiter.bucketLimit + 9 {
            _ = limiter.admit(try .sample(pod: "pod-\(number)"), at: 0)
        }
        #expect(limiter.buckets.count == RateLimiter.bucketLimit + 1)
        #expect(limiter.admit(try .sample(pod: "new"), at: 0) == nil)
        #expect(limiter.admit(try .sample("host-device", pod: "new"), at: 0) != nil)
    }
}
