import ContainerRuntime
import KernelEvents
import LinuxSystem
import Logging
import NodeModel
import ProcFS
import ServiceLifecycle

/// The thread that asks for a scan when containers or their logs come and go, and tells of each container before it runs.
struct ContainerWatch: Service {
    let root: String
    let owner: CgroupOwner
    let requests: ScanRequests
    let started: StartedContainers
    let status: DaemonStatus
    let logger: Logger

    /// Where containerd and docker keep the records of running containers, and the kubelet's log tree.
    ///
    /// Those of each of containerd's namespaces come to that: whoever has its socket may make one of any name.
    private static let directories =
        ContainerdTasks.directories.map { "/\($0)" } + ["/var/lib/docker/containers", "/var/log/pods"]
    /// Seconds after a change until the second scan: by then a runtime has started what it made.
    private static let secondLook = 1.0
    /// Seconds between looks for the first process of a container that is being made: from there to its own program a
    /// runtime takes some 10 ms.
    private static let startPeriod = 0.003
    /// Seconds between looks for directories that were not there.
    private static let period = 5.0
    /// Seconds until another attempt where the kernel does not tell.
    private static let retryPeriod = 30.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(named: "containers", stop: stop.stop) {
            repeat {
                do throws(SystemError) {
                    let watch = try DirectoryWatch(Self.directories, root: root, stop: stop)
                    status.set(containersFailure: nil)
                    follow(watch)
                } catch {
                    let failure = "new ones are seen by the next scan only: \(error)"
                    if status.containersFailure != failure { logger.error("Containers: \(failure)") }
                    status.set(containersFailure: failure)
                }
            } while !stop.wait(seconds: Self.retryPeriod)
        }
    }

    private func follow(_ watch: DirectoryWatch) {
        var containers = NewContainers(root: root)
        func watchAllNamespaces() { watch.paths = Self.directories + containers.directories }
        watchAllNamespaces()
        var again: Deadline?
        while true {
            switch watch.wait(until: nextLook(containers, again)) {
            case .stopped: return
            case .change:
                requests.request(.containerChange)
                containers.list()
                watchAllNamespaces()
                again = again ?? Deadline(secondsFromNow: Self.secondLook)
            case .deadline: break
            }
            if again?.isPast == true {
                requests.request(.containerChange)
                again = nil
            }
            started.put(
                containers.take().compactMap { StartedContainer($0, owner: $0.initPID.flatMap(owner.callAsFunction)) })
        }
    }

    private func nextLook(_ containers: borrowing NewContainers, _ again: Deadline?) -> Deadline {
        if containers.isAwaiting { return Deadline(secondsFromNow: Self.startPeriod) }
        return again ?? Deadline(secondsFromNow: Self.period)
    }
}
