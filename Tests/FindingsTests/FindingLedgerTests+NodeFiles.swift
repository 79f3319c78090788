import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

/// Findings of changed files of the node, which outlive who changed them.
extension FindingLedgerTests {
    static let act = finding("act", .critical, technique: "node-file-written-cron").changing {
        $0.nodeFile = "/etc/cron.d/x"
    }
    private static let left = finding("left", technique: "node-file-changed-cron").changing {
        $0.nodeFile = "/etc/cron.d/x"
    }
    /// The same of somebody else who could have written there.
    private static let ofOther = left.changing {
        $0.id = "other"
        $0.container?.id = QuietIDs.sandbox
        $0.evidence["changedAt"] = .number(1_000_500)
    }
    /// Three seconds after the first step.
    private static let changedAgain = ofOther.changing { $0.evidence["changedAt"] = .number(1_004_500) }
    private static let ownAgain = left.changing { $0.evidence["changedAt"] = .number(1_004_500) }
    private static let elsewhere = ofOther.changing { $0.nodeFile = "/etc/cron.d/y" }
    private static let allowedAct = act.changing { $0.severity = .info }
    /// Half a second before the first step.
    private static let justLeft = left.changing { $0.evidence["changedAt"] = .number(1_000_500) }
    /// Half a second after the first step, whose scan takes a second.
    private static let leftMeanwhile = left.changing { $0.evidence["changedAt"] = .number(1_001_500) }
    /// By a clock that was set since.
    private static let leftInTheFuture = left.changing { $0.evidence["changedAt"] = .number(1_002_500) }
    /// By a container that the node does not have any more.
    private static let ofGone = act.changing {
        $0.id = "gone"
        $0.container?.id = String(repeating: "e", count: 64)
    }
    /// By another that is there.
    private static let ofNeighbour = act.changing {
        $0.id = "neighbour"
        $0.container?.id = QuietIDs.sandbox
    }
    private static let x = ["/etc/cron.d/x"]

    static let fileCases: [Case] = [
        Case(
            name: "what an act left is no news after it, and its end is",
            steps: [.event(act), .wait(3), .scan([left], changed: x), .scan([left], changed: x), .scan([])],
            told: [["raised act critical"], [], [], [], ["cleared act critical"]]),
        Case(
            name: "what an act left accuses nobody else, however urgent",
            steps: [
                .event(allowedAct), .wait(3), .scan([ofOther], changed: x), .scan([elsewhere], changed: x),
            ],
            told: [["raised act info"], [], [], ["raised other high"]]),
        Case(
            name: "changed after the act",
            steps: [.event(act), .wait(6), .scan([changedAgain], changed: x), .scan([changedAgain], changed: x)],
            told: [["raised act critical"], [], ["raised other high"], []]),
        Case(
            name: "changed after the act, as far as is known by the same",
            steps: [.event(act), .wait(6), .scan([ownAgain], changed: x), .scan([ownAgain], changed: x)],
            told: [["raised act critical"], [], ["raised left high"], []]),
        Case(
            name: "left by one that is gone, which accuses nobody else",
            steps: [.wait(6), .scan([left], changed: x), .scan([ofOther], changed: x), .scan([])],
            told: [[], ["raised left high"], [], ["cleared left high"]]),
        Case(
            name: "left by one that is gone, and worse by somebody else",
            steps: [
                .wait(6), .scan([left.changing { $0.severity = .medium }], changed: x), .scan([ofOther], changed: x),
            ],
            told: [[], ["raised left medium"], ["raised other high"]]),
        Case(
            name: "a written file that stays as it is after its writer, and is gone",
            steps: [
                .event(act), .wait(3), .scan([], changed: x), .scan([], changed: x),
                .scan([], changed: ["/etc/cron.d/y"]),
            ],
            told: [["raised act critical"], [], [], [], ["cleared act critical"]]),
        Case(
            name: "written again after the writer's end, as urgently",
            steps: [.event(ofGone), .event(act), .wait(3), .scan([], changed: x), .scan([], changed: x), .scan([])],
            told: [
                ["raised gone critical"], ["raised act critical"], [], ["cleared gone critical"], [],
                ["cleared act critical"],
            ]),
        Case(
            name: "written again after the writer's end, at which scans did not look",
            steps: [.event(ofGone), .event(act), .wait(3), .scan([], changed: nil)],
            told: [["raised gone critical"], ["raised act critical"], [], ["cleared gone critical"]]),
        Case(
            name: "written again, and whose containers are left is not known",
            steps: [.event(ofGone), .event(act), .wait(3), .scan([], gaps: [timeLimit], changed: x)],
            told: [["raised gone critical"], ["raised act critical"], [], []]),
        Case(
            name: "written again while the first writer is there",
            steps: [.event(ofNeighbour), .event(act), .wait(3), .scan([], changed: x)],
            told: [["raised neighbour critical"], ["raised act critical"], [], []]),
        Case(
            name: "written again after the writer's end, less urgently",
            steps: [.event(ofGone), .event(allowedAct), .wait(3), .scan([], changed: x)],
            told: [["raised gone critical"], ["raised act info"], [], []]),
        Case(
            name: "another file and another technique after the writer's end",
            steps: [
                .event(ofGone), .event(act.changing { $0.nodeFile = "/etc/cron.d/y" }), .wait(3),
                .scan([left], changed: x + ["/etc/cron.d/y"]),
            ],
            told: [["raised gone critical"], ["raised act critical"], [], []]),
        Case(
            name: "a written file at which scans did not look",
            steps: [
                .event(act), .wait(3), .scan([], changed: nil), .scan([], gaps: [Gap(kind: .nodeFiles, reason: "x")]),
                .scan([]),
            ],
            told: [["raised act critical"], [], [], [], ["cleared act critical"]]),
        Case(
            name: "a written file is there after a reboot",
            steps: [
                .event(act), .scan([], changed: x), .scan([], boot: "boot-2", changed: x), .scan([], boot: "boot-2"),
            ],
            told: [["raised act critical"], [], [], ["cleared act critical"]]),
        Case(
            name: "a scan before its act is told", steps: [.scan([justLeft]), .event(act), .scan([justLeft])],
            told: [[], ["raised act critical"], []]),
        Case(
            name: "left just now, by an act that nobody tells of",
            steps: [.scan([justLeft]), .wait(2), .scan([justLeft])], told: [[], [], ["raised left high"]]),
        Case(
            name: "left while the scan went on, and gone with the next", steps: [.scan([leftMeanwhile]), .scan([])],
            told: [[], []]),
        Case(name: "left in the future", steps: [.scan([leftInTheFuture])], told: [["raised left high"]]),
        Case(name: "left by an act that nobody told of", steps: [.scan([left])], told: [["raised left high"]]),
        Case(
            name: "left by an act, and worse than it",
            steps: [.event(allowedAct), .wait(3), .scan([left], changed: x)],
            told: [["raised act info"], [], ["raised left high"]]),
    ]

    /// A scan is asked for the files of what is not over, and for whole paths alone.
    @Test func nodeFiles() {
        var ledger = FindingLedger()
        _ = ledger.update(with: Self.act, at: 1000)
        _ = ledger.update(with: Self.b, at: 1000)
        let endless = "/etc/" + String(repeating: "x", count: 4092)
        _ = ledger.update(
            with: Self.act.changing {
                $0.id = "endless"
                $0.nodeFile = endless
            }, at: 1000)
        #expect(ledger.nodeFiles == ["/etc/cron.d/x"] && ledger.open.count == 3)
    }

    /// Pods that come and go, and write the same file each, do not fill the bounds.
    @Test func writtenBySuccessivePods() {
        var ledger = FindingLedger()
        for turn in 0..<Int64(OpenFindings.limit + 100) {
            let time = turn * 300_000
            let write = Self.act.changing {
                $0.id = "write-\(turn)"
                $0.pod?.uid = "job-\(turn)"
                $0.container?.id = "container-\(turn)"
            }
            #expect(ledger.update(with: write, at: time)?.change == .raised)
            let node = Node.quiet.changing {
                $0.takenAt = time + 60_000
                $0.changedFiles = [ChangedFile(now: PlacedFile(path: "/etc/cron.d/x", kind: .regular), basis: .told)]
            }
            let over = ledger.update(with: .sample([], of: node), at: time + 60_000)
            #expect(over.map(\.change) == (turn == 0 ? [] : [.cleared]) && ledger.open.count == 1)
        }
    }

    /// It was told to be written, the baseline has it, and it is gone: that is a change as well.
    @Test func removedFileOfTheBaseline() {
        var ledger = FindingLedger()
        _ = ledger.update(with: Self.act, at: 1000)
        let recorded = PlacedFile(path: "/etc/cron.d/x", kind: .regular)
        let over = [[ChangedFile(now: nil, recorded: recorded, basis: .baseline)], []].map { changed in
            let node = Node.quiet.changing {
                $0.takenAt = 60_000
                $0.changedFiles = changed
            }
            return ledger.update(with: .sample([], of: node), at: 60_000).map(\.change)
        }
        #expect(over == [[], [.cleared]])
    }
}
