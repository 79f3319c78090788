import LinuxSystem

/// The fields of `/proc/<pid>/stat` that a node needs (proc_pid_stat(5)).
package struct TaskStat: Sendable, Equatable {
    package let pid: Int32
    /// Bytes that are no UTF-8 are written `\xNN`.
    package let comm: String
    package let state: Character
    package let parent: Int32
    /// PF_* bits (include/linux/sched.h).
    package let flags: UInt32
    /// How many threads the process has; 0 for one that has ended and was not waited for.
    package let threadCount: UInt32
    /// Clock ticks after boot.
    package let startTime: UInt64

    /// PF_EXITING (include/linux/sched.h): the task has begun to end; it stays so as a zombie.
    package var isExiting: Bool { flags & 0x4 != 0 }

    /// PF_KTHREAD.
    package var isKernelThread: Bool { flags & 0x0020_0000 != 0 }

    /// Parses the whole file.
    ///
    /// The comm stands between the first `(` and the last `)` of the whole file, not of a line: a task may put
    /// brackets, blanks and line breaks into it (prctl(2), PR_SET_NAME).
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(ProcFSError) -> TaskStat {
        var cursor = ByteCursor(bytes)
        guard let pid = cursor.decimal(UInt32.self), cursor.accept(" ("),
            let close = bytes.lastIndex(of: UInt8(ascii: ")")), close >= cursor.position
        else { throw .malformed(file: "stat", line: 1) }
        let comm = UnsafeRawBufferPointer(rebasing: bytes[cursor.position..<close])
        cursor = ByteCursor(bytes, at: close + 1)
        cursor.skipBlanks()
        guard let state = cursor.current else { throw .malformed(file: "stat", line: 1) }
        cursor.skipField()
        guard let parent = cursor.decimal(UInt32.self) else { throw .malformed(file: "stat", line: 1) }
        for _ in 4..<9 { cursor.skipField() }
        guard let flags = cursor.decimal(UInt32.self) else { throw .malformed(file: "stat", line: 1) }
        for _ in 9..<20 { cursor.skipField() }
        guard let threads = cursor.decimal(UInt32.self) else { throw .malformed(file: "stat", line: 1) }
        for _ in 20..<22 { cursor.skipField() }
        guard let startTime = cursor.decimal(UInt64.self), cursor.isAtFieldEnd else {
            throw .malformed(file: "stat", line: 1)
        }
        return TaskStat(
            pid: Int32(truncatingIfNeeded: pid), comm: String(escaping: comm), state: Character(UnicodeScalar(state)),
            parent: Int32(truncatingIfNeeded: parent), flags: flags, threadCount: threads,
            startTime: startTime)
    }
}
