import LinuxSystem
package import NodeModel

/// `/proc/<pid>/net/packet`: the packet sockets of the process' network namespace (net/packet/af_packet.c,
/// packet_seq_show).
package enum PacketSockets {
    /// The inodes of the whole file: `sk RefCnt Type Proto Iface R Rmem User Inode`, the first line names them.
    package static func parse(_ bytes: [UInt8]) throws(ProcFSError) -> [UInt64] {
        try parseTable(bytes, file: "packet") { fields in fields.count == 9 ? UInt64(fields[8]) : nil }
    }
}

/// `/proc/sysvipc/shm`: the shared memory of the reader's IPC namespace, with the processes as the reader numbers them
/// (ipc/shm.c, sysvipc_shm_proc_show).
package enum SharedMemoryTable {
    /// Parses the whole file: `key shmid perms size cpid lpid nattch` and others, the first line names them.
    package static func parse(_ bytes: [UInt8]) throws(ProcFSError) -> [SharedMemory] {
        try parseTable(bytes, file: "shm") { fields in
            guard fields.count >= 14, let key = Int32(fields[0]), let id = Int32(fields[1]),
                let creator = Int32(fields[4]), let lastUser = Int32(fields[5])
            else { return nil }
            return SharedMemory(key: key, id: id, creator: creator, lastUser: lastUser)
        }
    }
}

/// `/proc/<pid>/maps` (proc_pid_maps(5)): what a process has mapped.
package enum MappedFiles {
    /// The inodes and paths of the whole file that are of one file system:
    /// `address perms offset major:minor inode pathname`, the device in hexadecimal digits, a line break in the path as
    /// `\012` (fs/proc/task_mmu.c, show_map_vma).
    package static func parse(_ bytes: [UInt8], on device: DeviceNumber) throws(ProcFSError) -> [UInt64: String] {
        var files: [UInt64: String] = [:]
        let line = bytes.withUnsafeBytes { bytes -> Int? in
            var cursor = ByteCursor(bytes)
            var number = 1
            while !cursor.isAtEnd {
                for _ in 0..<3 { cursor.skipField() }
                guard let major = cursor.hexadecimal(), cursor.accept(":"), let minor = cursor.hexadecimal(),
                    cursor.isAtFieldEnd
                else { return number }
                cursor.skipBlanks()
                guard let inode = cursor.decimal(UInt64.self), cursor.isAtFieldEnd else { return number }
                cursor.skipBlanks()
                let start = cursor.position
                cursor.skipLine()
                if major == UInt64(device.major), minor == UInt64(device.minor) {
                    let path = bytes[start..<cursor.position].prefix { $0 != UInt8(ascii: "\n") }
                    files[inode] = String(escaping: path)
                }
                number += 1
            }
            return nil
        }
        if let line { throw .malformed(file: "maps", line: line) }
        return files
    }
}

/// One value for each line but the first, of fields that blanks separate.
private func parseTable<Row>(
    _ bytes: [UInt8], file: String, _ row: ([Substring]) -> Row?
) throws(ProcFSError) -> [Row] {
    let text = String(decoding: bytes, as: UTF8.self)
    var rows: [Row] = []
    for (number, line) in text.split(separator: "\n").enumerated().dropFirst() {
        guard let value = row(line.split(separator: " ")) else {
            throw .malformed(file: file, line: number + 1)
        }
        rows.append(value)
    }
    return rows
}

/// `/proc/<pid>/fdinfo/<fd>` (proc_pid_fdinfo(5)): lines of a name, a colon, a tab and a value.
package enum DescriptorInfo {
    /// The number behind a name; `nil` where there is no such line, and for a number that is none of the type's.
    package static func number<Number: FixedWidthInteger>(_ name: String, in bytes: some Collection<UInt8>) -> Number? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("\(name):") }
        return line.flatMap { Number($0.dropFirst(name.utf8.count + 1).drop { $0 == "\t" || $0 == " " }) }
    }
}
