import NodeModel
import ProcFS

/// Finds what "the host" means: the namespaces of the reference process, checked against the kernel's own.
enum HostReference {
    /// The reference, and what was odd about it.
    struct Reading {
        var reference: Host.Reference?
        var gaps: [Gap] = []
    }

    /// Reads the reference process, and kthreadd beside it where this `/proc` has one.
    ///
    /// kthreadd is in the initial namespaces for good (kernel/kthread.c) and can be read where PID 1 answers EACCES; it
    /// is taken for what it is only as a kernel thread with parent 0, since in a PID namespace PID 2 is anything.
    static func read(_ reader: ProcReader, pid: Int32) -> Reading {
        var reading = Reading()
        let kthreadd = readKthreadd(reader)
        do {
            let namespaces = try reader.namespaces(of: pid)
            reading.reference = Host.Reference(pid: pid, namespaces: namespaces)
            // A reference that somebody named is what they say the host is.
            if pid == 1, let kthreadd { compare(namespaces, with: kthreadd, &reading) }
        } catch {
            if pid == 1, let kthreadd {
                reading.reference = Host.Reference(pid: 2, namespaces: kthreadd)
                return reading
            }
            reading.gaps.add(.reference, "pid \(pid): \(error.reason)", "pid \(pid)")
        }
        return reading
    }

    private static func readKthreadd(_ reader: ProcReader) -> NamespaceSet? {
        guard let stat = try? reader.stat(of: 2), stat.isKernelThread, stat.parent == 0 else { return nil }
        return try? reader.namespaces(of: 2)
    }

    private static func compare(_ namespaces: NamespaceSet, with kthreadd: NamespaceSet, _ reading: inout Reading) {
        for kind in NamespaceKind.allCases where kind != .pidForChildren {
            guard namespaces.differs(in: kind, from: kthreadd) else { continue }
            let both = [namespaces[kind], kthreadd[kind]].compactMap { $0?.description }
            reading.gaps.add(
                .referenceDisagreement, "PID 1 is not in the kernel's own namespace",
                "\(kind.rawValue) \(both.joined(separator: ", "))")
        }
    }
}
