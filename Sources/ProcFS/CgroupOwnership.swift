package import NodeModel

extension CgroupPlacement {
    /// Finds whose the lines of one `/proc/<pid>/cgroup` are.
    ///
    /// Any line may name the container: on cgroup v1 the hierarchies need not agree, and a task that was moved out of
    /// one of them is still in the others.
    package init(_ memberships: [CgroupMembership], reader: ReaderCgroup) {
        var places: [(path: ContainerPath, count: Int)] = []
        var named = 0
        var isUnknown = false
        var last: (path: String, place: ContainerPath)?
        for membership in memberships {
            guard let path = Self.absolute(membership.path, reader) else {
                isUnknown = true
                continue
            }
            if path != "/" { named += 1 }
            // Hierarchies mostly agree: one parse serves them all.
            let place = path == last?.path ? last?.place ?? ContainerPath(path) : ContainerPath(path)
            last = (path, place)
            guard place.containerID != nil || place.podUID != nil else { continue }
            if let index = places.firstIndex(where: { $0.path.containerID == place.containerID }) {
                places[index].count += 1
                places[index].path.podUID = places[index].path.podUID ?? place.podUID
            } else {
                places.append((place, 1))
            }
        }
        let best = places.filter { $0.path.containerID != nil }.max { $0.count < $1.count }
        if let best, let id = best.path.containerID {
            self.init(
                memberships: memberships,
                owner: .container(
                    ContainerPlace(
                        containerID: id, podUID: best.path.podUID, outerContainerIDs: best.path.outerContainerIDs,
                        naming: best.count, elsewhere: named - best.count)))
        } else if let uid = places.compactMap(\.path.podUID).first {
            self.init(memberships: memberships, owner: .pod(uid: uid))
        } else {
            self.init(memberships: memberships, owner: isUnknown ? .unknown : .host)
        }
    }

    /// The path on the host, or `nil` where only the reader's own place could tell.
    private static func absolute(_ path: String, _ reader: ReaderCgroup) -> String? {
        let elements = path.pathComponents()
        let rest = elements.drop { $0 == ".." }
        let ups = elements.count - rest.count
        switch reader {
        case .host:
            return path
        case .unknown:
            // A path that leads out and then names something says whose it is; one that only leads out, or stays
            // below the reader's own place, does not.
            if ups > 0, !rest.isEmpty { return "/" + rest.joined(separator: "/") }
            return ContainerPath(path).containerID == nil ? nil : path
        }
    }
}
