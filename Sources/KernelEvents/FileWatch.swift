import CLinux
import Glibc
package import LinuxSystem
package import NodeModel

/// Tells of changes of files of the node, and who made them where the kernel says so.
///
/// For one thread; only the stop signal may be used by others. Each directory is watched by the best means that kernel
/// and file system have. All are looked for again now and then, and whenever a directory came, went or was renamed: what
/// is marked already stays so, and what has replaced it is marked too. What was moved away counts on as what it was, until
/// it is gone. What happens in a new directory before it is marked is not told, only that it was made.
package final class FileWatch {
    let paths: [WatchedPath]
    let root: Descriptor
    private let stop: StopSignal
    private let means: Set<Means>
    var named: FanotifyGroup?
    var plain: FanotifyGroup?
    var inotify: InotifyQueue?
    var interests: [String: WatchedDirectories.Interest] = [:]
    var plainPaths: [String] = []
    /// What is marked, where it is.
    var places: [Mark: WatchedDirectories.Place] = [:]
    /// What was marked and moved away, or covered by something else, where it was.
    var moved: [Mark: WatchedDirectories.Place] = [:]
    var nextRefresh = Deadline(secondsFromNow: 0)

    /// How the changes in a directory are heard of, the best first.
    package enum Means: Sendable, CaseIterable {
        /// All of them, and who made them.
        case names
        /// Writes, and who made them; of what comes, goes and is renamed, not by whom.
        case descriptors
        /// Not by whom.
        case unnamed
    }

    /// What the kernel names a directory by in its events.
    enum Mark: Hashable {
        case id(DirectoryID)
        case watch(Int32)
    }

    /// Events that are taken from a queue before the others have their turn, and whoever waits for them.
    static let eventsAtOnce = 1024

    /// Why a wait ended.
    package enum Outcome: Sendable, Equatable {
        case events
        case deadline
        case stopped
    }

    /// The directories that are watched now, with those above them.
    package internal(set) var directories: [String: Means] = [:]
    /// The directories that are there and cannot be watched, or not with all that is in them.
    package internal(set) var unwatched: [String: FileWatchError] = [:]
    /// Why fanotify cannot be used at all, so that nobody says who makes a change.
    package private(set) var refusal: FileWatchError?
    /// Changes of what is in none of the directories any more.
    private var unplaced: UInt64 = 0
    /// When the latest look at the queues began, in nanoseconds of CLOCK_MONOTONIC: the time of its events.
    package private(set) var drainedAt = Clock.monotonicNanoseconds()
    /// Nothing was left in them.
    package private(set) var isExhausted = false

    package convenience init(_ paths: [WatchedPath], root: String = "/", stop: StopSignal) throws(FileWatchError) {
        try self.init(paths, root: root, stop: stop, means: Set(Means.allCases))
    }

    init(_ paths: [WatchedPath], root: String, stop: StopSignal, means: Set<Means>) throws(FileWatchError) {
        self.paths = paths
        self.stop = stop
        self.means = means
        do { self.root = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY) } catch { throw .system(error) }
        if means.contains(.names) { named = try? FanotifyGroup(.names) }
        if means.contains(.descriptors) {
            do throws(FileWatchError) { plain = try FanotifyGroup(.descriptors) } catch { refusal = error }
        }
        if plain == nil, named == nil { inotify = try InotifyQueue() }
        refresh()
    }

    /// How many times changes were lost, by the reason.
    package var losses: [FileLoss: UInt64] {
        let groups = [named, plain].compactMap { $0 }
        var losses: [FileLoss: UInt64] = [.unplaced: unplaced]
        losses[.fullQueue] = groups.reduce(inotify?.overflows ?? 0) { $0 + $1.overflows }
        losses[.malformed] = groups.reduce(0) { $0 + $1.malformed }
        losses[.unopened] = groups.reduce(0) { $0 + $1.failures }
        return losses.filter { $0.value > 0 }
    }

    /// Waits for changes, at most until the deadline, and puts them into `events`, in the place of what was in it.
    package func wait(until deadline: Deadline, into events: inout [FileEvent]) -> Outcome {
        events.removeAll(keepingCapacity: true)
        while true {
            let queues = [named?.queue.number, plain?.queue.number, inotify?.queue.number]
            // Descriptor -1 is left out by poll(2).
            var entries = ([stop.descriptor] + queues.map { $0 ?? -1 }).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let limit = min(deadline.remainingMilliseconds, nextRefresh.remainingMilliseconds)
            _ = Readiness.wait(for: &entries, milliseconds: limit)
            if stop.isStopped { return .stopped }
            drain(into: &events)
            // What is queued is of the directories as they were.
            if nextRefresh.isPast { refresh() }
            if !events.isEmpty { return .events }
            if deadline.isPast { return .deadline }
        }
    }

    private func drain(into events: inout [FileEvent]) {
        var found: [FileEvent] = []
        var gone: [Mark] = []
        let time = Clock.monotonicNanoseconds()
        drainedAt = time
        func add(_ place: WatchedDirectories.Place, _ name: [UInt8], _ mask: UInt64, _ tid: Int32) {
            let isDirectory = mask & UInt64(LINUX_FAN_ONDIR) != 0
            let mayBeNew = mask & UInt64(LINUX_FAN_CREATE | LINUX_FAN_MOVED_TO) != 0
            if mask & Self.directoryMask != 0, mask & FanotifyGroup.stepMask & ~UInt64(LINUX_FAN_ONDIR) != 0 {
                nextRefresh = Deadline(secondsFromNow: 0)
            }
            guard let path = place.path(of: name, leadsOn: { isDirectory || mayBeNew && isLink($0) }) else { return }
            let change = FileChange(fanotify: mask)
            if !change.isEmpty {
                found.append(FileEvent(time: time, tid: tid > 0 ? tid : nil, path: path, change: change))
            }
        }
        func take(_ mark: Mark, _ name: [UInt8], _ mask: UInt64, _ tid: Int32) -> Bool {
            if mask & UInt64(LINUX_FAN_DELETE_SELF) != 0 { gone.append(mark) }
            guard let place = places[mark] ?? moved[mark] else { return false }
            add(place, name, mask, tid)
            return true
        }
        let isNamedExhausted = named?.drain { record in
            guard case .entry(let id, let name) = record.file else { return }
            if !take(.id(id), name, record.mask, record.tid) { unplaced += 1 }
        }
        let isPlainExhausted = plain?.drain { record in
            guard case .descriptor(let number) = record.file else { return }
            let file = Descriptor(adopting: number)
            guard let (path, name) = place(of: file), let interest = interests[path] else { return unplaced += 1 }
            add(WatchedDirectories.Place(path: path, interest: interest), name, record.mask, record.tid)
        }
        let isUnnamedExhausted = inotify?.drain { watch, mask, name in
            // The kernel's own words on a watch that has ended are of none.
            if !take(.watch(watch), name, mask, 0), mask & UInt64(IN_IGNORED) == 0 { unplaced += 1 }
        }
        isExhausted = ![isNamedExhausted, isPlainExhausted, isUnnamedExhausted].contains(false)
        // Only now: the kernel joins events, so that some from before the end may follow it.
        for mark in gone { (places[mark], moved[mark]) = (nil, nil) }
        events += found
    }

    private func isLink(_ path: String) -> Bool { (try? root.status(below: path))?.kind == .link }

    private static let directoryMask = UInt64(LINUX_FAN_ONDIR | LINUX_FAN_DELETE_SELF | LINUX_FAN_MOVE_SELF)
}

extension FileChange {
    /// What the bits of an event say.
    init(fanotify mask: UInt64) {
        let bits: [(mask: UInt64, change: FileChange)] = [
            (UInt64(LINUX_FAN_CREATE), .created), (UInt64(LINUX_FAN_MODIFY), .modified),
            (UInt64(LINUX_FAN_CLOSE_WRITE), .closed), (UInt64(LINUX_FAN_MOVED_TO), .movedHere),
            (UInt64(LINUX_FAN_MOVED_FROM), .movedAway), (UInt64(LINUX_FAN_ATTRIB), .attributes),
            (UInt64(LINUX_FAN_DELETE), .deleted),
        ]
        self = FileChange(bits.filter { mask & $0.mask != 0 }.map(\.change))
    }
}
