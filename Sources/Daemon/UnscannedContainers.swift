import NodeModel

/// The containers that a runtime has made, until a scan knows them.
struct UnscannedContainers {
    private struct Entry {
        var started: StartedContainer
        /// In nanoseconds of CLOCK_MONOTONIC.
        var toldAt: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var idOfProcess: [Int32: String] = [:]

    /// Nanoseconds after which a container is forgotten that no scan has seen: its events have been judged by then.
    private static let patience: UInt64 = 20_000_000_000
    private static let limit = 1000

    /// What the runtime's record said of a container before it was started.
    subscript(id: String) -> Container? { entries[id]?.started.container }

    /// The container that a process is the first of, and when that was heard of: who starts later has its number anew.
    func container(ofFirstProcess pid: Int32) -> (started: StartedContainer, toldAt: UInt64)? {
        guard let entry = idOfProcess[pid].flatMap({ entries[$0] }), entry.started.pid == pid else { return nil }
        return (entry.started, entry.toldAt)
    }

    mutating func add(_ started: StartedContainer, at time: UInt64) {
        guard entries.count < Self.limit else { return }
        entries[started.container.id] = Entry(started: started, toldAt: time)
        idOfProcess[started.pid] = started.container.id
    }

    /// Forgets what a scan has that began at a time, but for what was told of while it went on: its events are for the
    /// next one, which may not see it any more.
    mutating func forget(at time: UInt64, where isScanned: (String) -> Bool) {
        entries = entries.filter { id, entry in
            entry.toldAt >= time || !isScanned(id) && time - entry.toldAt < Self.patience
        }
        idOfProcess = idOfProcess.filter { entries[$0.value] != nil }
    }
}
