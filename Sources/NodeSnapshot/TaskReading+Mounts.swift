import Glibc
import LinuxSystem
import NodeModel
import ProcFS

extension TaskReading {
    /// A mount table is some kilobytes; the kernel's own bound (fs.mount-max) is 100,000 mounts.
    static let mountLimit = 4 << 20
    /// A process may make as many namespaces as it likes; a node has some hundreds.
    private static let mountTableLimit = 10_000
    /// Tasks of one namespace may have as many roots as they like.
    private static let rootLimit = 8

    /// A task that shows less than its mount namespace has, and its root by the path from the root of that.
    private struct Viewer {
        var task: Int32
        var root: String
    }

    /// Reads the mounts of the host and of every other mount namespace that the tasks are in.
    ///
    /// A task sees only the mounts below its root (fs/proc_namespace.c, show_mountinfo), which any task may have changed:
    /// one that has the namespace's root is looked for, the first process of a container before others. Where there is
    /// none, what the tasks see is put together.
    ///
    /// Of the host's are told those that were there before the first of the others was read and after the last: a number
    /// of a device, which ties the others to them, is the next file system's at once where the last one has gone.
    mutating func readMounts(_ reader: ProcReader, _ known: KnownMounts, firstProcesses: Set<Int32>) {
        guard let reference, let host = reference.namespaces[.mount] else { return }
        var lists = OptionLists()
        var text: [UInt8] = []
        do throws(ProcFSError) {
            text = try Self.mountText(of: reference.pid, reader)
            hostMounts = try known.mounts(of: host, text) { text throws(ProcFSError) in
                try MountInfo.parse(text, &lists, pause: reader.endSliceIfLong)
            }
        } catch {
            noteMounts(error, of: reference.pid)
        }
        readTables(reader, known, host: host, firstProcesses, &lists)
        guard !hostMounts.isEmpty else { return }
        do throws(ProcFSError) {
            let later = try Self.mountText(of: reference.pid, reader)
            if !later.hasBytes(of: text) {
                hostMounts = hostMounts.lasting(in: try MountInfo.parse(later, &lists, pause: reader.endSliceIfLong))
            }
        } catch {
            noteMounts(error, of: reference.pid)
        }
    }

    private mutating func readTables(
        _ reader: ProcReader, _ known: KnownMounts, host: NamespaceID, _ firstProcesses: Set<Int32>,
        _ lists: inout OptionLists
    ) {
        var seen: Set<NamespaceID> = [host]
        var viewers: [NamespaceID: [Viewer]] = [:]
        let first = tasks.filter { $0.isMainThread && firstProcesses.contains($0.pid) }
        for task in first + tasks where !task.isKernelThread {
            guard let id = task.namespaces[.mount], !seen.contains(id) else { continue }
            if mountTables.count == Self.mountTableLimit {
                gaps.add(.mounts, "more than \(Self.mountTableLimit) mount namespaces", "pid \(task.pid)")
                return
            }
            // The kernel writes the path from the top of the task's mounts on, as the reader's root is not above it.
            let root = reader.rootPath(of: task.tid) ?? "/"
            if root != "/", viewers[id]?.contains(where: { $0.root == root }) == true { continue }
            do throws(ProcFSError) {
                var mounts: [Mount] = []
                if root == "/" {
                    mounts = try known.mounts(of: id, try Self.mountText(of: task.tid, reader)) {
                        text throws(ProcFSError) in
                        try MountInfo.parse(text, &lists, pause: reader.endSliceIfLong)
                    }
                }
                guard mounts.contains(where: { $0.mountPoint == "/" }) else {
                    viewers[id, default: []].append(Viewer(task: task.tid, root: root))
                    continue
                }
                mountTables.append(MountTable(namespace: id, pid: task.tid, mounts: mounts))
            } catch {
                // Another task may still be in the namespace of one that ended.
                if error.isGone { continue }
                noteMounts(error, of: task.tid)
            }
            seen.insert(id)
        }
        for (id, viewers) in viewers.sorted(by: { $0.key < $1.key }) where !seen.contains(id) {
            readParts(of: id, viewers.prefix(Self.rootLimit), reader, &lists)
        }
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

    /// Puts together what tasks with roots of their own see, each mount at its place below the namespace's root.
    private mutating func readParts(
        of namespace: NamespaceID, _ viewers: ArraySlice<Viewer>, _ reader: ProcReader, _ lists: inout OptionLists
    ) {
        var table: MountTable?
        var known: Set<UInt32> = []
        for viewer in viewers {
            do throws(ProcFSError) {
                let text = try Self.mountText(of: viewer.task, reader)
                let mounts = try MountInfo.parse(text, &lists, pause: reader.endSliceIfLong)
                table = table ?? MountTable(namespace: namespace, pid: viewer.task, mounts: [], isPartial: true)
                for var mount in mounts where known.insert(mount.id).inserted {
                    if viewer.root != "/" {
                        mount.mountPoint = viewer.root + (mount.mountPoint == "/" ? "" : mount.mountPoint)
                    }
                    table?.mounts.append(mount)
                }
            } catch {
                noteMounts(error, of: viewer.task)
            }
        }
        if let table { mountTables.append(table) }
    }

    private static func mountText(of task: Int32, _ reader: ProcReader) throws(ProcFSError) -> [UInt8] {
        do throws(ProcFSError) {
            return try reader.file("mountinfo", of: task, limit: mountLimit)
        } catch .system(let error) where error.errorNumber == EINVAL {
            // It has ended and holds no namespaces any more (fs/proc_namespace.c, mounts_open_common).
            throw .system(SystemError(errorNumber: ESRCH, call: error.call, path: error.path))
        }
    }

    private mutating func noteMounts(_ error: ProcFSError, of task: Int32) {
        if !error.isGone { gaps.add(.mounts, "mountinfo: \(error.reason)", "pid \(task)") }
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
