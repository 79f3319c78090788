import LinuxSystem
package import NodeFiles
package import NodeModel

/// Reads what a baseline is to hold.
package enum BaselineReading {
    /// Every file in the watched places with its hash, and what could not be read.
    package static func read(_ options: SnapshotOptions) -> (baseline: Baseline, gaps: [Gap]) {
        var reading = RecordReading.placedFiles(options, OwnMounts())
        reading.readHashes(root: options.root)
        let baseline = Baseline(
            takenAt: Clock.wallMilliseconds(), node: HostFacts.read(proc: options.proc, root: options.root).name,
            files: reading.files)
        return (baseline, reading.gaps)
    }
}
