import Glibc
import LinuxSystem
import NodeModel

/// A tracepoint of the kernel, or a probe that was put into it, that tells what no side record of perf does.
///
/// None of them is on the way of a system call that a busy program makes often: a tracepoint of the `syscalls` group
/// would tax every system call of the node.
struct Tracepoint: Sendable {
    let kind: Kind
    let id: UInt16
    private let decode: Decoder

    /// What a raw record says, by the thread that was running, as this process knows it.
    ///
    /// `nil` where it is about a task whose number this process cannot know.
    typealias Decoder = @Sendable (RawRecord, _ tid: Int32) throws(PerfRecordError) -> KernelEvent.Action?

    /// What is known of a tracepoint before the kernel has described it.
    struct Kind: Sendable {
        /// In tracefs' words.
        let name: String
        /// What the kernel is to tell of, by the fields of the record (Documentation/trace/events.rst, "Event
        /// filtering"); `nil` stands for everything.
        var filter: String?
        /// A kernel without it has nothing that would be missed.
        var isOptional = false
        /// Makes the decoder of records that are as the kernel describes them.
        let decoder: @Sendable (TracepointFormat) throws(TracepointError) -> Decoder
    }

    init(_ kind: Kind, _ format: TracepointFormat) throws(TracepointError) {
        self.kind = kind
        id = format.id
        decode = try kind.decoder(format)
    }

    func action(_ raw: UnsafeRawBufferPointer, by tid: Int32) throws(PerfRecordError) -> KernelEvent.Action? {
        try decode(RawRecord(bytes: raw), tid)
    }
}

/// The tracepoints and probes that this kernel offers, and why it does not offer the others.
struct TracepointSet: Sendable {
    private(set) var offered: [Tracepoint] = []
    private(set) var missing: [String: TracepointError] = [:]
    private let mount: String?

    /// Where tracefs is below the node's root directory: since Linux 4.1, and within debugfs where the system mounts that, as
    /// Amazon Linux 2 does (Documentation/trace/ftrace.rst).
    static func places(below root: String) -> [String] {
        ["sys/kernel/tracing", "sys/kernel/debug/tracing"].map { root.hasSuffix("/") ? root + $0 : "\(root)/\($0)" }
    }

    init() { mount = nil }

    /// Reads what the kernel offers, and puts probes into it where it lets itself be probed.
    init(in places: [String]) {
        mount = places.first { access("\($0)/events", F_OK) == 0 }
        guard let mount else {
            missing["tracefs"] = .notMounted(places)
            return
        }
        for kind in Tracepoint.Kind.all {
            // A kernel without modules has none to load, and nothing is missed.
            if access("\(mount)/events/\(kind.name)", F_OK) == 0 {
                offer(kind, in: mount)
            } else if !kind.isOptional {
                missing[kind.name] = .absent
            }
        }
        guard access("\(mount)/\(KernelProbe.list)", F_OK) == 0 else {
            missing[KernelProbe.list] = .noProbes
            return
        }
        for probe in KernelProbe.all {
            do throws(TracepointError) {
                if try probe.put(in: mount) { offer(probe.kind, in: mount) }
            } catch {
                missing[probe.kind.name] = error
            }
        }
    }

    func offers(_ name: String) -> Bool { offered.contains { $0.kind.name == name } }

    var offersProbes: Bool { KernelProbe.all.contains { offers($0.kind.name) } }

    private mutating func offer(_ kind: Tracepoint.Kind, in mount: String) {
        do throws(TracepointError) {
            offered.append(try Tracepoint(kind, TracepointFormat(in: "\(mount)/events/\(kind.name)")))
        } catch {
            missing[kind.name] = error
        }
    }

    /// Takes the probes out of the kernel again; those that another process listens to stay.
    func removeProbes() {
        guard let mount, access("\(mount)/\(KernelProbe.list)", F_OK) == 0 else { return }
        for probe in KernelProbe.all { probe.remove(from: mount) }
    }

    /// The tracepoint of a raw record, by its first field.
    func tracepoint(of raw: UnsafeRawBufferPointer) -> Tracepoint? {
        guard raw.count >= 2 else { return nil }
        let id = raw.loadUnaligned(as: UInt16.self)
        return offered.first { $0.id == id }
    }
}
