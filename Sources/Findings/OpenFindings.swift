package import Checks
import NodeModel

/// A finding that is not over, as far as it is remembered.
package struct OpenFinding: Sendable, Equatable {
    package var finding: Finding
    /// Milliseconds since 1970-01-01 UTC.
    package var firstSeen: Int64
    package var lastSeen: Int64
    /// How many scans and events showed it.
    package var sightings: Int
    /// When an event showed it last; not kept over a restart.
    package var lastEvent: Int64?
    /// The highest severity that was told of; `nil` as long as the rate limit holds the finding back.
    package var told: Severity?
    /// The rate limit holds back something of it, and has counted that.
    package var isWaiting = false
}

/// The findings that are not over, by their ids, in bounds: also of each pod, so that none keeps the others out.
package struct OpenFindings: Sendable, Equatable {
    private var entries: [String: OpenFinding] = [:]
    private var ofTechnique: [RateLimiter.Key: Int] = [:]
    private var ofPod: [String: Int] = [:]

    static let limit = 5000
    static let podLimit = 1000
    /// Of one technique in one pod: what it makes without end of one thing hides nothing else that it does.
    static let techniqueLimit = 250

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    package var values: some Collection<OpenFinding> { entries.values }

    package internal(set) subscript(id: String) -> OpenFinding? {
        get { entries[id] }
        set {
            if let old = entries[id] { count(old.finding, by: -1) }
            if let newValue { count(newValue.finding, by: 1) }
            entries[id] = newValue
        }
    }

    /// What was told of changed files of the node, by their paths.
    var filesTold: [String: [OpenFinding]] {
        var found: [String: [OpenFinding]] = [:]
        for entry in entries.values where entry.told != nil {
            if let file = entry.finding.nodeFile { found[file, default: []].append(entry) }
        }
        return found
    }

    /// Whether one more finding can be remembered.
    func hasRoom(for finding: Finding) -> Bool {
        let key = RateLimiter.Key(finding.remembered)
        return entries.count < Self.limit && ofPod[key.pod, default: 0] < Self.podLimit
            && ofTechnique[key, default: 0] < Self.techniqueLimit
    }

    private mutating func count(_ finding: Finding, by change: Int) {
        let key = RateLimiter.Key(finding)
        let (technique, pod) = (ofTechnique[key, default: 0] + change, ofPod[key.pod, default: 0] + change)
        ofTechnique[key] = technique == 0 ? nil : technique
        ofPod[key.pod] = pod == 0 ? nil : pod
    }
}
