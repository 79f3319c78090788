import Foundation
import LinuxSystem
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import KernelEvents

/// tracefs, mounted for the time of a test.
private enum Tracefs {
    static let isAvailable =
        isRoot && (try? String(contentsOfFile: "/proc/filesystems", encoding: .utf8))?.contains("\ttracefs\n") == true

    static let hasSystemCalls: Bool = {
        var isThere = false
        try? with { isThere = access("\($0)/events/syscalls/sys_enter_mount/id", F_OK) == 0 }
        return isThere
    }()

    static func with(_ body: (String) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try #require(mount("tracefs", directory.path, "tracefs", 0, nil) == 0)
            defer { umount2(directory.path, Int32(MNT_DETACH)) }
            try body(directory.path)
        }
    }
}

/// A group of its own below that of this process, in the unified hierarchy or that of the `pids` controller.
private struct ScratchGroup {
    let name = "breakoutd-test-\(UUID().uuidString.prefix(8).lowercased())"
    let hierarchy: UInt32
    let parent: String

    init?() {
        let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
        let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let own = groups.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 2) }
        for mount in mounts.split(separator: "\n").map({ $0.split(separator: " ") }) where mount.count > 3 {
            let isUnified = mount[2] == "cgroup2"
            guard isUnified || mount[2] == "cgroup" && mount[3].split(separator: ",").contains("pids") else { continue }
            let line = own.first { isUnified ? $0[0] == "0" : $0.count == 3 && $0[1] == "pids" }
            guard let line, let path = line.last, let number = UInt32(line[0]) else { continue }
            let parent = "\(mount[1])\(path == "/" ? "" : path)"
            guard mkdir("\(parent)/\(name)", 0o755) == 0 else { continue }
            (self.hierarchy, self.parent) = (number, parent)
            return
        }
        return nil
    }

    func take(_ pid: Int32) throws { try Self.write(pid, to: "\(parent)/\(name)/cgroup.procs") }

    func giveBack(_ pid: Int32) throws { try Self.write(pid, to: "\(parent)/cgroup.procs") }

    func remove() { rmdir("\(parent)/\(name)") }

    private static func write(_ pid: Int32, to path: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data("\(pid)".utf8))
        try file.close()
    }
}

@Suite(.serialized, .enabled(if: Tracefs.isAvailable, "tracepoints need root and a kernel with tracefs"))
struct TracepointStreamTests {
    @Test(.enabled(if: HelperProcess.isAvailable, "needs python3"))
    func movesOfAnother() throws {
        try Tracefs.with { tracefs in
            let stream = try EventStream(stop: try StopSignal(), tracefs: [tracefs])
            #expect(stream.gaps == [] && stream.absences.allSatisfy { $0.hasPrefix("kprobe_events: the kernel ") })
            let group = try #require(ScratchGroup())
            defer { group.remove() }
            try HelperProcess.with(HelperProcess.threads) { helper in
                try group.take(helper.pid)
                try group.giveBack(helper.pid)
                var moves: [KernelEvent] = []
                var batch: [KernelEvent] = []
                let deadline = Deadline(secondsFromNow: 30)
                while moves.count < 2, try stream.wait(until: deadline, into: &batch) == .events {
                    moves += batch.filter { event in
                        if case .cgroup(thread: helper.pid, _) = event.action { true } else { false }
                    }
                }
                try #require(moves.count == 2)
                #expect(moves.allSatisfy { $0.pid == getpid() && $0.time > 0 })
                let targets = moves.compactMap { event in
                    if case .cgroup(_, let target) = event.action { target } else { nil }
                }
                #expect(targets.map(\.hierarchy) == [group.hierarchy, group.hierarchy])
                #expect(targets[0].path.hasSuffix("/\(group.name)"))
                #expect(targets[1].path != targets[0].path && targets[0].path.hasPrefix(targets[1].path))
                #expect(stream.counts.values.allSatisfy { $0.malformed == 0 && $0.other == 0 })
            }
        }
    }

    private static func isToSelf(_ event: KernelEvent) -> Bool {
        if case .signal(SIGUSR1, _) = event.action { event.pid == getpid() } else { false }
    }

    /// What tracepoints tell wakes who sleeps, though no task is started for it.
    @Test func fromQuiet() throws {
        try Tracefs.with { tracefs in
            let isAsleep = try StopSignal()
            let listener = Mutex("")
            signal(SIGUSR1, SIG_IGN)
            let work = BoundedWork { () -> Bool? in
                guard let stop = try? StopSignal(), let stream = try? EventStream(stop: stop, tracefs: [tracefs]) else {
                    return nil
                }
                var batch: [KernelEvent] = []
                for _ in 0..<20 { _ = try? stream.wait(until: Deadline(secondsFromNow: 0), into: &batch) }
                let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
                listener.withLock { $0 = own ?? "" }
                isAsleep.stop()
                // Other tests make events, too.
                while (try? stream.wait(until: Deadline(secondsFromNow: 3600), into: &batch)) == .events {
                    if batch.contains(where: Self.isToSelf) { return true }
                }
                return false
            }
            isAsleep.wait()
            let stat = "/proc/\(listener.withLock { $0 })/stat"
            let deadline = Deadline(secondsFromNow: 30)
            while try !String(contentsOfFile: stat, encoding: .utf8).contains(") S "), !deadline.isPast {}
            #expect(kill(getpid(), SIGUSR1) == 0)
            #expect(work.result(until: Deadline(secondsFromNow: 30)) == true)
        }
    }

    /// At the end the youngest are handed out, too.
    @Test func takeAll() throws {
        try Tracefs.with { tracefs in
            let stream = try EventStream(stop: try StopSignal(), tracefs: [tracefs])
            var (batch, all): ([KernelEvent], [KernelEvent]) = ([], [])
            signal(SIGUSR1, SIG_IGN)
            kill(getpid(), SIGUSR1)
            repeat {
                stream.takeAll(into: &batch)
                all += batch
            } while batch.count == EventStream.batchLimit
            #expect(all.contains(where: Self.isToSelf))
        }
    }

    /// The kernel's own filter lets through what ends and what stops, and who attaches as a tracer.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs python3"))
    func signals() throws {
        try Tracefs.with { tracefs in
            let stream = try EventStream(stop: try StopSignal(), tracefs: [tracefs])
            try HelperProcess.with(HelperProcess.deaf) { helper in
                for signal in Self.ignorable + [SIGSTOP, SIGKILL] { kill(helper.pid, signal) }
                let expected = Self.ignorable.filter { ![SIGCHLD, SIGCONT, SIGURG, SIGWINCH].contains($0) }
                let sent = try Self.actions(on: helper.pid, in: stream)
                #expect(sent == (expected + [SIGSTOP, SIGKILL]).map { .signal($0, to: helper.pid) })
            }
        }
    }

    /// The signals that this process has sent to another, and its attaching as a tracer, up to SIGKILL.
    private static func actions(on pid: Int32, in stream: EventStream) throws -> [KernelEvent.Action] {
        var sent: [KernelEvent.Action] = []
        var batch: [KernelEvent] = []
        let deadline = Deadline(secondsFromNow: 30)
        while sent.last != .signal(SIGKILL, to: pid), try stream.wait(until: deadline, into: &batch) == .events {
            sent += batch.filter { $0.pid == getpid() }.map(\.action).filter { action in
                switch action {
                case .signal(_, to: pid), .call(.trace(pid)): true
                default: false
                }
            }
        }
        return sent
    }

    /// F_SETSIG, which Swift does not have from glibc.
    private static let setSignal: Int32 = 10

    /// Signals that a write has sent, with codes of their own (fcntl(2), F_SETSIG), and what no tracer has to do with.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs python3"))
    func signalsOfWrites() throws {
        try Tracefs.with { tracefs in
            let stream = try EventStream(stop: try StopSignal(), tracefs: [tracefs])
            try HelperProcess.with(HelperProcess.deaf) { helper in
                let pipe = Pipe()
                let reader = pipe.fileHandleForReading.fileDescriptor
                try #require(fcntl(reader, F_SETOWN, helper.pid) == 0)
                let expected = [SIGTERM, SIGSEGV, SIGIO, 40, SIGSTOP, SIGKILL]
                for signal in expected {
                    try #require(fcntl(reader, Self.setSignal, signal) == 0 && fcntl(reader, F_SETFL, O_ASYNC) == 0)
                    try pipe.fileHandleForWriting.write(contentsOf: [1])
                }
                let sent = try Self.actions(on: helper.pid, in: stream)
                #expect(sent == expected.map { .signal($0, to: helper.pid) })
            }
        }
    }

    /// All but those of glibc itself (nptl(7)), and those that no process can ignore.
    private static let ignorable = (Int32(1)...64).filter { ![SIGKILL, SIGSTOP, 32, 33].contains($0) }

    /// The signal of a timer is nothing that the task did which its interrupt comes upon.
    @Test func timers() throws {
        try Tracefs.with { tracefs in
            let stream = try EventStream(stop: try StopSignal(), tracefs: [tracefs])
            let number: Int32 = 40
            signal(number, SIG_IGN)
            var notification = sigevent()
            (notification.sigev_notify, notification.sigev_signo) = (Int32(SIGEV_SIGNAL), number)
            var timer: timer_t?
            try #require(timer_create(CLOCK_MONOTONIC, &notification, &timer) == 0)
            defer { timer_delete(timer) }
            var left = itimerspec()
            left.it_value.tv_nsec = 1
            try #require(timer_settime(timer, 0, &left, nil) == 0)
            let deadline = Deadline(secondsFromNow: 30)
            while timer_gettime(timer, &left) == 0, left.it_value.tv_nsec != 0, !deadline.isPast {}
            kill(getpid(), number)
            var (batch, count): ([KernelEvent], Int) = ([], 0)
            repeat {
                stream.takeAll(into: &batch)
                count += batch.count { $0.action == .signal(number, to: getpid()) }
            } while batch.count == EventStream.batchLimit
            #expect(count == 1)
        }
    }

    /// Flags of mount(2), and whether something is put there; by the kernel's order (fs/namespace.c, path_mount).
    private static let flags: [(flags: UInt, isTold: Bool)] = [
        (0, true), (UInt(MS_BIND), true), (UInt(MS_BIND | MS_REC), true), (UInt(MS_MOVE), true),
        (UInt(MS_BIND | MS_PRIVATE), true), (UInt(MS_BIND | MS_REC | MS_SHARED), true),
        (UInt(MS_PRIVATE), false), (UInt(MS_REC | MS_SLAVE), false), (UInt(MS_SHARED), false),
        (UInt(MS_UNBINDABLE), false), (UInt(MS_MOVE | MS_PRIVATE), false), (UInt(MS_REMOUNT), false),
        (UInt(MS_REMOUNT | MS_BIND), false), (UInt(MS_REMOUNT | MS_BIND | MS_PRIVATE), false),
    ]

    /// The kernel's own filter of the probe of mounts, on a tracepoint with the same field: its flags are in the place of
    /// the probe's device, and its names are empty.
    @Test(.enabled(if: Tracefs.hasSystemCalls, "the kernel has no tracepoints of system calls"))
    func mounts() throws {
        try Tracefs.with { tracefs in
            try TemporaryDirectory.with { directory in
                let id = try String(contentsOfFile: "\(tracefs)/events/syscalls/sys_enter_mount/id", encoding: .utf8)
                let names = (0..<Fetch.placeDepth).map {
                    "\tfield:__data_loc char[] name\($0);\toffset:44;\tsize:4;\tsigned:1;\n"
                }
                try directory.file("kprobe_events", "")
                try directory.file("events/breakoutd/mount/id", id)
                try directory.file(
                    "events/breakoutd/mount/format",
                    "\tfield:u32 device;\toffset:40;\tsize:4;\tsigned:0;\n" + names.joined())
                let stream = try EventStream(stop: try StopSignal(), tracefs: [directory.path])
                for (flags, _) in Self.flags { mount("none", "/nowhere/at/all", "tmpfs", flags, nil) }
                var (batch, told): ([KernelEvent], [UInt]) = ([], [])
                repeat {
                    stream.takeAll(into: &batch)
                    told += batch.filter { $0.pid == getpid() }.compactMap { event in
                        guard case .call(.mount(let place)) = event.action else { return nil }
                        return UInt(place.device.major << 20 | place.device.minor)
                    }
                } while batch.count == EventStream.batchLimit
                #expect(told == Self.flags.filter(\.isTold).map(\.flags))
            }
        }
    }

    /// Whether a probe tells of the daemon's own call, as soon as each CPU listens to it.
    @Test(arguments: ["signal_generate", nil])
    func testedProbe(standIn: String?) throws {
        try Tracefs.with { tracefs in
            try TemporaryDirectory.with { directory in
                let id = try standIn.map {
                    try String(contentsOfFile: "\(tracefs)/events/signal/\($0)/id", encoding: .utf8)
                }
                try directory.file("kprobe_events", "")
                try directory.probes()
                try directory.file("events/\(KernelProbe.tested)/id", id ?? "65000\n")
                let stream = try EventStream(stop: try StopSignal(), tracefs: [directory.path])
                #expect(stream.isProbed == (standIn != nil))
                #expect(stream.gaps.contains { $0.hasPrefix(KernelProbe.tested) } == (standIn == nil))
            }
        }
    }

    /// A record that cannot be read is one that was lost.
    @Test func malformedRecord() throws {
        try Tracefs.with { tracefs in
            try TemporaryDirectory.with { directory in
                let id = try String(contentsOfFile: "\(tracefs)/events/signal/signal_generate/id", encoding: .utf8)
                try directory.file("events/signal/signal_generate/id", id)
                try directory.file(
                    "events/signal/signal_generate/format",
                    TracepointFormatTests.signal.replacing("offset:36", with: "offset:9000"))
                let stream = try EventStream(stop: try StopSignal(), tracefs: [directory.path])
                signal(SIGUSR1, SIG_IGN)
                kill(getpid(), SIGUSR1)
                var batch: [KernelEvent] = []
                let deadline = Deadline(secondsFromNow: 30)
                while try stream.wait(until: deadline, into: &batch) == .events,
                    !batch.contains(where: { $0.action == .lost(1) && $0.pid == 0 && $0.time > 0 })
                {}
                #expect(batch.contains { $0.action == .lost(1) })
                #expect(stream.counts.values.contains { $0.malformed > 0 && $0.lost > 0 })
            }
        }
    }

    @Test func notMounted() throws {
        let stream = try EventStream(stop: try StopSignal(), tracefs: ["/nowhere"])
        #expect(stream.missingTracepoints == ["tracefs": .notMounted(["/nowhere"])])
        #expect(stream.gaps.count == 1 && stream.gaps[0].hasPrefix("tracefs: tracefs is not mounted at /nowhere; "))
        #expect(stream.absences == [] && !stream.isProbed)
    }
}
