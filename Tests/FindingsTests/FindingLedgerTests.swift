import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

/// Sequences of scans and events, a second each, and what is told of each.
@Suite struct FindingLedgerTests {
    enum Step: Sendable {
        /// A scan that shows these findings.
        case scan([Finding], gaps: [Gap] = [], boot: String? = "boot-1", changed: [String]? = [])
        /// A scan of these checks alone.
        case partial([Finding], judged: Set<String>)
        case event(Finding)
        /// Seconds that pass.
        case wait(Int64)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var limit = RateLimit.standard
        var steps: [Step]
        /// The records of each step, as `change id severity`.
        var told: [[String]]

        var testDescription: String { name }
    }

    static func finding(
        _ id: String, _ severity: Severity = .high, technique: String = "privileged", pod: String = "web-0",
        pid: Int32 = 4100
    ) -> Finding {
        guard let finding = try? Finding.sample(technique, severity, id: id, pod: pod, pid: pid) else {
            preconditionFailure("no such technique")
        }
        return finding
    }

    static func words(_ records: [FindingRecord]) -> [String] {
        records.map { record in
            let held = record.heldBack.map { " +\($0.count)" } ?? ""
            return "\(record.change) \(record.finding.id) \(record.finding.severity)\(held)"
        }
    }

    static let a = finding("a")
    static let b = finding("b", .critical, technique: "left-pod-cgroup")
    private static let log = finding("log", technique: "log-hard-link").changing {
        $0.container = nil
        $0.task = nil
    }
    static let timeLimit = Gap(kind: .timeLimit, reason: "x")

    static let cases: [Case] = [
        Case(
            name: "raised, still there, cleared", steps: [.scan([a]), .scan([a]), .scan([a]), .scan([]), .scan([])],
            told: [["raised a high"], [], [], ["cleared a high"], []]),
        Case(
            name: "worst first, cleared by id", steps: [.scan([b, a]), .scan([])],
            told: [["raised b critical", "raised a high"], ["cleared a high", "cleared b critical"]]),
        Case(
            name: "comes back", steps: [.scan([a]), .scan([]), .scan([a])],
            told: [["raised a high"], ["cleared a high"], ["raised a high"]]),
        Case(name: "the same twice in a scan", steps: [.scan([a, a])], told: [["raised a high"]]),
        Case(
            name: "a gap clears nothing",
            steps: [.scan([a]), .scan([], gaps: [timeLimit]), .scan([a]), .scan([], gaps: [timeLimit]), .scan([])],
            told: [["raised a high"], [], [], [], ["cleared a high"]]),
        Case(
            name: "a check that did not run clears nothing",
            steps: [.scan([a, b]), .partial([], judged: ["privileged"]), .scan([])],
            told: [["raised a high", "raised b critical"], ["cleared a high"], ["cleared b critical"]]),
        Case(
            name: "worse is news, better is none",
            steps: [.scan([a]), .scan([finding("a", .low)]), .scan([a]), .scan([finding("a", .critical)]), .scan([a])],
            told: [["raised a high"], [], [], ["worsened a critical"], []]),
        Case(
            name: "an allow-list entry ends", steps: [.scan([finding("a", .info)]), .scan([a])],
            told: [["raised a info"], ["worsened a high"]]),
        Case(
            name: "a reboot ends what tasks did, not what lies on disk",
            steps: [.scan([a, log]), .scan([log], boot: "boot-2"), .scan([], boot: "boot-2")],
            told: [["raised a high", "raised log high"], ["clearedByReboot a high"], ["cleared log high"]]),
        Case(
            name: "the same again after a reboot is new, whatever the scan could not see",
            steps: [.scan([a]), .scan([a], gaps: [timeLimit], boot: "boot-2")],
            told: [["raised a high"], ["clearedByReboot a high", "raised a high"]]),
        Case(
            name: "an unknown boot is no other boot", steps: [.scan([a]), .scan([a], boot: nil), .scan([a])],
            told: [["raised a high"], [], []]),
        Case(
            name: "an event is cleared by a scan when it is over",
            steps: [.event(b), .scan([]), .wait(1), .scan([])],
            told: [["raised b critical"], [], [], ["cleared b critical"]]),
        Case(
            name: "an act of several events, a scan among them", steps: [.event(b), .scan([]), .event(b)],
            told: [["raised b critical"], [], []]),
        Case(
            name: "each task of an event is news, the same one is not",
            steps: [
                .event(b), .event(b), .event(finding("b", .critical, technique: "left-pod-cgroup", pid: 9)),
                .scan([b]),
            ],
            told: [["raised b critical"], [], ["raised b critical"], []]),
        Case(
            name: "held back, told when there is room, worst first", limit: RateLimit(findings: 2, period: 10_000),
            steps: [
                .scan([finding("c", .critical), a, finding("d", .low), finding("e", .low)]), .wait(1),
                .scan([finding("c", .critical), a, finding("d", .low), finding("e", .low)]), .wait(10),
                .scan([finding("c", .critical), a, finding("d", .low), finding("e", .low)]), .wait(99), .scan([a]),
            ],
            told: [
                ["raised c critical", "raised a high"], [], [], [], ["raised d low +2", "raised e low"], [],
                ["cleared c critical", "cleared d low", "cleared e low"],
            ]),
        Case(
            name: "held back and over is stated all the same", limit: RateLimit(findings: 1, period: 10_000),
            steps: [.scan([a, finding("d", .low)]), .scan([]), .wait(20), .scan([]), .wait(20), .scan([])],
            told: [["raised a high"], ["cleared a high"], [], ["heldBack d low +1"], [], []]),
        Case(
            name: "another pod and another technique have their own limit",
            limit: RateLimit(findings: 1, period: 10_000),
            steps: [.scan([a, finding("d", pod: "web-1"), finding("e", technique: "host-device"), finding("f")])],
            told: [["raised a high", "raised d high", "raised e high"]]),
        Case(
            name: "events beyond the limit", limit: RateLimit(findings: 2, period: 4000),
            steps: (1...6).map { .event(finding("b", technique: "left-pod-cgroup", pid: $0)) },
            told: [["raised b high"], ["raised b high"], ["raised b high"], [], ["raised b high +1"], []]),
        Case(
            name: "worse and held back is told later", limit: RateLimit(findings: 1, period: 10_000),
            steps: [
                .scan([a]), .scan([finding("a", .critical)]), .scan([finding("a", .critical)]), .wait(10),
                .scan([finding("a", .critical)]),
            ],
            told: [["raised a high"], [], [], [], ["worsened a critical +1"]]),
    ]

    @Test(arguments: cases + fileCases)
    func told(_ example: Case) throws {
        var ledger = FindingLedger(example.limit)
        var time: Int64 = 1_000_000
        var told: [[String]] = []
        for step in example.steps {
            time += 1000
            let node = Node.quiet.changing {
                $0.takenAt = time - 10
                $0.duration = 1_000_000
                $0.host.bootID = "boot-1"
            }
            switch step {
            case .scan(let findings, let gaps, let boot, let changed):
                let node = node.changing {
                    $0.host.bootID = boot
                    $0.changedFiles = changed?.map {
                        ChangedFile(now: PlacedFile(path: $0, kind: .regular), basis: .told)
                    }
                }
                let judgement = Judgement.sample(findings, of: node, gaps: gaps)
                told.append(Self.words(ledger.update(with: judgement, at: time)))
            case .partial(let findings, let judged):
                told.append(
                    Self.words(ledger.update(with: .sample(findings, of: node, judged: judged), at: time)))
            case .event(let finding):
                told.append(Self.words(ledger.update(with: finding, at: time).map { [$0] } ?? []))
            case .wait(let seconds):
                time += seconds * 1000
                told.append([])
            }
        }
        #expect(told == example.told)
    }

    /// What each of two is told that want no less than medium, and no less than info.
    static let outcomes: [(name: String, limit: Int, scans: [[Finding]], urgent: [[String]], all: [[String]])] = [
        (
            "lowered before its end", 9, [[a], [finding("a", .info)], []],
            [["raised a high"], [], ["cleared a info"]], [["raised a high"], [], ["cleared a info"]]
        ),
        (
            "never urgent", 9, [[finding("a", .info)], []], [[], []], [["raised a info"], ["cleared a info"]]
        ),
        (
            "urgent ones held back before another", 1,
            [[a, finding("b")], [finding("a", .info), finding("c", .low)], [finding("c", .low)]],
            [["raised a high"], ["heldBack b high +1"], ["cleared a info"]],
            [["raised a high"], ["raised c low +1"], ["cleared a info"]]
        ),
        (
            "others held back before another", 1, [[a, finding("b", .low)], [finding("c", .low)]],
            [["raised a high"], ["cleared a high"]], [["raised a high"], ["raised c low +1", "cleared a high"]]
        ),
    ]

    /// Whoever was told of a finding is told of its end, and of what was held back.
    @Test(arguments: outcomes.indices)
    func wanted(index: Int) throws {
        let (name, limit, scans, urgent, all) = Self.outcomes[index]
        var ledger = FindingLedger(RateLimit(findings: limit, period: 10_000))
        // A restart after each scan.
        let records = scans.enumerated().map { number, findings in
            let time = Int64(number) * 6000
            defer { ledger = StateDocument(ledger).ledger(ledger.rateLimit, at: time) }
            return ledger.update(with: .sample(findings, of: .quiet.changing { $0.takenAt = time }), at: time)
        }
        #expect(records.map { Self.words($0.compactMap { $0.wanted(from: .medium) }) } == urgent, "\(name)")
        #expect(records.map { Self.words($0.compactMap { $0.wanted(from: .info) }) } == all, "\(name)")
    }

    @Test func counts() throws {
        var ledger = FindingLedger()
        let scan = { (findings: [Finding], time: Int64) in
            ledger.update(with: .sample(findings, of: .quiet.changing { $0.takenAt = time }), at: time)
        }
        let raised = scan([Self.a], 1000)
        #expect(raised.map(\.finding) == [Self.a])
        #expect(raised.map(\.firstSeen) == [1000] && raised.map(\.sightings) == [1])
        _ = scan([Self.a], 2000)
        #expect(ledger.open["a"]?.sightings == 2 && ledger.open["a"]?.lastSeen == 2000)
        let cleared = try #require(scan([], 3000).first)
        #expect(cleared.firstSeen == 1000 && cleared.lastSeen == 2000 && cleared.sightings == 2)
        #expect(cleared.finding == Self.a.remembered && ledger.open.isEmpty)
    }

    /// Who does the same again, and whether that is news.
    static let doers: [(pid: Int32, tid: Int32, startTime: UInt64, isNews: Bool)] = [
        (4100, 4100, 5100, false), (4100, 4107, 5200, false), (4101, 4101, 5200, true), (4101, 4100, 5100, true),
        // The number was given to another.
        (4100, 4100, 6000, true),
    ]

    @Test(arguments: doers)
    func sameAct(pid: Int32, tid: Int32, startTime: UInt64, isNews: Bool) throws {
        var ledger = FindingLedger()
        let act = try Finding.sample("root-moved-to-host")
        #expect(ledger.update(with: act, at: 1000)?.change == .raised)
        let again = act.changing { finding in
            finding.task?.pid = pid
            finding.task?.tid = tid
            finding.task?.startTime = startTime
        }
        #expect(ledger.update(with: again, at: 2000)?.change == (isNews ? .raised : nil))
        #expect(ledger.open[act.id]?.sightings == 2)
    }

    /// What no task did is the same.
    @Test func actOfNoTask() throws {
        var ledger = FindingLedger()
        let act = try Finding.sample("root-moved-to-host").changing { $0.task = nil }
        #expect([1000, 2000].map { ledger.update(with: act, at: $0) != nil } == [true, false])
    }

    /// What an event showed while a scan was under way is not cleared by that scan.
    @Test func eventDuringAScan() {
        var ledger = FindingLedger()
        #expect(ledger.update(with: Self.b, at: 5000)?.change == .raised)
        let started = { (time: Int64) in Judgement.sample([], of: .quiet.changing { $0.takenAt = time }) }
        #expect(ledger.update(with: started(4000), at: 6000) == [])
        #expect(ledger.update(with: started(7500), at: 8000).map(\.change) == [.cleared])
    }

    /// After the clock was set back, what was seen in the future is cleared as usual.
    @Test func clockSetBack() {
        var ledger = FindingLedger()
        _ = ledger.update(with: Self.b, at: 9_000_000)
        let judgement = Judgement.sample([], of: .quiet.changing { $0.takenAt = 1000 })
        #expect(ledger.update(with: judgement, at: 1010).map(\.change) == [.cleared])
    }

    private static let exposures = [
        "privileged", "host-device", "host-path-root", "seccomp-unconfined", "unmasked-proc",
    ]

    /// Findings of as many pods as the parts of the bound have room for, and 7 more.
    private static let bounds: [(name: String, many: [Finding], kept: Int)] = [
        (
            "all", (0..<OpenFindings.limit + 7).map { finding("f\($0)", pod: "pod-\($0 % 100)") },
            OpenFindings.limit
        ),
        (
            "a pod",
            (0..<OpenFindings.podLimit + 7).map { finding("f\($0)", technique: exposures[$0 % exposures.count]) },
            OpenFindings.podLimit
        ),
        (
            "a technique in a pod", (0..<OpenFindings.techniqueLimit + 7).map { finding("f\($0)") },
            OpenFindings.techniqueLimit
        ),
    ]

    /// Beyond the bounds nothing is remembered and nothing is silent; what is over makes room.
    @Test(arguments: bounds.indices)
    func bound(index: Int) {
        let (name, many, kept) = Self.bounds[index]
        var ledger = FindingLedger(RateLimit(findings: 10_000, period: 1000))
        let records = ledger.update(with: .sample(many), at: 1000)
        #expect(ledger.open.count == kept && ledger.heldBackCount == 7, "\(name)")
        #expect(records.count { $0.change == .raised } == kept)
        #expect(records.filter { $0.change == .heldBack }.compactMap(\.heldBack?.count).reduce(0, +) == 7)
        _ = ledger.update(with: .sample(Array(many.suffix(7))), at: 5000)
        _ = ledger.update(with: .sample(Array(many.suffix(7))), at: 9000)
        #expect(ledger.open.values.map(\.finding.id).sorted() == many.suffix(7).map(\.id).sorted())
        #expect(ledger.update(with: .sample([]), at: 13_000).count == 7 && ledger.open == OpenFindings())
    }

    /// What stays is held back once, what comes back is held back again.
    @Test func beyondTheBounds() {
        let many = (0..<OpenFindings.techniqueLimit + 7).map { Self.finding("f\($0)") }
        var ledger = FindingLedger(RateLimit(findings: 10_000, period: 1000))
        let scan = { (findings: [Finding], time: Int64) in
            let records = ledger.update(with: .sample(findings, of: .quiet.changing { $0.takenAt = time }), at: time)
            return records.compactMap(\.heldBack?.count)
        }
        #expect(scan(many, 1000) == [7])
        for minute in 1...3 as ClosedRange<Int64> { #expect(scan(many, minute * 60_000) == []) }
        #expect(scan(many + [Self.finding("one more")], 240_000) == [1])
        #expect(ledger.update(with: many[252], at: 241_000) == nil)
        #expect(scan(Array(many.prefix(OpenFindings.techniqueLimit)), 300_000) == [])
        #expect(scan(many, 360_000) == [7] && ledger.heldBackCount == 15)
    }

    /// The ids of what there is no room for are bounded, too: still more is said again rather than left out.
    @Test func beyondTheBoundsWithoutEnd() {
        let known = OpenFindings.techniqueLimit + FindingLedger.beyondLimit
        let many = (0..<known + 3).map { Self.finding("f\($0)") }
        var ledger = FindingLedger(RateLimit(findings: 100_000, period: 1000))
        let counts = (1...3 as ClosedRange<Int64>).map { minute in
            ledger.update(with: .sample(many), at: minute * 60_000).compactMap(\.heldBack?.count)
        }
        #expect(counts == [[FindingLedger.beyondLimit + 3], [3], [3]])
    }

    /// Whoever makes findings without end keeps back neither what else it does nor what others do.
    @Test func aFloodHidesNothingElse() {
        var ledger = FindingLedger()
        let flood = (0..<OpenFindings.limit).map { Self.finding("f\($0)", technique: "node-file-written-cron") }
        let records = ledger.update(with: .sample(flood + [Self.b, Self.finding("x", pod: "job-0")]), at: 1000)
        #expect(ledger.open.count == OpenFindings.techniqueLimit + 2)
        #expect(Self.words(records).suffix(2) == ["raised b critical", "raised x high"])
        #expect(ledger.update(with: Self.act.changing { $0.pod = nil }, at: 2000)?.change == .raised)
    }

    /// A container's own words cannot make the memory grow.
    @Test func remembered() {
        let long = String(repeating: "ä", count: 5000)
        let finding = Self.a.changing {
            $0.detail = long
            $0.pod = PodIdentity(namespace: long, name: long, uid: long)
            $0.task?.executable = long
            $0.task?.parents = [long]
            $0.container?.image = long
        }
        let kept = finding.remembered
        let texts = [
            kept.detail, kept.pod?.namespace, kept.pod?.name, kept.pod?.uid, kept.task?.executable,
            kept.container?.image,
        ]
        #expect(texts.allSatisfy { $0 == String(repeating: "ä", count: 255) + "…" })
        #expect(kept.task?.parents == [] && kept.evidence.isEmpty && kept.id == finding.id)
    }
}
