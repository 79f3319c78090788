import CTestSupport
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import KernelEvents

/// 1 and above forbid the whole node to whoever has no capability.
private let paranoidLevel: Int = {
    guard let bytes = try? BoundedFile.read(path: "/proc/sys/kernel/perf_event_paranoid", limit: 64) else { return -1 }
    return Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)) ?? -1
}()

@Suite(.enabled(if: isRoot, "listening to the whole node needs root"))
struct EventStreamSetUpTests {
    /// Opens the rings of the CPUs in a list.
    private func stream(_ directory: TemporaryDirectory, _ online: String) throws -> EventStream {
        try directory.file("online", online)
        return try EventStream(stop: try StopSignal(), processors: directory.path)
    }

    @Test(.enabled(if: paranoidLevel >= 1, "kernel.perf_event_paranoid lets everybody listen"))
    func refused() throws {
        let stop = try StopSignal()
        let result = try WithoutCapabilities.run { () -> KernelEventsError? in
            do throws(KernelEventsError) {
                _ = try EventStream(stop: stop)
                return nil
            } catch {
                return error
            }
        }
        #expect(result == .refused(SystemError(errorNumber: EACCES, call: "perf_event_open", path: "cpu0")))
    }

    static let sizes = [
        (1, 4096), (4096, 4096), (4097, 8192), (262_144, 262_144), (Int.max, 16 << 20), (-1, 4096),
    ]

    @Test(arguments: sizes)
    func ringSize(wanted: Int, rounded: Int) {
        var options = EventStream.Options()
        options.ringSize = wanted
        #expect(options.roundedRingSize == max(rounded, Int(getpagesize())))
    }

    /// A CPU that is online by the list and has no ring is a gap, for as long as it has none.
    @Test func unwatchedProcessor() throws {
        try TemporaryDirectory.with { directory in
            let stream = try stream(directory, "0,4095\n")
            #expect(stream.unwatched.keys.sorted() == [4095])
            #expect(stream.gaps.last?.hasPrefix("CPU 4095: ") == true)
            try directory.file("online", "0\n")
            try stream.followProcessors()
            #expect(stream.unwatched.isEmpty && stream.gaps.last?.hasPrefix("CPU") != true)
        }
    }

    @Test func processorsComeAndGo() throws {
        try TemporaryDirectory.with { directory in
            let stream = try stream(directory, "0\n")
            #expect(stream.counts.keys.sorted() == [0])
            try directory.file("online", "0-1\n")
            #expect(try stream.followProcessors() == EventStream.ProcessorChange(came: [1], went: []))
            #expect(try stream.followProcessors() == EventStream.ProcessorChange(came: [], went: []))
            try directory.file("online", "1\n")
            // The ring of a CPU that has gone is kept until it is read.
            var went: [UInt32] = []
            var events: [KernelEvent] = []
            let deadline = Deadline(secondsFromNow: 30)
            while went.isEmpty, !deadline.isPast {
                _ = try stream.wait(until: Deadline(secondsFromNow: 0), into: &events)
                went = try stream.followProcessors().went
            }
            #expect(went == [0])
            #expect(stream.counts.keys.sorted() == [0, 1])
        }
    }

    /// A CPU that went offline and came back between two calls has let go of its ring, as a switch of the ring's does.
    @Test func processorThatCameBack() throws {
        try TemporaryDirectory.with { directory in
            let stream = try stream(directory, "0\n")
            let none = EventStream.ProcessorChange(came: [], went: [])
            #expect(try stream.followProcessors() == none)
            let silenced = try #require(stream.sources.first)
            #expect(test_disable_event(silenced.ring.descriptor) == 0)
            // It has counted on since the last call.
            #expect(try stream.followProcessors() == none)
            var change = try stream.followProcessors()
            #expect(change.came == [0])
            var events: [KernelEvent] = []
            let deadline = Deadline(secondsFromNow: 30)
            while change.went.isEmpty, !deadline.isPast {
                _ = try stream.wait(until: Deadline(secondsFromNow: 0), into: &events)
                change = try stream.followProcessors()
            }
            #expect(change.went == [0])
            #expect(stream.sources.count == 1 && stream.sources.first !== silenced)
            #expect(try stream.followProcessors() == none)
        }
    }

    /// What takes a descriptor, or the list itself, away from a stream that works takes no event from it.
    @Test(arguments: [nil, "all\n"])
    func listThatCannotBeRead(text: String?) throws {
        try TemporaryDirectory.with { directory in
            let stream = try stream(directory, "0\n")
            let path = "\(directory.path)/online"
            #expect(unlink(path) == 0)
            if let text { try directory.file("online", text) }
            let none = EventStream.ProcessorChange(came: [], went: [])
            #expect(try stream.followProcessors() == none)
            let reason =
                text == nil
                ? "\(SystemError(errorNumber: ENOENT, call: "fstatat", path: "online"))"
                : "the list of CPUs that are online cannot be read"
            #expect(stream.gaps.last == "CPUs that come online: \(reason)")
            #expect(stream.counts.keys.sorted() == [0])
            try directory.file("online", "0\n")
            #expect(try stream.followProcessors() == none)
            #expect(stream.gaps.last?.hasPrefix("CPUs") != true)
        }
    }

    @Test func processorThatIsNotThere() throws {
        try TemporaryDirectory.with { directory in
            let stream = try stream(directory, "0,8000\n")
            #expect(stream.unwatched.keys.sorted() == [8000])
            #expect(stream.counts.keys.sorted() == [0])
            #expect(throws: KernelEventsError.self) { try self.stream(directory, "8000\n") }
            #expect(throws: KernelEventsError.malformedProcessorList) { try self.stream(directory, "all\n") }
        }
    }
}

/// Work on a thread that may do nothing that needs a capability.
private enum WithoutCapabilities {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    static func run<Result>(_ body: @escaping () -> Result) throws -> Result {
        var result: Result?
        try withoutActuallyEscaping({ result = body() }) { body in
            let work = Work(body)
            let isDone = test_without_capabilities(
                { argument in
                    guard let argument else { return }
                    Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().body()
                }, Unmanaged.passUnretained(work).toOpaque())
            try #require(isDone)
        }
        return try #require(result)
    }
}
