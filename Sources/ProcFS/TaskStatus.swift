package import NodeModel

/// What `/proc/<pid>/status` tells beside `stat` (proc_pid_status(5)).
package struct TaskStatus: Sendable, Equatable {
    package var credentials = TaskCredentials()
    /// The process that the task is a thread of (`Tgid`); `nil` where the line is missing.
    package var process: Int32?
    /// The thread that traces the task; `nil` for none.
    package var tracer: Int32?

    /// Parses the whole file; lines that are not asked for are skipped.
    ///
    /// `Uid` and the capability lines have always been there; `Seccomp` and `NoNewPrivs` depend on kernel and
    /// configuration and stay `nil` where they are missing. The comm in the first line cannot forge a line: the kernel
    /// escapes line breaks there (fs/proc/array.c, proc_task_name).
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(ProcFSError) -> TaskStatus {
        var status = TaskStatus()
        var seen = Seen()
        var cursor = ByteCursor(bytes)
        var line = 0
        while !cursor.isAtEnd {
            line += 1
            switch cursor.current {
            case UInt8(ascii: "U") where cursor.accept("Uid:"):
                guard readUIDs(&cursor, into: &status.credentials) else { throw .malformed(file: "status", line: line) }
                seen.uids = true
            case UInt8(ascii: "C") where cursor.accept("Cap"):
                guard readCapabilities(&cursor, into: &status.credentials, &seen) else {
                    throw .malformed(file: "status", line: line)
                }
            case UInt8(ascii: "N") where cursor.accept("NoNewPrivs:"):
                cursor.skipBlanks()
                guard let value = cursor.decimal(UInt8.self) else { throw .malformed(file: "status", line: line) }
                status.credentials.noNewPrivileges = value != 0
            case UInt8(ascii: "S") where cursor.accept("Seccomp:"):
                cursor.skipBlanks()
                guard let value = cursor.decimal(UInt8.self) else { throw .malformed(file: "status", line: line) }
                status.credentials.seccomp = value
            case UInt8(ascii: "T") where cursor.accept("Tgid:"):
                cursor.skipBlanks()
                guard let value = cursor.decimal(UInt32.self), let process = Int32(exactly: value) else {
                    throw .malformed(file: "status", line: line)
                }
                status.process = process
            case UInt8(ascii: "T") where cursor.accept("TracerPid:"):
                cursor.skipBlanks()
                guard let value = cursor.decimal(UInt32.self), let tracer = Int32(exactly: value) else {
                    throw .malformed(file: "status", line: line)
                }
                status.tracer = tracer == 0 ? nil : tracer
            default: break
            }
            cursor.skipLine()
        }
        guard seen.uids, seen.sets == 0b1111 else { throw .malformed(file: "status", line: line) }
        return status
    }

    /// Which of the lines that must be there were: a cut-off file is not taken for an unprivileged task.
    private struct Seen {
        var uids = false
        var sets: UInt8 = 0
    }

    private static func readUIDs(_ cursor: inout ByteCursor, into credentials: inout TaskCredentials) -> Bool {
        func next() -> UInt32? {
            cursor.skipBlanks()
            return cursor.decimal(UInt32.self)
        }
        guard let real = next(), let effective = next(), let saved = next(), let fileSystem = next(),
            cursor.isAtFieldEnd
        else { return false }
        credentials.realUID = real
        credentials.effectiveUID = effective
        credentials.savedUID = saved
        credentials.fileSystemUID = fileSystem
        return true
    }

    private static func readCapabilities(
        _ cursor: inout ByteCursor, into credentials: inout TaskCredentials, _ seen: inout Seen
    ) -> Bool {
        let field: WritableKeyPath<TaskCredentials, CapabilitySet>
        let bit: UInt8
        if cursor.accept("Inh:") {
            (field, bit) = (\.inheritable, 1)
        } else if cursor.accept("Prm:") {
            (field, bit) = (\.permitted, 2)
        } else if cursor.accept("Eff:") {
            (field, bit) = (\.effective, 4)
        } else if cursor.accept("Bnd:") {
            (field, bit) = (\.bounding, 8)
        } else if cursor.accept("Amb:") {
            (field, bit) = (\.ambient, 0)
        } else {
            return true
        }
        cursor.skipBlanks()
        guard let value = cursor.hexadecimal(), cursor.isAtFieldEnd else { return false }
        credentials[keyPath: field] = CapabilitySet(rawValue: value)
        seen.sets |= bit
        return true
    }
}

/// `/proc/<pid>/uid_map` and `gid_map` (user_namespaces(7)).
package enum IDMapFile {
    /// Parses the whole file; an empty file is a namespace that was given no map yet.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(ProcFSError) -> [IDMapping] {
        var mappings: [IDMapping] = []
        var cursor = ByteCursor(bytes)
        var line = 0
        while !cursor.isAtEnd {
            line += 1
            var numbers: [UInt32] = []
            for _ in 0..<3 {
                cursor.skipBlanks()
                guard let number = cursor.decimal(UInt32.self), cursor.isAtFieldEnd else {
                    throw .malformed(file: "uid_map", line: line)
                }
                numbers.append(number)
            }
            mappings.append(IDMapping(inside: numbers[0], outside: numbers[1], count: numbers[2]))
            cursor.skipLine()
        }
        return mappings
    }
}
