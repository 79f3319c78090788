import Checks
package import NodeModel

extension EntryJudgement {
    /// Judges the change of a file by a task, whose owner is as far as it can be known.
    ///
    /// The task is the container's that its cgroup names, or the one in whose mount namespace it is: an operator who
    /// enters a container is told of too. Everybody else on the node may write the node's files.
    package init(of event: FileEvent, by task: LineageTask, in index: NodeIndex) {
        self.init(of: task, Self.container(of: task, in: index)) { task, container in
            guard let container else { return [] }
            return Check.all.compactMap { check in
                check.write?(task, event, container, index).map { Finding(check, $0, in: index) }
            }
        }
    }

    private static func container(of task: LineageTask, in index: NodeIndex) -> Owner {
        if case .container(let place) = task.owner {
            return index.container(place.containerID).map { .known($0) } ?? .unknown
        }
        if let mount = task.namespaces[.mount], let container = index.owner(of: .mount, mount), !index.isVisitor(task) {
            return .known(container)
        }
        // Services have mount namespaces of their own, so one that is nobody's proves nothing.
        return task.owner == .host ? .none : .unknown
    }
}
