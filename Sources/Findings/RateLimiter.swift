import Checks
import NodeModel

/// How many findings of one technique in one pod are told of: that many at once, and as many again in each period.
package struct RateLimit: Sendable, Equatable {
    package var findings: Int
    /// Milliseconds.
    package var period: Int64

    package static let standard = RateLimit(findings: 60, period: 60_000)

    package init(findings: Int, period: Int64) {
        self.findings = findings
        self.period = period
    }
}

/// Findings of one technique in one pod that were not told of when they were found.
package struct HeldBack: Sendable, Equatable {
    /// How many times; one that is found again later is told of then, too.
    package var count: Int
    /// Milliseconds since 1970-01-01 UTC of the first.
    package var since: Int64
    /// The latest of the most urgent, as far as it is remembered.
    package var latest: Finding

    /// Counts others that came after these.
    mutating func add(_ others: HeldBack) {
        count += others.count
        since = min(since, others.since)
        if others.latest.severity >= latest.severity { latest = others.latest }
    }
}

/// A token bucket for each pod and technique, and what it held back.
struct RateLimiter: Sendable, Equatable {
    struct Key: Hashable, Comparable {
        var pod: String
        var technique: String

        init(pod: String, technique: String) {
            self.pod = pod
            self.technique = technique
        }

        init(_ finding: Finding) {
            self.init(pod: finding.pod.map { $0.uid ?? $0.displayName } ?? "", technique: finding.technique.id)
        }

        static func < (left: Key, right: Key) -> Bool {
            (left.pod, left.technique) < (right.pod, right.technique)
        }
    }

    struct Bucket: Sendable, Equatable {
        var tokens: Double
        /// When `tokens` was right.
        var time: Int64
        var heldBack: HeldBack?
    }

    var limit: RateLimit
    private(set) var buckets: [Key: Bucket] = [:]
    /// How many findings this process held back.
    private(set) var heldBackCount = 0

    /// Buckets beyond these are one for each technique: whoever makes pods without end shares them.
    static let bucketLimit = 5000

    init(_ limit: RateLimit) { self.limit = limit }

    /// Takes up what an earlier process held back; its buckets begin full.
    mutating func restore(_ heldBack: HeldBack, at time: Int64) {
        // What a shared bucket held back may have its latest in a pod with a bucket of its own.
        add(heldBack, to: place(Key(heldBack.latest)), at: time)
    }

    /// That a finding may be told of, and what was held back before it.
    struct Admission: Equatable {
        var heldBack: HeldBack?
    }

    /// Takes a token for one more finding of its kind; `nil` where there is none.
    mutating func admit(_ finding: Finding, at time: Int64) -> Admission? {
        let key = place(Key(finding))
        var bucket = refilled(key, at: time)
        defer { buckets[key] = bucket }
        guard bucket.tokens >= 1 else { return nil }
        bucket.tokens -= 1
        defer { bucket.heldBack = nil }
        return Admission(heldBack: bucket.heldBack)
    }

    /// Counts a finding that is not told of.
    mutating func holdBack(_ finding: Finding, at time: Int64) {
        heldBackCount += 1
        add(HeldBack(count: 1, since: time, latest: finding.remembered), to: place(Key(finding)), at: time)
    }

    private mutating func add(_ heldBack: HeldBack, to key: Key, at time: Int64) {
        var bucket = refilled(key, at: time)
        if bucket.heldBack == nil { bucket.heldBack = heldBack } else { bucket.heldBack?.add(heldBack) }
        buckets[key] = bucket
    }

    /// What was held back and may be told of now, with nothing else to say it; forgets buckets that are as good as new.
    mutating func release(at time: Int64) -> [HeldBack] {
        var released: [HeldBack] = []
        for key in buckets.keys.sorted() {
            var bucket = refilled(key, at: time)
            if bucket.tokens >= 1, let heldBack = bucket.heldBack {
                bucket.tokens -= 1
                bucket.heldBack = nil
                released.append(heldBack)
            }
            buckets[key] = bucket.tokens >= Double(limit.findings) && bucket.heldBack == nil ? nil : bucket
        }
        return released
    }

    /// A clock that jumps back gives nothing, one that jumps ahead no more than a full bucket.
    private func refilled(_ key: Key, at time: Int64) -> Bucket {
        let full = Double(limit.findings)
        guard var bucket = buckets[key] else { return Bucket(tokens: full, time: time) }
        let passed = max(Double(time) - Double(bucket.time), 0)
        bucket.tokens = min(bucket.tokens + passed * full / Double(max(limit.period, 1)), full)
        bucket.time = time
        return bucket
    }

    private func place(_ key: Key) -> Key {
        buckets[key] == nil && buckets.count >= Self.bucketLimit ? Key(pod: "", technique: key.technique) : key
    }
}
