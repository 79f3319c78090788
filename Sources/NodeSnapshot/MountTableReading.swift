import Glibc
import LinuxSystem
import NodeModel
import ProcFS

/// Reads the mounts of every mount namespace that tasks are in, of each pod as many as there is room for.
struct MountTableReading {
    /// A mount table is some kilobytes; the kernel's own bound (fs.mount-max) is 100,000 mounts.
    static let textLimit = 4 << 20
    /// A process may make as many namespaces as it likes; a node has some hundreds.
    private static let tableLimit = 10_000
    /// Tasks of one namespace may have as many roots as they like.
    private static let rootLimit = 8

    private(set) var tables: [MountTable] = []
    private(set) var gaps: [Gap] = []
    private let reader: ProcReader
    private let known: KnownMounts
    private var lists = OptionLists()
    private var budget: MountBudget
    /// The namespaces that are done with.
    private var seen: Set<NamespaceID> = []
    private var viewers: [NamespaceID: [Viewer]] = [:]

    /// A task that shows less than its mount namespace has, and its root by the path from the root of that.
    private struct Viewer {
        var task: Int32
        /// `nil` where it is not known: its mounts have the places that the task sees them at.
        var root: String?
        var payer: String?
    }

    init(_ reader: ProcReader, _ known: KnownMounts, budget: MountBudget = MountBudget()) {
        self.reader = reader
        self.known = known
        self.budget = budget
    }

    /// Reads the tables of the tasks' namespaces but the host's.
    ///
    /// A task sees only the mounts below its root (fs/proc_namespace.c, show_mountinfo), which any task may have changed:
    /// one that has the namespace's root is looked for. Where there is none, what the tasks see is put together.
    mutating func read(_ tasks: [NodeTask], host: NamespaceID, until deadline: Deadline) {
        let payers = reader.cgroups.placements.map(\.owner.payer)
        seen.insert(host)
        for task in tasks where !task.isKernelThread {
            guard let id = task.namespaces[.mount], !seen.contains(id) else { continue }
            if tables.count == Self.tableLimit {
                return gaps.add(.mounts, "more than \(Self.tableLimit) mount namespaces", "pid \(task.pid)")
            }
            if deadline.isPast { return noteLate(task.pid) }
            do throws(ProcFSError) {
                guard try read(id, by: task.tid, for: task.cgroup.flatMap { payers[$0] }) else { continue }
            } catch {
                // Another task may still be in the namespace of one that ended.
                if error.isGone { continue }
                note(error, of: task.tid)
            }
            seen.insert(id)
        }
        for (id, viewers) in viewers.sorted(by: { $0.key < $1.key }) where !seen.contains(id) {
            if deadline.isPast { return noteLate(viewers[0].task) }
            readParts(of: id, viewers.prefix(Self.rootLimit))
        }
    }

    /// - Returns: `false` where the task has not shown all that the namespace has.
    private mutating func read(
        _ namespace: NamespaceID, by task: Int32, for payer: String?
    ) throws(ProcFSError) -> Bool {
        // The kernel writes the path from the top of the task's mounts on, as the reader's root is not above it.
        let root = rootPath(of: task)
        if root == "/" {
            guard let part = try part(of: task, for: payer) else { return true }
            let mounts = try self.mounts(of: namespace, part.text)
            if part.isCut || mounts.contains(where: { $0.mountPoint == "/" }) {
                budget.take(part.size, for: payer)
                tables.append(MountTable(namespace: namespace, pid: task, mounts: mounts))
                return true
            }
        } else if viewers[namespace]?.contains(where: { $0.root == root }) == true {
            return false
        }
        viewers[namespace, default: []].append(Viewer(task: task, root: root, payer: payer))
        return false
    }

    private func rootPath(of task: Int32) -> String? {
        do throws(ProcFSError) {
            return try reader.rootPath(of: task)
        } catch {
            // One that ended shows no mounts either; any other shows perhaps not all.
            return error.isGone ? "/" : nil
        }
    }

    /// Puts together what tasks with roots of their own see, each mount at its place below the namespace's root.
    private mutating func readParts(of namespace: NamespaceID, _ viewers: ArraySlice<Viewer>) {
        var table: MountTable?
        var known: Set<UInt32> = []
        for viewer in viewers {
            do throws(ProcFSError) {
                guard let part = try part(of: viewer.task, for: viewer.payer) else { break }
                budget.take(part.size, for: viewer.payer)
                let mounts = try parse(part.text)
                table = table ?? MountTable(namespace: namespace, pid: viewer.task, mounts: [], isPartial: true)
                for var mount in mounts where known.insert(mount.id).inserted {
                    if let root = viewer.root, root != "/" {
                        mount.mountPoint = root + (mount.mountPoint == "/" ? "" : mount.mountPoint)
                    }
                    table?.mounts.append(mount)
                }
            } catch {
                note(error, of: viewer.task)
            }
        }
        if let table { tables.append(table) }
    }

    /// What there is room for of the mounts that a task sees; `nil` where there is none.
    private mutating func part(of task: Int32, for payer: String?) throws(ProcFSError) -> MountBudget.Part? {
        var part: MountBudget.Part?
        if budget.hasRoom(for: payer) { part = budget.part(of: try text(of: task), for: payer) }
        if part?.isCut ?? true {
            gaps.add(.mounts, "more mounts than are kept of one pod, or of a node", "pid \(task)")
        }
        return part
    }

    /// The mounts that a text says, which may be known from the scan before.
    mutating func mounts(of namespace: NamespaceID, _ text: [UInt8]) throws(ProcFSError) -> [Mount] {
        try known.mounts(of: namespace, text) { text throws(ProcFSError) in try parse(text) }
    }

    mutating func parse(_ text: [UInt8]) throws(ProcFSError) -> [Mount] {
        try MountInfo.parse(text, &lists, pause: reader.endSliceIfLong)
    }

    func text(of task: Int32) throws(ProcFSError) -> [UInt8] {
        do throws(ProcFSError) {
            return try reader.file("mountinfo", of: task, limit: Self.textLimit)
        } catch .system(let error) where error.errorNumber == EINVAL {
            // It has ended and holds no namespaces any more (fs/proc_namespace.c, mounts_open_common).
            throw .system(SystemError(errorNumber: ESRCH, call: error.call, path: error.path))
        }
    }

    mutating func note(_ error: ProcFSError, of task: Int32) {
        if !error.isGone { gaps.add(.mounts, "mountinfo: \(error.reason)", "pid \(task)") }
    }

    private mutating func noteLate(_ task: Int32) {
        gaps.add(.mounts, "mount tables not reached in time", "pid \(task)")
    }
}
