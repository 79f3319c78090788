import Checks
import KernelEvents
import LinuxSystem
import Logging
import NodeFiles
import NodeModel
import ProcFS
import ServiceLifecycle

/// The thread that hears of changes of the node's files; who made them is for the thread of kernel events to judge.
struct NodeFileWatch: Service {
    let root: String
    let owner: CgroupOwner
    let process: ThreadProcess
    let box: FileEventBox
    let heardWrites: HeardWrites
    let requests: ScanRequests
    let status: DaemonStatus
    let counts: CountsBox
    let logger: Logger

    /// Seconds between looks at what is watched.
    private static let period = 5.0
    /// Seconds in which an act of a container on a file is to be over.
    private static let settling = 0.02
    /// Seconds between looks at files that are yet to be written.
    private static let unwrittenPeriod = 0.2
    /// Bytes of a file that are read to tell its content; of a longer one a scan tells.
    private static let contentLimit: Int64 = 4 << 20
    /// Seconds until another attempt where the kernel does not tell.
    private static let retryPeriod = 30.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(named: "files", stop: stop.stop) {
            repeat {
                do throws(FileWatchError) {
                    follow(try FileWatch(Check.watchedPaths, root: root, stop: stop))
                } catch {
                    let failure = "no word of their changes: \(error)"
                    if status.filesFailure != failure { logger.error("Node files: \(failure)") }
                    status.set(filesFailure: failure)
                }
            } while !stop.wait(seconds: Self.retryPeriod)
        }
    }

    private func follow(_ watch: FileWatch) {
        var events: [FileEvent] = []
        var unwritten: [HeardChange] = []
        // When everything that waited was last heard, or what was looked at after that, and whether something was lost since.
        var (certainAt, isLossy) = (Clock.monotonicNanoseconds(), false)
        while true {
            let failure = failure(of: watch)
            if failure != status.filesFailure, let failure { logger.warning("Node files: \(failure)") }
            status.set(filesFailure: failure)
            counts.update { $0.watchedDirectories = watch.directories.count }
            let period = unwritten.isEmpty ? Self.period : Self.unwrittenPeriod
            let outcome = watch.wait(until: Deadline(secondsFromNow: period), into: &events)
            let heardAt = watch.drainedAt
            var changes = (unwritten + heard(events)).joined
            if changes.contains(where: \.isUnderWay) {
                // What is opened, written and closed is one act, and its content is there at the end.
                _ = watch.wait(until: Deadline(secondsFromNow: Self.settling), into: &events)
                changes = (changes + heard(events)).joined
            }
            look(at: &changes)
            unwritten = changes.removeUnwritten(at: outcome == .stopped ? nil : Clock.monotonicNanoseconds())
            box.put(changes)
            if isMore(watch.losses) { isLossy = true }
            // The kernel tells of a loss once; until its queue is empty there may be more of them.
            if isLossy { heardWrites.noteLoss(behind: certainAt...max(certainAt, Clock.monotonicNanoseconds())) }
            if watch.isExhausted {
                certainAt = (changes + unwritten).map(\.event.time).reduce(heardAt, min)
                isLossy = false
            }
            if outcome == .stopped { return }
        }
    }

    /// Counts what was lost; whether that is more than before, which a scan is to look for.
    private func isMore(_ losses: [FileLoss: UInt64]) -> Bool {
        var losses = losses
        if box.dropped > 0 { losses[.dropped] = box.dropped }
        let total = losses.values.reduce(0, +)
        let isMore = counts.update { counts in
            defer { counts.lostFileEvents = total }
            return total > counts.lostFileEvents
        }
        guard isMore else { return false }
        requests.request(.unknownWriter)
        let reasons = losses.map { "\($0.key.rawValue), \($0.value) times" }.sorted().joined(separator: "; ")
        logger.warning("Changes of the node's files were lost since the start: \(reasons)")
        return true
    }

    /// Looks up whose the tasks are while they may still run; many changes are by one.
    private func heard(_ events: [FileEvent]) -> [HeardChange] {
        var tasks: [Int32: (owner: CgroupPlacement.Owner?, process: Int32?)] = [:]
        return events.map { event in
            guard let tid = event.tid else { return HeardChange(event: event) }
            let task = tasks[tid] ?? (owner(tid), process(tid))
            tasks[tid] = task
            return HeardChange(event: event, owner: task.owner, process: task.process)
        }
    }

    /// Looks at the files while they are as they were left, and hashes what a container wrote: a cron file may remove itself.
    private func look(at changes: inout [HeardChange]) {
        guard !changes.isEmpty, let node = try? Descriptor.open(root, LinuxFlags.path) else { return }
        var files: [String: FoundFile] = [:]
        for index in changes.indices {
            let path = changes[index].event.path
            let file = files[path] ?? FoundFile(at: path, below: node)
            files[path] = file
            changes[index].file = file
        }
        var hashes: [String: String?] = [:]
        for index in changes.indices where changes[index].isOfContainer {
            let path = changes[index].event.path
            let hash = hashes[path] ?? (try? FileHash.sha256(path, below: node, limit: Self.contentLimit))
            hashes[path] = hash
            changes[index].event.sha256 = hash
        }
    }

    private func failure(of watch: FileWatch) -> String? {
        if let refusal = watch.refusal { return "nobody tells who changes the node's files: \(refusal)" }
        guard let first = watch.unwatched.min(by: { $0.key < $1.key }) else { return nil }
        return "\(watch.unwatched.count) directories are not watched, such as \(first.key): \(first.value)"
    }
}
