import Checks
import KernelEvents
import LinuxSystem
import Logging
import NodeModel
import ProcFS
import ServiceLifecycle

/// The thread that hears of changes of the node's files; who made them is for the thread of kernel events to judge.
struct NodeFileWatch: Service {
    let root: String
    let owner: CgroupOwner
    let box: FileEventBox
    let status: DaemonStatus
    let counts: CountsBox
    let logger: Logger

    /// Seconds between looks at what is watched.
    private static let period = 5.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(named: "files", stop: stop.stop) {
            do throws(FileWatchError) {
                follow(try FileWatch(Check.watchedPaths, root: root, stop: stop))
            } catch {
                logger.error("No word of changes of the node's files: \(error)")
                status.set(filesFailure: "\(error)")
                stop.wait()
            }
        }
    }

    private func follow(_ watch: FileWatch) {
        if let refusal = watch.refusal {
            logger.error("Changes of the node's files are counted, but nobody tells who makes them: \(refusal)")
        }
        var unwatched: Set<String> = []
        var events: [FileEvent] = []
        while true {
            for (path, error) in watch.unwatched where unwatched.insert(path).inserted {
                logger.warning("Changes of files in \(path) are not heard of: \(error)")
            }
            unwatched.formIntersection(watch.unwatched.keys)
            status.set(filesFailure: failure(of: watch))
            let outcome = watch.wait(until: Deadline(secondsFromNow: Self.period), into: &events)
            box.put(heard(events))
            counts.update { counts in
                counts.lostFileEvents = watch.overflows + watch.malformed + watch.unplaced + box.dropped
                counts.watchedDirectories = watch.directories.count
            }
            if outcome == .stopped { return }
        }
    }

    /// Looks up whose the tasks are while they may still run; many changes are by one.
    private func heard(_ events: [FileEvent]) -> [HeardChange] {
        var owners: [Int32: CgroupPlacement.Owner?] = [:]
        return events.map { event in
            guard let tid = event.tid else { return HeardChange(event: event) }
            let owner = owners[tid] ?? self.owner(tid)
            owners[tid] = owner
            return HeardChange(event: event, owner: owner)
        }
    }

    private func failure(of watch: FileWatch) -> String? {
        if let refusal = watch.refusal { return "nobody tells who changes the node's files: \(refusal)" }
        guard let first = watch.unwatched.min(by: { $0.key < $1.key }) else { return nil }
        return "\(watch.unwatched.count) directories are not watched, such as \(first.key): \(first.value)"
    }
}
