/// What the kubelet last told the API of a pod (`v1.PodStatus`).
package struct PodStatus: Sendable, Equatable, Codable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    package var phase: String?
    package var qosClass: String?
    package var podIP: String?
    package var hostIP: String?
    package var startTime: String?
    package var containerStatuses: [ContainerStatus]?
    package var initContainerStatuses: [ContainerStatus]?
    package var ephemeralContainerStatuses: [ContainerStatus]?

    package init() {}
}

/// `v1.ContainerStatus`.
package struct ContainerStatus: Sendable, Equatable, Codable {
    package var name: String?
    /// `RUNTIME://ID`; empty or unset until the container is created.
    package var containerID: String?
    package var imageID: String?
    package var restartCount: Int64?
    package var state: State?
    /// How the container's previous instance ended.
    package var lastState: State?

    package init() {}

    /// `v1.ContainerState`: one member is set.
    package struct State: Sendable, Equatable, Codable {
        package var running: Running?
        package var terminated: Terminated?

        package init() {}
    }

    package struct Running: Sendable, Equatable, Codable {
        package var startedAt: String?

        package init() {}
    }

    package struct Terminated: Sendable, Equatable, Codable {
        package var containerID: String?
        package var exitCode: Int64?
        package var finishedAt: String?

        package init() {}
    }
}
