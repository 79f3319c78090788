import LinuxSystem
import NodeFiles
import NodeModel

extension SnapshotBuilder {
    /// Compares the files in the watched places with what they were.
    ///
    /// - Parameter work: the look at them that is under way.
    func readChanges(_ node: inout Node, among work: BoundedWork<PlacedFileReading>, until deadline: Deadline) {
        guard options.parts.contains(.nodeFiles), !options.watchedPaths.isEmpty else { return }
        guard let reading = work.result(until: deadline) else {
            return node.gaps.add(.timeLimit, "files of the node were not looked at", options.root)
        }
        for gap in reading.gaps { node.gaps.add(gap) }
        // Nobody in a container changed what was changed before the first one that is there.
        let first = node.tasks.filter { $0.container != nil }.map(\.startTime).min()
        let start = first.map { node.wallTime(ofTick: $0) ?? .max }
        if start == .max { node.gaps.add(.nodeFiles, "the time since boot is not known", options.proc) }
        let search = ChangeSearch(
            root: options.root, baseline: options.baseline, known: options.knownFiles, until: deadline,
            slices: options.slices, podsMayWrite: { [node] in NodeIndex(node).mayWrite($0.map { PathParts($0) }) })
        let earliest = start?.subtractingReportingOverflow(Node.clockDifference).partialValue
        let changes = BoundedWork.run(until: deadline) { [options] in
            search.changes(among: reading, since: earliest, told: options.toldFiles)
        }
        guard let changes else { return node.gaps.add(.timeLimit, "changed files were not read", options.root) }
        node.changedFiles = changes.files.map { file in
            var file = file
            file.isOfNode = options.heardWrites.isOfNode(file) ? true : nil
            return file
        }
        for gap in changes.gaps { node.gaps.add(gap) }
    }
}
