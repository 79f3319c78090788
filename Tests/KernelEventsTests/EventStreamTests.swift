import CTestSupport
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import KernelEvents

/// A stream, and what came out of it so far.
private final class Listener {
    let stream: EventStream
    private(set) var events: [KernelEvent] = []
    private(set) var lineage = Lineage(suspended: Clock.suspendedNanoseconds())
    private(set) var changes: [NamespaceChange] = []
    private let deadline = Deadline(secondsFromNow: 30)

    init(_ options: EventStream.Options = EventStream.Options()) throws {
        stream = try EventStream(options, stop: try StopSignal())
    }

    /// Listens until something has come; false if it does not.
    func listen(until isDone: (Listener) -> Bool) throws -> Bool {
        var batch: [KernelEvent] = []
        while !isDone(self) {
            if try stream.wait(until: deadline, into: &batch) == .deadline { return false }
            events += batch
            changes += batch.compactMap { lineage.apply($0) }
        }
        return true
    }

    func events(of pid: Int32) -> [KernelEvent] { events.filter { $0.pid == pid } }

    func hasEnded(_ pid: Int32) -> Bool {
        events.contains { $0.pid == pid && $0.tid == pid && $0.action == .exit }
    }

    /// What was handed out or counted as lost.
    var told: UInt64 { stream.counts.values.reduce(0) { $0 + $1.events + $1.lost } }
}

/// One test after the other: the forks of one would fill up the ring of another one.
@Suite(.serialized, .enabled(if: isRoot, "listening to the whole node needs root"))
struct EventStreamTests {
    /// The child lives for a few hundred microseconds; of several, the machine lets at least one run through.
    @Test func childThatUnsharesForLessThanAMillisecond() throws {
        let listener = try Listener()
        var shortest = UInt64.max
        for _ in 0..<20 where shortest >= 1_000_000 {
            let pid = test_child_that_unshares("short-lived")
            try #require(pid > 0)
            try #require(try listener.listen { $0.hasEnded(pid) })
            let events = listener.events(of: pid)
            #expect(events.allSatisfy { $0.tid == pid })
            let change = try #require(listener.changes.first { $0.task.pid == pid })
            #expect(change.kinds == [.mount])
            #expect(change.task.tid == pid)
            #expect(change.task.name.text == "short-lived")
            #expect(change.task.parent == getpid())
            #expect(change.task.isCertain)
            shortest = min(shortest, try #require(events.last).time - (try #require(events.first)).time)
        }
        #expect(shortest < 1_000_000)
    }

    @Test func orderOfALife() throws {
        let listener = try Listener()
        let pid = test_child_that_runs("/bin/true")
        try #require(pid > 0)
        try #require(try listener.listen { $0.hasEnded(pid) })
        let kinds = listener.events(of: pid).map { event in
            switch event.action {
            case .fork(let creator, _): "fork by \(creator == getpid() ? "this process" : "another")"
            case .exit: "exit"
            case .comm(let name, let isExec): "\(isExec ? "exec" : "comm") \(name.text)"
            case .namespaces: "namespaces"
            case .cgroup: "cgroup"
            case .module: "module"
            case .signal: "signal"
            case .call: "call"
            case .lost: "lost"
            }
        }
        #expect(kinds == ["fork by this process", "namespaces", "exec true", "exit"])
    }

    /// The clocks of both sides, and how long the machine was suspended.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs python3"))
    func startTimeIsTheOneOfProc() throws {
        let listener = try Listener()
        try HelperProcess.with(HelperProcess.threads) { helper in
            try #require(try listener.listen { $0.lineage[helper.pid]?.startTime != nil })
            let stat = try BoundedFile.read(path: "/proc/\(helper.pid)/stat", limit: 4096)
            let fields = String(decoding: stat, as: UTF8.self).split(separator: ") ").last?.split(separator: " ") ?? []
            // Field 22 of all (proc_pid_stat(5)), of which two come before the state.
            let start = try #require(UInt64(fields[22 - 3]))
            let told = try #require(listener.lineage[helper.pid]?.startTime)
            #expect(told == start || told == start + 1)
        }
    }

    @Test func threadAlone() throws {
        let listener = try Listener()
        let visitor = test_thread_that_enters()
        try #require(visitor.inode != 0)
        try #require(try listener.listen { $0.events.contains { $0.tid == visitor.tid && $0.action == .exit } })
        let change = try #require(listener.changes.last { $0.task.tid == visitor.tid })
        #expect(change.after[.mount] == NamespaceID(rawValue: UInt32(visitor.inode)))
        #expect(change.task.pid == getpid())
        #expect(change.kinds == [.mount])
        #expect(change.task.pid != change.task.tid)
        // The process itself has not moved.
        let own = try Descriptor.open("/proc/self/ns", LinuxFlags.path | O_DIRECTORY).linkTarget(of: "mnt")
        #expect(String(decoding: own, as: UTF8.self) == "mnt:[\(change.before[.mount]?.rawValue ?? 0)]")
    }

    /// The process goes on in the namespaces of the thread that called execve(2), under its own old number.
    @Test func threadThatRunsAProgram() throws {
        let listener = try Listener()
        let pid = test_thread_that_runs("/bin/true")
        try #require(pid > 0)
        let wasRun = { (listener: Listener) in
            let own = listener.events(of: pid).map(\.action)
            return own.last == .exit && own.contains(.comm(name("true"), isExec: true))
        }
        try #require(try listener.listen(until: wasRun))
        let change = try #require(listener.changes.first { $0.task.pid == pid })
        #expect(change.task.tid != pid)
        #expect(change.kinds == [.uts])
        let task = try #require(listener.lineage[pid])
        #expect(task.namespaces == change.after)
        #expect(task.name.text == "true")
        #expect(listener.lineage[change.task.tid] == nil)
    }

    /// Each child has three records at least, and each of them is either handed out or counted.
    @Test func tinyRing() throws {
        var options = EventStream.Options()
        options.ringSize = 1
        let listener = try Listener(options)
        #expect(test_children(10_000) == 10_000)
        // The kernel tells a loss with the next record that fits.
        let isTold = try listener.listen { listener in
            test_child_on_every_cpu()
            return listener.told >= 30_000
        }
        #expect(isTold)
        let lost = listener.stream.counts.values.reduce(0) { $0 + $1.lost }
        #expect(lost > 10_000)
        #expect(listener.events.contains { if case .lost = $0.action { $0.pid == 0 } else { false } })
    }

    @Test func orderOfTime() throws {
        let listener = try Listener()
        #expect(test_children(500) == 500)
        try #require(try listener.listen { $0.told >= 1500 })
        let late = listener.stream.counts.values.reduce(0) { $0 + $1.late }
        var newest: UInt64 = 0
        var early: UInt64 = 0
        for event in listener.events {
            if event.time < newest { early += 1 } else { newest = event.time }
        }
        #expect(early == late)
        #expect(late * 50 <= listener.told)
        let counts = listener.stream.counts.values
        #expect(counts.allSatisfy { $0.malformed == 0 && $0.other == 0 })
        let online = try Processors.online(in: "/sys/devices/system/cpu")
        #expect(listener.stream.counts.keys.sorted() == online)
        #expect(listener.events.allSatisfy { online.contains($0.cpu) })
    }

    @Test(arguments: [7, 1, 0])
    func limit(limit: Int) throws {
        let listener = try Listener()
        #expect(test_children(100) == 100)
        var batch: [KernelEvent] = []
        var count = 0
        while count < 300 {
            let outcome = try listener.stream.wait(until: Deadline(secondsFromNow: 30), limit: limit, into: &batch)
            try #require(outcome == .events)
            #expect(batch.count <= max(limit, 1))
            count += batch.count
        }
    }

    @Test func deadline() throws {
        var batch = [KernelEvent(time: 0, cpu: 0, pid: 1, tid: 1, action: .exit)]
        let listener = try Listener()
        var outcome = EventStream.Outcome.events
        // Other tests make events, too.
        while outcome == .events {
            outcome = try listener.stream.wait(until: Deadline(secondsFromNow: 0), into: &batch)
        }
        #expect(outcome == .deadline)
        #expect(batch == [])
    }

    /// Where nothing has happened for a while the stream sleeps until something does, here for an hour at most.
    @Test func alarmFromQuiet() throws {
        let isAsleep = try StopSignal()
        let work = BoundedWork { () -> EventStream.Outcome? in
            guard let stop = try? StopSignal(), let stream = try? EventStream(stop: stop) else { return nil }
            var batch: [KernelEvent] = []
            for _ in 0..<20 { _ = try? stream.wait(until: Deadline(secondsFromNow: 0), into: &batch) }
            isAsleep.stop()
            return try? stream.wait(until: Deadline(secondsFromNow: 3600), into: &batch)
        }
        isAsleep.wait()
        #expect(test_children(1) == 1)
        #expect(work.result(until: Deadline(secondsFromNow: 30)) == .events)
    }

    /// For other work of the caller, once each time.
    @Test func wake() throws {
        let wake = try WakeSignal()
        let work = BoundedWork { () -> EventStream.Outcome? in
            guard let stop = try? StopSignal(), let stream = try? EventStream(stop: stop, wake: wake) else {
                return nil
            }
            var batch: [KernelEvent] = []
            while true {
                let outcome = try? stream.wait(until: Deadline(secondsFromNow: 3600), into: &batch)
                if outcome != .events { return outcome }
            }
        }
        let deadline = Deadline(secondsFromNow: 30)
        var outcome: EventStream.Outcome??
        // Other tests make events, too, and one that comes with them is theirs.
        repeat {
            wake.wake()
            outcome = work.result(until: Deadline(secondsFromNow: 0.1))
        } while outcome == nil && !deadline.isPast
        #expect(outcome == .woken)
        wake.wake()
        #expect(wake.reset() && !wake.reset())
    }

    @Test func stopFromAnotherThread() throws {
        let stop = try StopSignal()
        let hasBegun = try StopSignal()
        let work = BoundedWork { () -> String in
            do {
                let stream = try EventStream(stop: stop)
                var batch: [KernelEvent] = []
                while true {
                    let outcome = try stream.wait(until: Deadline(secondsFromNow: 3600), into: &batch)
                    hasBegun.stop()
                    if outcome == .stopped { return "stopped" }
                    if outcome == .deadline { return "deadline" }
                }
            } catch {
                return "\(error)"
            }
        }
        // Something happens while it listens.
        while !hasBegun.isStopped { _ = test_children(1) }
        stop.stop()
        let begin = Clock.monotonicMicroseconds()
        #expect(work.result(until: Deadline(secondsFromNow: 30)) == "stopped")
        #expect(Clock.monotonicMicroseconds() - begin < 5_000_000)
    }
}
