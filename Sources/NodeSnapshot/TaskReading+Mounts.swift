import LinuxSystem
import NodeModel
import ProcFS

extension TaskReading {
    /// Reads the mounts of the host and of every other mount namespace that the tasks are in, of the first processes of
    /// containers before others.
    ///
    /// Of the host's are told those that were there before the first of the others was read and after the last: a number
    /// of a device, which ties the others to them, is the next file system's at once where the last one has gone.
    mutating func readMounts(
        _ reader: ProcReader, _ known: KnownMounts, firstProcesses: Set<Int32>, until deadline: Deadline
    ) {
        guard let reference, let host = reference.namespaces[.mount] else { return }
        var tables = MountTableReading(reader, known)
        var text: [UInt8] = []
        do throws(ProcFSError) {
            text = try tables.text(of: reference.pid)
            hostMounts = try tables.mounts(of: host, text)
        } catch {
            tables.note(error, of: reference.pid)
        }
        let first = tasks.filter { $0.isMainThread && firstProcesses.contains($0.pid) }
        tables.read(first + tasks, host: host, until: deadline)
        if !hostMounts.isEmpty {
            do throws(ProcFSError) {
                let later = try tables.text(of: reference.pid)
                if !later.hasBytes(of: text) { hostMounts = hostMounts.lasting(in: try tables.parse(later)) }
            } catch {
                tables.note(error, of: reference.pid)
            }
        }
        mountTables += tables.tables
        for gap in tables.gaps { gaps.add(gap) }
    }

    /// Drops the processes that have ended since they were read, and with them their mount namespace: an older table of it may
    /// be of the time when the runtime built it.
    mutating func dropEnded(_ reader: ProcReader) {
        let known = Set(mountTables.map(\.namespace))
        let ended = tasks.filter { task in
            guard task.isMainThread, let id = task.namespaces[.mount], !known.contains(id),
                id != reference?.namespaces[.mount]
            else { return false }
            guard let stat = try? reader.stat(of: task.pid) else { return true }
            return stat.startTime != task.startTime || stat.state == "Z"
        }
        let pids = Set(ended.map(\.pid))
        tasks.removeAll { pids.contains($0.pid) }
    }
}

extension [Mount] {
    /// Those that are there in a later reading as well, whatever their options are by then.
    func lasting(in later: [Mount]) -> [Mount] {
        let byID = Dictionary(later.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return filter { mount in
            byID[mount.id].map {
                ($0.device, $0.root, $0.mountPoint) == (mount.device, mount.root, mount.mountPoint)
            } ?? false
        }
    }
}
