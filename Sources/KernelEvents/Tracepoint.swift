import Glibc
import LinuxSystem
import NodeModel

/// A tracepoint of the kernel, of those that tell what no side record of perf does.
///
/// None of them is on the way of a system call that a busy program makes often: a tracepoint of the `syscalls` group
/// would tax every system call of the node.
struct Tracepoint: Sendable {
    let name: Name
    let id: UInt16
    private let layout: Layout

    /// The tracepoints that are listened to, in tracefs' words.
    enum Name: String, CaseIterable {
        /// A process or thread was moved to another cgroup by a write to `cgroup.procs`, `cgroup.threads` or `tasks`.
        case cgroupMove = "cgroup/cgroup_attach_task"
        /// A module of the kernel was loaded.
        case moduleLoad = "module/module_load"
    }

    /// Where the fields are that are read, in bytes from the start of the raw record.
    private enum Layout {
        case cgroupMove(writer: Int, moved: Int, hierarchy: Int, path: Int)
        case moduleLoad(name: Int)
    }

    init(_ name: Name, _ format: TracepointFormat) throws(TracepointError) {
        self.name = name
        id = format.id
        switch name {
        case .cgroupMove:
            layout = .cgroupMove(
                writer: try format.number("common_pid"), moved: try format.number("pid"),
                hierarchy: try format.number("dst_root"), path: try format.text("dst_path"))
        case .moduleLoad:
            layout = .moduleLoad(name: try format.text("name"))
        }
    }

    /// What a raw record of this tracepoint says.
    ///
    /// - Parameter tid: the thread that was running, as this process knows it.
    /// - Returns: `nil` where it is about a task whose number this process cannot know.
    func action(_ raw: UnsafeRawBufferPointer, by tid: Int32) throws(PerfRecordError) -> KernelEvent.Action? {
        switch layout {
        case .cgroupMove(let writer, let moved, let hierarchy, let path):
            let to = CgroupMembership(
                hierarchy: try Self.number(raw, hierarchy), controllers: [], path: try Self.text(raw, path))
            let writer = Int32(truncatingIfNeeded: try Self.number(raw, writer))
            let moved = Int32(truncatingIfNeeded: try Self.number(raw, moved))
            // Numbers in the record are those of the initial PID namespace (task_struct.pid). Where this process is in
            // another one, only a task that moves itself can be told.
            if moved == writer { return .cgroup(thread: tid, to) }
            return writer == tid && moved > 0 ? .cgroup(thread: moved, to) : nil
        case .moduleLoad(let name):
            return .module(try Self.text(raw, name))
        }
    }

    private static func number(_ raw: UnsafeRawBufferPointer, _ offset: Int) throws(PerfRecordError) -> UInt32 {
        guard offset + 4 <= raw.count else { throw .truncated(type: nil, size: raw.count) }
        return raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    /// A text by its location, up to its end or its first 0.
    private static func text(_ raw: UnsafeRawBufferPointer, _ offset: Int) throws(PerfRecordError) -> String {
        let location = try number(raw, offset)
        let (start, count) = (Int(location & 0xFFFF), Int(location >> 16))
        guard start + count <= raw.count else { throw .truncated(type: nil, size: raw.count) }
        return String(escaping: raw[start..<(start + count)].prefix { $0 != 0 })
    }
}

/// The tracepoints that this kernel offers, and why it does not offer the others.
struct TracepointSet: Sendable {
    private(set) var offered: [Tracepoint] = []
    private(set) var missing: [Tracepoint.Name: TracepointError] = [:]

    /// Where tracefs is: since Linux 4.1, and below debugfs where the system mounts that (Documentation/trace/ftrace.rst).
    static let places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]

    init() {}

    init(in places: [String]) {
        let mount = places.first { access("\($0)/events", F_OK) == 0 }
        for name in Tracepoint.Name.allCases {
            do throws(TracepointError) {
                guard let mount else { throw .notMounted(places) }
                let directory = "\(mount)/events/\(name.rawValue)"
                guard access(directory, F_OK) == 0 else {
                    // A kernel without modules has none to load, and nothing is missed.
                    if name == .moduleLoad { continue }
                    throw .absent
                }
                offered.append(try Tracepoint(name, TracepointFormat(in: directory)))
            } catch {
                missing[name] = error
            }
        }
    }

    /// The tracepoint of a raw record, by its first field.
    func tracepoint(of raw: UnsafeRawBufferPointer) -> Tracepoint? {
        guard raw.count >= 2 else { return nil }
        let id = raw.loadUnaligned(as: UInt16.self)
        return offered.first { $0.id == id }
    }
}
