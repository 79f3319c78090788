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
