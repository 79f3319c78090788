import ContainerRuntime
import LinuxSystem
package import NodeModel
import PodLogs
import ProcFS

/// Reads a node and joins what the readers found into one value.
package struct SnapshotBuilder: Sendable {
    package let options: SnapshotOptions
    /// Asks the Kubernetes API for the pods of this node; `nil` where it is not to be asked.
    private let readAPIPods: (@Sendable () -> APIPods)?

    package init(_ options: SnapshotOptions = SnapshotOptions(), readAPIPods: (@Sendable () -> APIPods)? = nil) {
        self.options = options
        self.readAPIPods = readAPIPods
    }

    /// Reads the whole node.
    ///
    /// What could not be read is in the node's gaps; without any reference there is nothing to compare with, and the
    /// gap says so. No part can hold up the scan longer than its time limit.
    package func build() -> Node {
        let start = Clock.monotonicMicroseconds()
        let deadline = Deadline(secondsFromNow: options.timeLimit)
        var node = Node(host: HostFacts.read(proc: options.proc, root: options.root), parts: options.parts)
        node.takenAt = Clock.wallMilliseconds()
        // Side by side: a record and a process that do not fit together, because a container came or went meanwhile, are
        // looked at again before anything is said of them.
        let containers = BoundedWork { [options, hasPorts = readAPIPods != nil] in
            RecordReading.containers(options, hasPorts: hasPorts, until: deadline)
        }
        let ownMounts = OwnMounts()
        let openTasks = options.parts.contains(.files) ? OpenTasks() : nil
        let tasks = BoundedWork { [options] in
            // Records that hang may cost the order of the mount tables, never the tasks.
            let patience = deadline.half
            return TaskReading.read(options, ownMounts, openTasks, until: deadline) {
                Set((containers.result(until: patience)?.containers ?? []).compactMap(\.initPID))
            }
        }
        let logs = BoundedWork { [options] in
            let sandboxes = containers.result(until: deadline.half)?.containers ?? []
            return RecordReading.podLogs(options, ownMounts, of: sandboxes, until: deadline)
        }
        let files = BoundedWork { [options] in RecordReading.placedFiles(options, ownMounts) }
        let pods = readAPIPods.map { read in BoundedWork { read() } }
        fill(&node, tasks.result(until: deadline))
        let records = containers.result(until: deadline)
        fill(&node, records)
        fill(&node, logs.result(until: deadline))
        // Asked while the rest is read: what starts meanwhile is young, and is looked at again.
        node.apiPods = pods.map { $0.result(until: deadline) ?? APIPods(failure: "no answer in time") }
        join(&node, records)
        readTraced(&node, until: deadline)
        readPathTargets(&node, until: deadline)
        readKernelState(&node, until: deadline)
        readFiles(&node, openTasks, until: deadline)
        readChanges(&node, among: files, until: deadline)
        readSharedFiles(&node, until: deadline)
        node.duration = Clock.monotonicMicroseconds() - start
        return node
    }

    /// The node again after a second look at some of its processes and at every container record.
    ///
    /// - Parameter suspects: the tasks of which, where they have ended, what may go on in their place is looked for.
    package func refresh(_ node: Node, processes: Set<Int32>, suspects: Set<TaskKey> = []) -> Node {
        let start = Clock.monotonicMicroseconds()
        let deadline = Deadline(secondsFromNow: options.timeLimit)
        var node = node
        let processes = readAgain(processes, suspects, &node, deadline)
        node.gaps.removeAll { $0.kind == .bundle }
        let records = BoundedWork.run(until: deadline) { [options, hasPorts = readAPIPods != nil] in
            RecordReading.containers(options, hasPorts: hasPorts, until: deadline)
        }
        fill(&node, records)
        if let readAPIPods {
            node.apiPods = BoundedWork.run(until: deadline, readAPIPods) ?? APIPods(failure: "no answer in time")
        }
        join(&node, records)
        readPathTargets(&node, until: deadline)
        readFiles(&node, of: processes, until: deadline)
        node.duration += Clock.monotonicMicroseconds() - start
        return node
    }

    private func join(_ node: inout Node, _ records: RuntimeReading?) {
        let isLate = records?.gaps.contains { $0.kind == .timeLimit } ?? true
        NodeJoin.join(&node, unreadableRecords: records?.unreadable ?? [], hasAllRecords: !isLate)
    }

    private func fill(_ node: inout Node, _ reading: TaskReading?) {
        guard let reading else {
            node.gaps.add(.timeLimit, "the processes were not read in time", options.proc)
            return
        }
        node.host.reference = reading.reference
        node.host.mounts = reading.hostMounts
        node.host.cgroupVersion = HostFacts.cgroupVersion(reading.hostMounts)
        node.tasks = reading.tasks
        node.cgroups = reading.cgroups
        node.mountTables = reading.mountTables
        node.userNamespaces = reading.userNamespaces
        node.gaps += reading.gaps
        node.endedWhileRead = reading.endedWhileRead
    }

    private func fill(_ node: inout Node, _ reading: RuntimeReading?) {
        guard let reading else {
            node.gaps.add(.timeLimit, "container records were not read in time", options.root)
            return
        }
        node.containers = reading.containers
        node.gaps += reading.gaps
    }

    private func fill(_ node: inout Node, _ reading: PodLogReading?) {
        guard let reading else {
            node.gaps.add(.timeLimit, "the log tree was not read in time", options.root)
            return
        }
        node.podLogs = reading.directories
        node.podLogOddities = reading.oddities
        node.gaps += reading.gaps
    }

    /// Reads processes again, and where a suspect has ended, what may go on in its place: the others of its container, and
    /// those that are new there.
    ///
    /// - Returns: the processes that were read.
    func readAgain(
        _ processes: Set<Int32>, _ suspects: Set<TaskKey>, _ node: inout Node, _ deadline: Deadline
    ) -> Set<Int32> {
        let firstProcesses = Set(node.containers.compactMap(\.initPID))
        let again = BoundedWork<TaskReading?>.run(until: deadline) { [options, node] in
            guard let reader = try? TaskReading.makeReader(options) else { return nil }
            var reading = TaskReading()
            reading.reference = node.host.reference
            reading.tasks = processes.sorted().flatMap { reader.readWholeProcess($0) }
            let alive = Set(reading.tasks.lazy.filter { $0.isExiting != true }.map(\.key))
            let ended = node.tasks.filter { suspects.contains($0.key) && !alive.contains($0.key) }
            if !ended.isEmpty {
                let companions = node.processes(ofContainersOf: ended).subtracting(processes)
                reading.tasks += companions.sorted().flatMap { reader.readWholeProcess($0) }
                let kin = TaskReading.Kinship(
                    to: ended, node.cgroups, host: node.host.reference?.namespaces,
                    parents: Set(ended.flatMap { [$0.pid, $0.parent] }.filter { $0 > 1 }))
                reading.readNewcomers(reader, known: Set(node.tasks.map(\.pid)), kin: kin, until: deadline)
            }
            // A table that was read while the runtime still built the container's root shows the node's own mounts.
            if options.parts.contains(.mounts) {
                reading.readMounts(
                    reader, options.knownMounts, firstProcesses: firstProcesses, until: deadline.half)
                reading.dropEnded(reader)
            }
            reading.cgroups = reader.cgroups.placements
            for gap in reader.gaps { reading.gaps.add(gap) }
            return reading
        }
        guard let reading = again.flatMap({ $0 }) else {
            node.gaps.add(.timeLimit, "no second look at processes in time", options.proc)
            return processes
        }
        // What could not be read the first time either is counted already.
        for gap in reading.gaps where !node.gaps.contains(where: { $0.kind == gap.kind && $0.reason == gap.reason }) {
            node.gaps.append(gap)
        }
        let before = Set(node.tasks.filter { processes.contains($0.pid) }.map(\.pid))
        node.endedWhileRead += before.subtracting(reading.tasks.map(\.pid)).count
        // Tables of both looks are compared with them.
        if !reading.hostMounts.isEmpty { node.host.mounts = node.host.mounts.lasting(in: reading.hostMounts) }
        node.replaceMountTables(reading.mountTables)
        var tasks = reading.tasks
        for index in tasks.indices {
            tasks[index].cgroup = tasks[index].cgroup.map { node.indexOfCgroup(reading.cgroups[$0]) }
        }
        let all = processes.union(tasks.map(\.pid))
        node.tasks.replaceProcesses(all.map { pid in (pid, tasks.filter { $0.pid == pid }) })
        return all
    }
}

extension Node {
    /// Puts newer tables in place of the older ones; a part of the mounts says less than all of them.
    mutating func replaceMountTables(_ tables: [MountTable]) {
        let whole = Set(mountTables.filter { $0.isPartial != true }.map(\.namespace))
        let newer = tables.filter { $0.isPartial != true || !whole.contains($0.namespace) }
        let namespaces = Set(newer.map(\.namespace))
        mountTables.removeAll { namespaces.contains($0.namespace) }
        mountTables += newer
    }

    func processes(ofContainersOf some: [NodeTask]) -> Set<Int32> {
        let containers = Set(some.compactMap(\.container))
        return Set(tasks.lazy.filter { $0.container.map(containers.contains) ?? false }.map(\.pid))
    }

    /// The index of a placement, added when it is new.
    fileprivate mutating func indexOfCgroup(_ placement: CgroupPlacement) -> Int {
        // Whose a placement is may have been settled by a container's record: only the lines name it.
        if let index = cgroups.firstIndex(where: { $0.memberships == placement.memberships }) { return index }
        cgroups.append(placement)
        return cgroups.count - 1
    }
}
