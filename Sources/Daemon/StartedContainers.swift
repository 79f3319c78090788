import LinuxSystem
import NodeModel
import Synchronization

/// A container that a runtime has made, and whose its first process was by its cgroup when that was heard of.
struct StartedContainer: Sendable, Equatable {
    var container: Container
    var pid: Int32
    /// `nil` where the process has ended by then, or is in a group that is not named like a container, as one that
    /// somebody made through the runtime's socket may be.
    var place: ContainerPlace?

    /// None of the container's own programs runs yet, so its first process is where the runtime has put it.
    ///
    /// - Returns: `nil` where the record names another's process: whoever can write a runtime's records can do that.
    init?(_ container: Container, owner: CgroupPlacement.Owner?) {
        guard let pid = container.initPID else { return nil }
        (self.container, self.pid) = (container, pid)
        switch owner {
        case .container(let place) where place.containerID == container.id: self.place = place
        case .container: return nil
        case .host, .pod, .unknown, nil: place = nil
        }
    }
}

/// Hands the containers that a runtime is about to start from the thread that hears of them to the one that knows the
/// tasks.
final class StartedContainers: Sendable {
    private let containers = Mutex<[StartedContainer]>([])
    private let wake: WakeSignal?

    /// How many wait at most; the others are for the scans.
    private static let limit = 1000

    /// - Parameter wake: given when something was put.
    init(wake: WakeSignal? = nil) { self.wake = wake }

    func put(_ new: [StartedContainer]) {
        guard !new.isEmpty else { return }
        containers.withLock { $0 += new.prefix(Self.limit - $0.count) }
        wake?.wake()
    }

    func take() -> [StartedContainer] {
        containers.withLock { containers in
            defer { containers = [] }
            return containers
        }
    }
}
