/// How a probe gets at a value when its function is called (Documentation/trace/kprobetrace.rst, "fetch-args").
///
/// Offsets are those of structures that are the same from Linux 4.14 to 6.18, on 64-bit machines and without the lock
/// checks of debug kernels.
struct Fetch: Sendable {
    private let words: String

    #if arch(arm64)
        private static let registers = ["%x0", "%x1", "%x2", "%x3"]
    #else
        private static let registers = ["%di", "%si", "%dx", "%cx"]
    #endif

    /// An argument of the function, counted from 0.
    static func argument(_ index: Int) -> Fetch { Fetch(words: registers[index]) }

    /// What stands so many bytes after where this points to.
    func at(_ offset: Int) -> Fetch { Fetch(words: "+\(offset)(\(words))") }

    func number(_ name: String) -> String { "\(name)=\(words):u32" }

    /// The text that this points to.
    func text(_ name: String) -> String { "\(name)=+0(\(words)):string" }
}

extension Fetch {
    /// `s_dev` of a file system (include/linux/fs.h, struct super_block).
    var deviceOfFileSystem: String { at(16).number("device") }

    /// The same of a mount's file system (include/linux/mount.h, struct vfsmount).
    var deviceOfMount: String { at(8).deviceOfFileSystem }

    /// The same of the file system of a directory or file (include/linux/dcache.h, struct dentry).
    var deviceOfEntry: String { at(104).deviceOfFileSystem }

    /// Where a directory or file is (include/linux/path.h, struct path): its file system's device, its own name, and
    /// those of the directories above it (include/linux/dcache.h, struct dentry).
    var place: [String] {
        let entries = (0..<Self.placeDepth).reduce(into: [at(8)]) { entries, _ in
            entries.append((entries.last ?? self).at(24))
        }
        return [at(0).deviceOfMount]
            + entries.prefix(Self.placeDepth).enumerated().map { $1.at(40).text("name\($0)") }
    }

    /// How many names of a path are read: a record with so many of the longest ones is below the size from which kernels
    /// drop records (include/linux/trace_events.h, PERF_MAX_TRACE_SIZE, 2048 bytes in older ones), and the last fetch
    /// below the longest that they take (kernel/trace/trace_probe.h, MAX_ARGSTR_LEN, 63).
    static let placeDepth = 7
}
