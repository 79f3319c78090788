import NodeModel

extension Check {
    /// One check for each sensitive place: a container mounts it, or something above or below it.
    ///
    /// Reads the mount tables of node and container, and the record for whether it was asked for; without a table, the
    /// record alone. Each mount is told once, under the place that is worth most of those that it is or lies in; one
    /// that only lies above places is a directory of the node, worth as much as the worst of them.
    static let hostPaths: [Check] = SensitivePlace.all.map { place in
        Check(
            Technique(
                id: place.id, title: place.title, class: .exposure, weight: place.writable, attack: ["T1611", "T1610"],
                messageID: place.messageID, reason: "the container mounts a sensitive part of the node's file tree",
                meaning: place.meaning,
                remedy: """
                    Use a volume that Kubernetes manages. If the node's files are needed, mount the smallest directory, \
                    read-only, and refuse hostPath to everybody else: Pod Security level baseline does.
                    """),
            reads: [.bundles, .mounts],
            declares: { request, evidence in request.asksForHostPath(evidence) }
        ) { index in
            index.node.containers.indices.flatMap { container in
                let (programs, others) = programsApart(
                    index.hostPaths(of: container).map(byWorstPath), hasDriver: index.hasDriverHook(container))
                let together = place.id == programPlace ? evidence(ofPrograms: programs, container, index) : nil
                return others.compactMap { mount in evidence(of: mount, for: place, container, index) }
                    + [together].compactMap { $0 }
            }
        }
    }

    /// The mount by the one of its paths that is worth most: a data disk may be mounted at the kubelet's directory, too.
    private static func byWorstPath(_ mount: HostPathMount) -> HostPathMount {
        func worth(_ path: String) -> Int { SensitivePlace.worth(of: path, isWritable: mount.isWritable).rank }
        guard let worst = mount.otherPaths.max(by: { worth($0) < worth($1) }), worth(worst) > worth(mount.path) else {
            return mount
        }
        var mount = mount
        mount.otherPaths = [mount.path] + mount.otherPaths.filter { $0 != worst }
        mount.path = worst
        return mount
    }

    private static func evidence(
        of mount: HostPathMount, for place: SensitivePlace, _ container: Int, _ index: NodeIndex
    ) -> Evidence? {
        // Most mounts meet few places: only the last place, for everything else, has to look at all of them.
        guard place.id == SensitivePlace.all.last?.id || place.relation(PathParts(mount.path)) != nil else {
            return nil
        }
        let reached = reachedPlaces(by: mount)
        guard let worst = reached.first, worst.place.id == place.id else { return nil }
        let names = reached.map(\.place.id)
        let isAbove = place.id == SensitivePlace.all.last?.id
        let below =
            placesElsewhere(of: mount).first { $0.weight == worst.weight }?.path
            ?? (isAbove ? reached.dropFirst().first?.place.path(below: PathParts(mount.path)) : nil)
        let mode = mount.isWritable ? "writable" : "read-only"
        let asked = index.request(of: container)?.hostPath(at: mount.mountPoint)
        let elsewhere = asked.flatMap { asked in
            ([mount.path] + mount.otherPaths).contains { PathParts($0) == PathParts(asked) } ? nil : asked
        }
        var values: [String: EvidenceValue] = [
            "path": .text(mount.path), "mountPoint": .text(mount.mountPoint), "readOnly": .flag(!mount.isWritable),
            "reaches": .list(names),
        ]
        values["volume"] = mount.volumePath.map { .text($0) }
        values["asked"] = elsewhere.map { .text($0) }
        values["otherPaths"] = mount.otherPaths.isEmpty ? nil : .list(mount.otherPaths)
        return Evidence(
            container: container, task: index.processes(of: container).first, declaration: mount.declaration,
            weight: worst.weight, key: mount.mountPoint,
            detail: "\(mount.path) at \(mount.mountPoint), \(mode)"
                + (below.map { ", with \($0) in it" } ?? "")
                + (elsewhere.map { ", where the pod asks for \($0)" } ?? ""),
            values: values)
    }

    /// The places that a mount and what came along below it meet, the one that is worth most first.
    private static func reachedPlaces(by mount: HostPathMount) -> [(place: SensitivePlace, weight: Weight)] {
        let top = PathParts(mount.path)
        var reached: [(place: SensitivePlace, weight: Weight, relation: SensitivePlace.Relation, depth: Int)] = []
        for place in SensitivePlace.all {
            guard let (relation, depth) = place.relation(top) else { continue }
            reached.append((place, place.weight(of: top, isWritable: mount.isWritable), relation, depth))
        }
        // Below a read-only root, /run came along with the runtime's socket in it: that opens all the same.
        let sockets = SensitivePlace.all.filter { $0.id == "host-path-runtime-socket" }
        if let root = reached.firstIndex(where: { $0.place.id == "host-path-root" }),
            mount.submounts.contains(where: { submount in
                sockets.contains { $0.relation(PathParts(submount.path)) != nil }
            })
        {
            reached[root].weight = .rootEquivalent
        }
        let sorted = reached.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.weight.rank != b.weight.rank { return a.weight.rank > b.weight.rank }
            if a.relation != b.relation { return a.relation > b.relation }
            if a.depth != b.depth { return a.depth > b.depth }
            return left.offset < right.offset
        }.map { (place: $0.element.place, weight: $0.element.weight) }
        let other = reached.contains { $0.relation == .inside } ? nil : SensitivePlace.all.last
        let own = other.map { [($0, sorted.first?.weight ?? .minor)] + sorted } ?? sorted
        let elsewhere = placesElsewhere(of: mount).map { (place: $0.place, weight: $0.weight) }
        guard let first = own.first, let worst = elsewhere.first, worst.weight.rank > first.weight.rank else {
            return own
        }
        return [(first.place, worst.weight)] + own.dropFirst() + elsewhere
    }

    private struct PlaceElsewhere {
        var place: SensitivePlace
        var weight: Weight
        var path: String
    }

    /// The places below a mount that the node has elsewhere, the one that is worth most first: what came along, such as
    /// its `/` bound below the mounted directory, and what is a part of a mounted disk.
    private static func placesElsewhere(of mount: HostPathMount) -> [PlaceElsewhere] {
        let top = PathParts(mount.path)
        let parts = mount.placesOfParts.map { (path: $0, isWritable: mount.isWritable) }
        let below = mount.submounts.flatMap { submount in
            ([submount.path] + submount.placesOfParts).map { (path: $0, isWritable: submount.isWritable) }
        }
        var found: [PlaceElsewhere] = []
        for elsewhere in below + parts {
            let path = PathParts(elsewhere.path)
            guard !top.contains(path) else { continue }
            for place in SensitivePlace.all where place.relation(path)?.relation == .inside {
                let weight = place.weight(of: path, isWritable: elsewhere.isWritable)
                found.append(PlaceElsewhere(place: place, weight: weight, path: elsewhere.path))
            }
        }
        return found.sorted { $0.weight.rank > $1.weight.rank }
    }

    /// A read-only mount of the node's tree that brought writable mounts along.
    ///
    /// `readOnly` of a volume mount is not recursive: file systems mounted below stay writable
    /// (mount_setattr(2), MOUNT_ATTR_RDONLY without AT_RECURSIVE). recursiveReadOnly closes it.
    static let hostPathWritableSubmount = Check(
        Technique(
            id: "host-path-writable-submount", title: "Has writable mounts below a read-only one", class: .exposure,
            weight: .partial, attack: ["T1611"], messageID: "62d5453ad57a69a8e3d88186857358f9",
            reason: "below a read-only mount of the node's tree, other mounts are writable",
            meaning: """
                The pod asks for a read-only view of the node and does not get one: what is mounted below, such as /run, \
                /dev or a second disk, can be written.
                """,
            remedy:
                "Mount the smallest directory that is needed, or set recursiveReadOnly (Kubernetes 1.33, Linux 5.12)."),
        reads: [.bundles, .mounts],
        declares: { request, evidence in request.asksForHostPath(evidence) }
    ) { index in
        index.node.containers.indices.flatMap { container in
            index.hostPaths(of: container).compactMap { mount in
                let open = mount.submounts.filter(\.isWritable)
                guard !mount.isWritable, let first = open.first else { return nil }
                var values: [String: EvidenceValue] = [
                    "path": .text(mount.path), "otherPaths": .list(mount.otherPaths),
                    "mountPoint": .text(mount.mountPoint), "readOnly": .flag(true),
                    "count": .number(Int64(open.count)),
                    "writable": .list(open.prefix(5).map(\.mountPoint)),
                ]
                values["volume"] = mount.volumePath.map { .text($0) }
                return Evidence(
                    container: container, task: index.processes(of: container).first, declaration: mount.declaration,
                    key: mount.mountPoint,
                    detail: "\(first.path) at \(first.mountPoint)"
                        + (open.count > 1 ? " and \(open.count - 1) more" : "") + ", below \(mount.mountPoint)",
                    values: values)
            }
        }
    }
}

extension PodRequest {
    /// The same of what a check saw.
    fileprivate func asksForHostPath(_ evidence: Evidence) -> Bool? {
        guard case .text(let path)? = evidence.values["path"], !evidence.isOfHooks else { return nil }
        var paths = [path]
        if case .list(let others)? = evidence.values["otherPaths"] { paths += others }
        return asksForHostPath(
            paths, isWritable: evidence.values["readOnly"] == .flag(false),
            isVolume: evidence.values["volume"] != nil, at: evidence.key)
    }
}

extension Weight {
    var rank: Int {
        switch self {
        case .action: 4
        case .rootEquivalent: 3
        case .partial: 2
        case .minor: 1
        case .runnableResidue, .inertResidue: 0
        }
    }
}
