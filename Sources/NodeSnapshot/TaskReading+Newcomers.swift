import LinuxSystem
import NodeModel
import ProcFS

extension TaskReading {
    /// What ties a new process to others: it is in the cgroup of their container or in their mount namespace, or has the
    /// parent that they had.
    struct Kinship {
        private let cgroups: Set<[CgroupMembership]>
        private let mounts: Set<NamespaceID>
        private let parents: Set<Int32>

        /// - Parameters:
        ///   - tasks: of containers and others, which do not count for what they share with the host.
        ///   - parents: of those whose children count.
        init(to tasks: [NodeTask], _ placements: [CgroupPlacement], host: NamespaceSet?, parents: Set<Int32> = []) {
            let owned = Set(tasks.compactMap(\.cgroup)).map { placements[$0] }.filter {
                $0.owner != .host && $0.owner != .unknown
            }
            cgroups = Set(owned.map(\.memberships))
            mounts = Set(tasks.compactMap { $0.namespaces[.mount] }.filter { $0 != host?[.mount] })
            self.parents = parents
        }

        fileprivate func includes(_ task: NodeTask, _ placement: CgroupPlacement?) -> Bool {
            parents.contains(task.parent) || task.namespaces[.mount].map(mounts.contains) ?? false
                || placement.map { cgroups.contains($0.memberships) } ?? false
        }
    }

    /// How often processes are listed again.
    private static let newcomerRounds = 3

    /// Reads the processes that are not among the known ones and are kin to some, with their parents; and once more where
    /// some ended while they were read: one that forks and ends within milliseconds is met right after a listing only.
    ///
    /// Containers that were started meanwhile are none of this look.
    mutating func readNewcomers(
        _ reader: ProcReader, known: Set<Int32>, kin: Kinship, until deadline: Deadline
    ) {
        var known = known
        var found: [NodeTask] = []
        for _ in 0..<Self.newcomerRounds {
            let ended = reader.endedWhileRead
            do throws(ProcFSError) {
                for pid in try reader.processIDs() where known.insert(pid).inserted {
                    if deadline.isPast { return gaps.add(.timeLimit, "new processes not reached", "pid \(pid)") }
                    found += reader.readProcess(pid) { Self.isForeign($0, $1, reference?.namespaces) }
                }
            } catch {
                return gaps.add(.process, "new processes: \(error.reason)")
            }
            if reader.endedWhileRead == ended { break }
        }
        let placements = reader.cgroups.placements
        var wanted = Set(found.filter { kin.includes($0, $0.cgroup.map { placements[$0] }) }.map(\.pid))
        // A child may be listed before its parent.
        for _ in 0..<4 { wanted.formUnion(found.filter { wanted.contains($0.pid) }.map(\.parent)) }
        tasks += found.filter { wanted.contains($0.pid) }
        tasks.sortByProcess()
    }
}
