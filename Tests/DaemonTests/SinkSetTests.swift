import Checks
import Delivery
import Findings
import LinuxSystem
import NodeModel
import Reports
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct SinkSetTests {
    /// A sink that keeps what it is given.
    private final class Keeper: Sink {
        let name = "keeper"
        private let queued = Mutex(0)
        private let lost = Mutex(0)

        func offer(_ record: Record) { queued.withLock { $0 += 1 } }

        func lose(_ count: Int) { lost.withLock { $0 += count } }

        func deliver() { queued.withLock { $0 = 0 } }

        var state: SinkState {
            var state = SinkState()
            state.queued = queued.withLock { $0 }
            state.lost = lost.withLock { $0 }
            return state
        }

        func prepareToClose(until deadline: Deadline) {}
        func close(until deadline: Deadline) -> Int { queued.withLock { $0 } }
    }

    private static let records: [FindingRecord] = {
        var ledger = FindingLedger()
        let finding = Finding(
            id: "f-1", technique: Check.all[0].technique, severity: .high, declared: .undeclared, detail: "seen")
        return [ledger.update(with: finding, at: 0)].compactMap { $0 }
    }()

    private static func outlet(_ sink: Keeper) -> Outlet {
        Outlet(sink: sink, minSeverity: .info, format: .journal)
    }

    @Test func isDeliveredWhenNoSinkHasAnythingInMemory() {
        let (first, second) = (Keeper(), Keeper())
        let sinks = SinkSet([Self.outlet(first), Self.outlet(second)], logger: CollectedLog().logger)
        #expect(sinks.isDelivered)
        sinks.deliver(Self.records, at: 0)
        #expect(!sinks.isDelivered)
        first.deliver()
        #expect(!sinks.isDelivered)
        second.deliver()
        #expect(sinks.isDelivered)
    }

    /// Whoever was told of a finding is told of its end, however little it is worth by then.
    @Test func theEndOfWhatWasLowered() throws {
        let keeper = Keeper()
        let outlet = Outlet(sink: keeper, minSeverity: .medium, format: .journal)
        let sinks = SinkSet([outlet], logger: CollectedLog().logger)
        var record = try #require(Self.records.first)
        (record.change, record.finding.severity, record.told) = (.cleared, .info, .low)
        sinks.deliver([record], at: 0)
        #expect(keeper.state.queued == 0)
        record.told = .high
        sinks.deliver([record], at: 0)
        #expect(keeper.state.queued == 1)
    }

    /// What comes while sinks are changed is for the new ones, and in memory until then.
    @Test func whatComesWhileSinksAreChanged() {
        let (old, new) = (Keeper(), Keeper())
        let sinks = SinkSet([Self.outlet(old)], logger: CollectedLog().logger)
        sinks.replace {
            sinks.deliver(Self.records, at: 0)
            #expect(!sinks.isDelivered && sinks.states.isEmpty)
            return [Self.outlet(new)]
        }
        #expect(old.state.queued == 0 && new.state.queued == 1 && !sinks.isDelivered)
    }

    /// What comes when too much waits for other sinks is counted.
    @Test func whatComesToNoSink() {
        let new = Keeper()
        let sinks = SinkSet([], logger: CollectedLog().logger)
        sinks.replace {
            for _ in 0..<SinkSet.waitingLimit { sinks.deliver([], at: 0) }
            sinks.deliver(Self.records + Self.records, at: 0)
            sinks.deliver(MinuteMetrics(), at: 0)
            return [Self.outlet(new)]
        }
        #expect(sinks.lost == 3 && new.state.queued == 0)
    }

    /// A metric is made of how it grows.
    @Test func whatIsLostCountsOnWhereSinksAreChanged() {
        let (old, new) = (Keeper(), Keeper())
        let sinks = SinkSet([Self.outlet(old)], logger: CollectedLog().logger)
        old.lose(3)
        #expect(sinks.lost == 3)
        sinks.replace {
            old.lose(1)
            #expect(sinks.lost == 4)
            return [Self.outlet(new)]
        }
        #expect(sinks.lost == 4)
        new.lose(2)
        #expect(sinks.lost == 6)
    }
}
