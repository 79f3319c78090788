package import Checks
import NodeModel

/// What is to be told of a finding; everything else about it is not news.
package struct FindingRecord: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        /// It was not there before, or, as an event, another process did it.
        case raised
        /// It is more urgent than what was told of it, such as after the end of an allow-list entry.
        case worsened
        /// A scan that could see it did not.
        case cleared
        /// The node has been started anew; what tasks did and containers were ended with that.
        case clearedByReboot
        /// No finding: says only what the rate limit held back, of which `finding` is the latest of the most urgent.
        case heldBack
    }

    package var change: Change
    /// As it is now; as far as it is remembered, where it is over.
    package var finding: Finding
    package var firstSeen: Int64
    package var lastSeen: Int64
    package var sightings: Int
    /// What the rate limit kept from being told of this pod and technique before this record.
    package var heldBack: HeldBack?
    /// The highest severity that was told of what is over, which may have become less urgent before it ended.
    package var told: Severity?

    /// What of it is for somebody who wants nothing less urgent: whoever was told of a finding is told of its end, and
    /// of what was held back together with something less urgent.
    package func wanted(from minSeverity: Severity) -> FindingRecord? {
        if max(finding.severity, told ?? .info) >= minSeverity { return self }
        guard let heldBack, heldBack.latest.severity >= minSeverity else { return nil }
        return FindingRecord(heldBack, at: lastSeen)
    }
}

/// The life of findings: raised once, counted while they are there, cleared when they are over.
///
/// The rule for whoever keeps one over restarts: deliver the records that a change gives, then save the ledger. A process
/// that is killed in between has delivered and not saved, so the next one may repeat records and cannot lose any. What is
/// held back is in no record yet, and so has to be saved as well.
package struct FindingLedger: Sendable, Equatable {
    /// Findings beyond its bounds are not remembered: they are held back as the rate limit does, and so counted and told of.
    package internal(set) var open = OpenFindings()
    /// The ids of those beyond: each is held back once, as long as scans show it.
    private var beyond: Set<String> = []
    /// Of the latest scan that knew it.
    package internal(set) var bootID: String?
    /// Exposures that wait for the API's word of their containers and were not told of.
    ///
    /// Over a restart only the open finding is kept, without what the API is to be asked for: if the container has ended,
    /// it is told as nobody's word has lowered it.
    package private(set) var awaited: [String: AwaitedExposure] = [:]
    var limiter: RateLimiter

    /// Milliseconds for which a scan does not clear what an event showed, nor tell what an act left: one act can come as
    /// several events, before or after a scan, and is told once.
    static let actTime: Int64 = 2000
    /// Milliseconds for which an exposure that an entry of the allow-list may cover waits for the API's word.
    static let apiTime: Int64 = 60_000
    /// How many findings beyond the bounds are known by their ids; still more are held back at each scan anew.
    static let beyondLimit = 20_000

    package init(_ limit: RateLimit = .standard) { limiter = RateLimiter(limit) }

    /// Another limit from now on, such as of a new configuration.
    package var rateLimit: RateLimit {
        get { limiter.limit }
        set { limiter.limit = newValue }
    }

    /// What was held back and not told of yet, by pod and technique.
    package var heldBack: [HeldBack] { limiter.buckets.sorted { $0.key < $1.key }.compactMap(\.value.heldBack) }

    /// How many findings this process held back, those told of since included.
    package var heldBackCount: Int { limiter.heldBackCount }

    /// The files of the node of whose change a finding tells that is not over: a scan has to look at them, however long
    /// ago they were changed.
    package var nodeFiles: Set<String> { Set(open.values.compactMap(\.finding.nodeFile)) }

    /// Takes in a scan.
    ///
    /// A finding that the scan does not show is cleared only if the scan could have seen it, and one of a changed file of
    /// the node only if that is as its package or the baseline has it, or is gone and in no baseline, or if its container is
    /// gone and the same was told of another since.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC.
    /// - Returns: what ended with the last boot, what is new, worst first, what is over, and what was held back.
    package mutating func update(with judgement: Judgement, at time: Int64) -> [FindingRecord] {
        var records = clearByReboot(judgement.node.host.bootID, at: time)
        var seen: Set<String> = []
        let filesTold = open.filesTold
        for finding in judgement.findings where seen.insert(finding.id).inserted {
            if open[finding.id] == nil, finding.isYoung(in: judgement.node) { continue }
            if open[finding.id]?.told == nil, finding.isTold(by: filesTold) { continue }
            let isAwaited = judgement.awaited[finding.id] != nil
            if let record = note(finding, at: time, isNews: false, isAwaited: isAwaited) { records.append(record) }
        }
        beyond.formIntersection(seen)
        awaited = judgement.awaited.filter { id, _ in open[id].map { $0.told == nil } ?? false }
        records += clear(except: seen, judgement, at: time)
        return records + release(at: time)
    }

    /// Takes in what an event showed, which may be over already.
    ///
    /// Each process that does it is news of its own; the same one again is only counted.
    package mutating func update(with event: Finding, at time: Int64) -> FindingRecord? {
        let isNews = open[event.id].map { !Self.isSameProcess($0.finding.task, event.task) } ?? false
        defer { open[event.id]?.lastEvent = time }
        return note(event, at: time, isNews: isNews)
    }

    /// Of two threads each has its own start, and the process' is not known: its number has to do.
    private static func isSameProcess(_ first: Finding.TaskSummary?, _ second: Finding.TaskSummary?) -> Bool {
        guard first?.pid == second?.pid else { return false }
        return first?.tid != second?.tid || first?.startTime == second?.startTime
    }

    /// - Parameter isAwaited: the API may yet say what an entry of the allow-list asks for.
    private mutating func note(
        _ finding: Finding, at time: Int64, isNews: Bool, isAwaited: Bool = false
    ) -> FindingRecord? {
        guard open[finding.id] != nil || open.hasRoom(for: finding) else {
            if beyond.contains(finding.id) { return nil }
            if beyond.count < Self.beyondLimit { beyond.insert(finding.id) }
            limiter.holdBack(finding, at: time)
            return nil
        }
        var entry =
            open[finding.id]
            ?? OpenFinding(finding: finding.remembered, firstSeen: time, lastSeen: time, sightings: 0)
        defer { open[finding.id] = entry }
        entry.lastSeen = time
        entry.sightings += 1
        if isAwaited, entry.isLeftToAPI(at: time) { return nil }
        entry.finding = finding.remembered
        return tell(finding, &entry, at: time, isNews: isNews)
    }

    /// Tells of an open finding if that is news and the rate limit allows it.
    private mutating func tell(
        _ finding: Finding, _ entry: inout OpenFinding, at time: Int64, isNews: Bool = false
    ) -> FindingRecord? {
        let told = entry.told
        guard isNews || told.map({ finding.severity > $0 }) ?? true else { return nil }
        guard let admission = limiter.admit(finding, at: time) else {
            if isNews || !entry.isWaiting { limiter.holdBack(finding, at: time) }
            entry.isWaiting = true
            return nil
        }
        entry.told = max(told ?? finding.severity, finding.severity)
        entry.isWaiting = false
        var record = FindingRecord(told == nil || isNews ? .raised : .worsened, entry, heldBack: admission.heldBack)
        record.finding = finding
        return record
    }

    private mutating func clearByReboot(_ boot: String?, at time: Int64) -> [FindingRecord] {
        defer { bootID = boot ?? bootID }
        guard let boot, let bootID, boot != bootID else { return [] }
        return remove(as: .clearedByReboot, at: time) { entry in
            // A file outlives who wrote it.
            entry.finding.nodeFile == nil && (entry.finding.task != nil || entry.finding.container != nil)
        }
    }

    private mutating func clear(except seen: Set<String>, _ judgement: Judgement, at time: Int64) -> [FindingRecord] {
        let blindSpots = BlindSpots(judgement)
        let start = judgement.node.takenAt
        let changedFiles = Set((judgement.node.changedFiles ?? []).map(\.path))
        let retold = open.retold
        return remove(as: .cleared, at: time) { entry in
            // A time yet to come is of a clock that was set back.
            let isUnderWay = entry.lastEvent.map { $0 + Self.actTime >= start && $0 <= time } ?? false
            guard !seen.contains(entry.finding.id), !isUnderWay else { return false }
            // What somebody left is not over with the container of who did it, until as much is told of another.
            if retold.contains(entry.finding.id), blindSpots.isGone(entry.finding.container) { return true }
            let isLeft = entry.finding.nodeFile.map(changedFiles.contains) ?? false
            return !isLeft && !blindSpots.hide(entry.finding)
        }
    }

    /// Forgets findings, and returns records of those that were told of.
    ///
    /// What waited for the API's word when an earlier process ended is told first: nobody can ask it for that any more.
    private mutating func remove(
        as change: FindingRecord.Change, at time: Int64, where isOver: (OpenFinding) -> Bool
    ) -> [FindingRecord] {
        var records: [FindingRecord] = []
        for var entry in open.values.filter(isOver).sorted(by: { $0.finding.id < $1.finding.id }) {
            open[entry.finding.id] = nil
            if entry.told == nil, !entry.isWaiting, let record = tell(entry.finding, &entry, at: time) {
                records.append(record)
            }
            guard let told = entry.told else { continue }
            var record = FindingRecord(change, entry)
            record.told = told
            records.append(record)
        }
        return records
    }

    private mutating func release(at time: Int64) -> [FindingRecord] {
        limiter.release(at: time).map { FindingRecord($0, at: time) }
    }
}

extension FindingRecord {
    fileprivate init(_ change: Change, _ entry: OpenFinding, heldBack: HeldBack? = nil) {
        self.init(
            change: change, finding: entry.finding, firstSeen: entry.firstSeen, lastSeen: entry.lastSeen,
            sightings: entry.sightings, heldBack: heldBack)
    }

    /// That something was held back, and nothing else.
    fileprivate init(_ heldBack: HeldBack, at time: Int64) {
        self.init(
            change: .heldBack, finding: heldBack.latest, firstSeen: heldBack.since, lastSeen: time,
            sightings: heldBack.count, heldBack: heldBack)
    }
}

extension OpenFinding {
    /// What the API said of it before counts on; where it has not said anything, a minute is enough.
    fileprivate func isLeftToAPI(at time: Int64) -> Bool {
        // A clock that was set may give any time.
        told == nil ? (0..<FindingLedger.apiTime).contains(time &- firstSeen) : finding.allowedBy != nil
    }
}
