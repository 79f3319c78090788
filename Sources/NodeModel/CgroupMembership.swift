/// One line of `/proc/<pid>/cgroup`: where a process sits in one hierarchy (cgroups(7)).
package struct CgroupMembership: Sendable, Equatable, Hashable, Codable {
    /// 0 is the cgroup v2 hierarchy; v1 hierarchies count from 1.
    package var hierarchy: UInt32
    package var controllers: [String]
    package var path: String

    package init(hierarchy: UInt32, controllers: [String], path: String) {
        self.hierarchy = hierarchy
        self.controllers = controllers
        self.path = path
    }
}

/// One distinct content of `/proc/<pid>/cgroup` and what its paths name; many tasks share one.
package struct CgroupPlacement: Sendable, Equatable, Codable {
    package var memberships: [CgroupMembership]
    package var owner: Owner

    package init(memberships: [CgroupMembership], owner: Owner) {
        self.memberships = memberships
        self.owner = owner
    }

    /// What the paths of a placement name.
    package enum Owner: Sendable, Equatable, Codable {
        /// No line names a container or pod: a service, a session or the root.
        case host
        case container(ContainerPlace)
        /// A pod's own group, above those of its containers.
        case pod(uid: String)
        /// The paths are relative to a cgroup namespace whose place on the node is not known.
        case unknown
    }
}

/// A container as cgroup paths name it.
package struct ContainerPlace: Sendable, Equatable, Codable {
    package var containerID: String
    /// As the path gives it: dashed, or 32 hex digits for a static pod; `nil` outside any pod.
    package var podUID: String?
    /// Containers around this one, outermost first: the node of a nested cluster.
    package var outerContainerIDs: [String]
    /// How many hierarchies name this container, and how many name a place other than it or the root.
    package var naming: Int
    package var elsewhere: Int

    package init(
        containerID: String, podUID: String? = nil, outerContainerIDs: [String] = [], naming: Int = 1,
        elsewhere: Int = 0
    ) {
        self.containerID = containerID
        self.podUID = podUID
        self.outerContainerIDs = outerContainerIDs
        self.naming = naming
        self.elsewhere = elsewhere
    }

    /// Fewer hierarchies name the container than name other places: the task was moved out of (or into) one of them.
    package var isMinority: Bool { naming < elsewhere }
}
