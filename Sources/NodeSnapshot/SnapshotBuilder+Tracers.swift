import LinuxSystem
import NodeModel
import ProcFS

extension SnapshotBuilder {
    /// Reads the processes of the node once more of which a thread beside the first is traced, where a container may have done
    /// that.
    ///
    /// A thread tells who traces it, and nobody whom he traces (proc_pid_status(5), TracerPid): each of the node's threads
    /// is asked, which would be too dear for every node.
    func readTraced(_ node: inout Node, until deadline: Deadline) {
        guard options.parts.isSuperset(of: [.threads, .credentials]), node.hasTracers else { return }
        let reading = BoundedWork<TaskReading?>.run(until: deadline) { [options, tasks = node.tasks] in
            guard let reader = try? TaskReading.makeReader(options) else { return nil }
            var traced = TaskReading()
            for task in tasks where task.container == nil && task.isMainThread && !task.isKernelThread {
                do throws(ProcFSError) {
                    if try reader.hasTracedThread(task.pid) { traced.tasks.append(task) }
                } catch {
                    if !error.isGone { traced.gaps.add(.process, "tracers: \(error.reason)", "pid \(task.pid)") }
                }
            }
            return traced
        }
        guard let traced = reading.flatMap({ $0 }) else {
            return node.gaps.add(.timeLimit, "who traces the node's processes was not read in time")
        }
        for gap in traced.gaps { node.gaps.add(gap) }
        if !traced.tasks.isEmpty { _ = readAgain(Set(traced.tasks.map(\.pid)), [], &node, deadline) }
    }
}

extension Node {
    /// Whether a container may trace the node's processes: it sees them, and has the right (ptrace(2)).
    fileprivate var hasTracers: Bool {
        guard let host = host.reference?.namespaces[.pid] else { return false }
        let right = CapabilitySet.named(["SYS_PTRACE"]).set
        return tasks.contains { task in
            guard let container = task.container, task.namespaces[.pid] == host else { return false }
            return containers[container].bundle?.gives(right) ?? true || task.mayUse(anyOf: right)
        }
    }
}
