import NodeModel
import Testing

@testable import Daemon

@Suite struct DaemonStatusTests {
    private static let changes: [(name: String, change: @Sendable (DaemonStatus) -> Void, gaps: Int)] = [
        ("nothing", { _ in }, 0),
        ("no events", { $0.set(events: .failed("refused")) }, 1),
        ("two tracepoints and a CPU", { $0.set(events: .working, gaps: ["a", "b", "CPU 1"]) }, 3),
        ("files", { $0.set(filesFailure: "refused") }, 1),
        ("containers", { $0.set(containersFailure: "refused") }, 1),
        (
            "all of them",
            { status in
                status.set(events: .failed("refused"))
                status.set(filesFailure: "refused")
                status.set(containersFailure: "refused")
            }, 3
        ),
        (
            "over again",
            { status in
                status.set(filesFailure: "refused")
                status.set(filesFailure: nil)
            }, 0
        ),
        // It sees everything, and may only repeat some of it.
        ("the state", { $0.set(stateFailure: "full") }, 0),
    ]

    @Test(arguments: changes.indices)
    func whatIsNotWatchedIsAGap(index: Int) {
        let status = DaemonStatus(manager: ServiceManager(), counts: CountsBox())
        Self.changes[index].change(status)
        #expect(status.gaps == Self.changes[index].gaps, "\(Self.changes[index].name)")
    }

    private static let faults: [@Sendable (inout StatusDocument) -> Void] = [
        { $0.eventsFailure = "no such luck" }, { $0.filesFailure = "no such luck" },
        { $0.containersFailure = "no such luck" }, { $0.stateFailure = "no such luck" },
        { $0.apiFailure = "no such luck" }, { $0.eventGaps = ["CPU 1: no such luck"] },
        { $0.scanGaps = [Gap(kind: .process, reason: "no such luck", count: 3, examples: ["pid 1", "\u{1b}[2J"])] },
    ]

    @Test(arguments: faults.indices)
    func aFaultIsSaidAndMakesItLessThanWhole(index: Int) {
        var document = StatusDocument(
            version: "1", pid: 2, uptime: 3, eventGaps: [], eventAbsences: [], scanGaps: [], counts: DaemonCounts(),
            sinks: [])
        document.scanGaps = [Gap(kind: .starting, reason: "on its way")]
        #expect(document.isWhole)
        Self.faults[index](&document)
        #expect(!document.isWhole && document.description.contains("no such luck"))
        #expect(!document.description.contains("\u{1b}"))
        #expect(StatusDocument.decode(document.text) == document)
    }
}
