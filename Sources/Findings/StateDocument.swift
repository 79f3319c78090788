import Checks
import LinuxSystem
import NodeModel

/// The JSON form of a ledger.
struct StateDocument: TrustedDocument {
    static let title = "state"
    static let currentSchema = "breakoutd-state/1"

    private var schema = Self.currentSchema
    private var bootID: String?
    private var open: [Entry]
    private var heldBack: [Held]

    private struct Entry: Codable {
        var finding: RememberedFinding
        var firstSeen: Int64
        var lastSeen: Int64
        var sightings: Int
        var told: Severity?
        var isWaiting: Bool
    }

    private struct Held: Codable {
        var count: Int
        var since: Int64
        var latest: RememberedFinding
    }

    init(_ ledger: FindingLedger) {
        bootID = ledger.bootID
        open = ledger.open.values.sorted { $0.finding.id < $1.finding.id }.map { entry in
            Entry(
                finding: RememberedFinding(entry.finding), firstSeen: entry.firstSeen, lastSeen: entry.lastSeen,
                sightings: entry.sightings, told: entry.told, isWaiting: entry.isWaiting)
        }
        heldBack = ledger.heldBack.map { held in
            Held(count: held.count, since: held.since, latest: RememberedFinding(held.latest))
        }
    }

    /// The ledger; a finding of a technique that this version does not have is forgotten with it.
    func ledger(_ limit: RateLimit, at time: Int64) -> FindingLedger {
        var ledger = FindingLedger(limit)
        ledger.bootID = bootID
        for entry in open {
            guard let finding = entry.finding.finding, ledger.open.hasRoom(for: finding) else { continue }
            ledger.open[finding.id] = OpenFinding(
                finding: finding, firstSeen: entry.firstSeen, lastSeen: entry.lastSeen,
                sightings: Self.countable(entry.sightings), told: entry.told, isWaiting: entry.isWaiting)
        }
        for held in heldBack.prefix(RateLimiter.bucketLimit) where held.count > 0 {
            guard let latest = held.latest.finding else { continue }
            ledger.limiter.restore(
                HeldBack(count: Self.countable(held.count), since: held.since, latest: latest), at: time)
        }
        return ledger
    }

    /// A damaged count must not trap when it is counted on.
    private static func countable(_ number: Int) -> Int { min(max(number, 1), 1 << 40) }
}

/// A finding as it is kept: its technique by the id, and no evidence.
private struct RememberedFinding: Codable {
    var id: String
    var technique: String
    var severity: Severity
    var declared: Declaration
    var pod: PodIdentity?
    var container: Finding.ContainerSummary?
    var task: Finding.TaskSummary?
    var detail: String
    var allowedBy: String?
    /// Earlier versions did not keep it.
    var nodeFile: String?

    init(_ finding: Finding) {
        id = finding.id
        technique = finding.technique.id
        severity = finding.severity
        declared = finding.declared
        pod = finding.pod
        container = finding.container
        task = finding.task
        detail = finding.detail
        allowedBy = finding.allowedBy
        nodeFile = finding.nodeFile
    }

    /// `nil` where there is no such technique.
    var finding: Finding? {
        Check.named(technique).map { check in
            var finding = Finding(
                id: id, technique: check.technique, severity: severity, declared: declared, pod: pod,
                container: container, task: task, detail: detail, allowedBy: allowedBy)
            finding.nodeFile = nodeFile
            return finding
        }
    }
}
