package import NodeModel

extension Check {
    /// The files of the node that a scan has to look at for these checks.
    package static let scannedPaths: [WatchedPath] = NodeFilePlace.all.flatMap(\.paths)

    /// One check for each kind of node files: one of them is not as it was.
    ///
    /// What is not as the recorded baseline has it, or a program not as its package has it, is told of, with the pods that
    /// could have written it, if any. Of other files without a baseline, and of what is made anew at each start of the node,
    /// only one that was changed while a pod ran that can write there is: that time is the clock's at the change (inode(7),
    /// ctime), which nobody can set but by setting the clock (CAP_SYS_TIME). One that is as the node's packages have it is
    /// none, and of what the daemon heard the node's own programs do no pod is named.
    static let nodeFilesChanged: [Check] = NodeFilePlace.all.map { place in
        Check(
            Technique(
                id: place.changedID, title: "Left \(place.subject) changed", class: .residue,
                weight: place.weight == .action ? .runnableResidue : .inertResidue, attack: place.attack,
                messageID: place.changedMessageID,
                reason: "files that the node acts on were changed, by a pod as far as is known or against the baseline",
                meaning: place.meaning,
                remedy: """
                    Look at the file without running it, and at the pods that could have written it; put it right, and \
                    take away their hostPath or mount it read-only. If the node is meant to have it, record that \
                    (`breakoutd baseline`).
                    """),
            reads: [.nodeFiles, .bundles, .mounts],
            declares: { request, evidence in request.asksForWritableHostPath(over: evidence.key) },
            tellsOfNodeFile: place.writtenMessageID != nil
        ) { index in
            // Whose work it is was said when it was told.
            let files = (index.node.changedFiles ?? []).filter { file in
                file.basis != .told && place.isFirst(of: file.path)
                    && !place.livePaths.contains { $0.covers(file.path) }
            }
            guard !files.isEmpty else { return [] }
            let reaches = index.reaches
            return files.compactMap { file in
                let writers = file.isOfNode == true ? [] : index.writers(of: file, among: reaches)
                return evidence(of: file, place, writers, index)
            }
        }
    }

    private static func evidence(
        of file: ChangedFile, _ place: NodeFilePlace, _ writers: [NodeIndex.Reach], _ index: NodeIndex
    ) -> Evidence? {
        let isKnownToDiffer = [.baseline, .package].contains(file.basis)
        if !isKnownToDiffer, place.needsBaseline || writers.isEmpty { return nil }
        if file.now == nil, !place.tellsRemoval { return nil }
        if file.now?.kind == .regular, !place.tellsRegularFile { return nil }
        let writer = writers.first
        var pods: [String] = []
        for name in writers.map({ index.tenant(of: $0.container) }) where !pods.contains(name) { pods.append(name) }
        return Evidence(
            container: writer?.container, task: writer.flatMap { index.processes(of: $0.container).first },
            declaration: writer.map { index.declaration(of: $0, file) } ?? .undeclared,
            // Nobody in a pod that is there can have done it: most often somebody of the node did.
            weight: writer == nil ? .inertResidue : nil, key: file.path,
            detail: file.summary + (writer.map { "; \($0.summary(of: pods))" } ?? ""),
            values: file.values.merging(["pods": .list(Array(pods.prefix(10)))]) { first, _ in first })
    }
}

extension NodeIndex {
    /// Who could have changed a file, those first that were given the least beside it.
    fileprivate func writers(of file: ChangedFile, among reaches: [Reach]) -> [Reach] {
        let path = PathParts(file.path)
        let above = reaches.filter { $0.path.contains(path) }
        var nearest: [Int: Reach] = [:]
        for reach in above where reach.isWritable && !above.contains(where: { $0.covers(path, of: reach) }) {
            let known = nearest[reach.container]?.path.parts.count ?? -1
            if reach.path.parts.count > known { nearest[reach.container] = reach }
        }
        return nearest.values.filter { ran($0.container, before: file) }.sorted {
            ($1.path.parts.count, $0.rank, $0.container) < ($0.path.parts.count, $1.rank, $1.container)
        }
    }

    /// A pod that was started after a change did not make it; what is not known does not excuse it.
    private func ran(_ container: Int, before file: ChangedFile) -> Bool {
        guard file.basis != .owner, let changed = file.now?.changed, let began = began(podOf: container) else {
            return true
        }
        return changed >= began.subtractingReportingOverflow(Node.clockDifference).partialValue
    }

    /// When the pod of a container was started, in nanoseconds since 1970-01-01 UTC; `nil` where nothing tells.
    ///
    /// Tasks and records are read one after the other, so that a pod of which no task was seen either was being started or
    /// had just ended: that it has written nothing is no more sure than that it runs. When it began its sandbox's record
    /// tells, which is made first; a container's own may be of a later start.
    private func began(podOf container: Int) -> Int64? {
        if let start = start(ofPodOf: container) { return node.wallTime(ofTick: start) }
        let first = podOfContainer[container].map { pods[$0].sandbox } ?? container
        return first.flatMap { node.containers[$0].recordedAt }
    }

    fileprivate func declaration(of reach: Reach, _ file: ChangedFile) -> Declaration {
        reach.initContainer == nil ? declaresWriting(file.path, reach.container) : .declared
    }

    fileprivate func tenant(of container: Int) -> String {
        podOfContainer[container].map { pods[$0].identity.displayName } ?? node.containers[container].id
    }
}

extension NodeIndex.Reach {
    /// Who runs is more likely to have done it than who has ended.
    fileprivate var rank: Int { initContainer == nil ? 0 : 1 }

    /// By what it could be written, and by whom else.
    fileprivate func summary(of pods: [String]) -> String {
        let others = pods.count > 1 ? ", and in \(pods.count - 1) other pods" : ""
        guard let mountPoint else { return "the container has a task in the node's tree\(others)" }
        let place = initContainer.map { "in init container \($0), which has ended" } ?? "in the container"
        return "writable at \(mountPoint) \(place)\(others)"
    }
}

extension ChangedFile {
    /// What is different, in words.
    private var differences: [String] {
        guard let recorded else { return [] }
        return now?.differences(from: recorded) ?? []
    }

    private var change: String {
        if now == nil { return "removed" }
        switch basis {
        case .baseline: return recorded == nil ? "new" : "changed"
        case .package: return "not-as-packaged"
        case .time, .told: return "written"
        case .owner: return "foreign-owner"
        }
    }

    /// What its mode gives, where its content is its package's: the lists of dpkg have no modes.
    private var contentOfPackage: String? {
        guard hasContentOfPackage == true, let now else { return nil }
        let rights: [(bits: UInt32, words: String)] = [
            (0o4000, "runs as its owner"), (0o2000, "runs as its group"), (0o022, "can be written by others"),
        ]
        let given = rights.filter { now.permissions & $0.bits != 0 }.map(\.words).joined(separator: " and ")
        return "has its package's content and \(given), which the package database does not tell"
    }

    fileprivate var summary: String {
        var parts: [String] = []
        switch change {
        case "removed": parts.append("\(path) is gone since the baseline")
        case "new": parts.append("\(path) is not in the baseline")
        case "changed": parts.append("\(path) is not as in the baseline: \(differences.joined(separator: ", "))")
        case "not-as-packaged": parts.append("\(path) \(contentOfPackage ?? "is not as its package has it")")
        case "written": parts.append("\(path) was changed while the pod ran")
        default: parts.append("\(path) belongs to uid \(now?.uid ?? 0)")
        }
        if let now, now.kind != .regular {
            parts.append(now.target.map { "leads to \($0)" } ?? "is a \(now.kind.rawValue)")
        }
        if let sha256 = now?.sha256 { parts.append("sha256 \(sha256)") }
        if isOfPackage == true, basis != .package { parts.append(contentOfPackage ?? "not as its package has it") }
        return parts.joined(separator: ", ")
    }

    fileprivate var values: [String: EvidenceValue] {
        var values: [String: EvidenceValue] = ["path": .text(path), "change": .text(change)]
        values["differences"] = differences.isEmpty ? nil : .list(differences)
        values["sha256"] = now?.sha256.map { .text($0) }
        values["recordedSha256"] = recorded?.sha256.map { .text($0) }
        values["target"] = now?.target.map { .text($0) }
        values["ofPackage"] = isOfPackage.map { .flag($0) }
        values["contentOfPackage"] = hasContentOfPackage.map { .flag($0) }
        if let now {
            values["kind"] = .text(now.kind.rawValue)
            values["size"] = .number(now.size)
            // Milliseconds since 1970-01-01 UTC.
            values["changedAt"] = .number(now.changed / 1_000_000)
            values["uid"] = .number(Int64(now.uid))
            values["mode"] = .text("0" + String(now.permissions, radix: 8))
        }
        return values
    }
}

extension Check {
    /// How many of some paths belong to each kind of files that is scanned, in the order of the kinds' table.
    package static func scannedFiles(of paths: [String]) -> [(subject: String, count: Int)] {
        var counts: [String: Int] = [:]
        for path in paths {
            let place = NodeFilePlace.all.first { place in place.everyPath.contains { $0.covers(path) } }
            if let place { counts[place.id, default: 0] += 1 }
        }
        return NodeFilePlace.all.map { ($0.subject, counts[$0.id] ?? 0) }
    }
}
