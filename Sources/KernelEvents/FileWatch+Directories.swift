import CLinux
import LinuxSystem
import NodeModel

extension FileWatch {
    /// Seconds between looks for directories that came or were replaced unnoticed, as by a mount.
    private static let period = 60.0

    /// Looks for the directories, and watches those that are there.
    func refresh() {
        nextRefresh = Deadline(secondsFromNow: Self.period)
        let wanted = WatchedDirectories(paths, root: root)
        interests = wanted.interests
        let before = places
        (places, plainPaths, directories) = ([:], [], [:])
        unwatched = Dictionary(wanted.cut.map { ($0, .tooManyEntries) }, uniquingKeysWith: { first, _ in first })
        for (path, interest) in interests.sorted(by: { $0.key < $1.key }) {
            do {
                let directory = try root.openDirectory(below: path)
                directories[path] = try watch(directory, path, interest)
            } catch let error as SystemError where error.isGone {
                continue
            } catch let error as SystemError {
                unwatched[path] = .system(error)
            } catch let error as FileWatchError {
                unwatched[path] = error
            } catch {
                continue
            }
        }
        keepMoved(of: before)
    }

    /// How many directories that were moved away are remembered; what is done in further ones is counted.
    private static let movedLimit = 1000

    /// Whoever moves a directory away, writes in it and moves it back has written to the files that it had and has.
    private func keepMoved(of before: [Mark: WatchedDirectories.Place]) {
        moved = moved.filter { places[$0.key] == nil }
        for (mark, place) in before where places[mark] == nil && moved.count < Self.movedLimit { moved[mark] = place }
    }

    /// Watches a directory by the best means that there is for it.
    private func watch(
        _ directory: borrowing Descriptor, _ path: String, _ interest: WatchedDirectories.Interest
    ) throws(FileWatchError) -> Means {
        if let named, let id = try? DirectoryID(directory),
            (try? named.mark(directory, isStep: interest.isStep)) != nil
        {
            places[.id(id)] = WatchedDirectories.Place(path: path, interest: interest)
            return .names
        }
        var mask = FanotifyGroup.stepMask | UInt64(LINUX_FAN_ATTRIB)
        var best = Means.unnamed
        if !interest.isStep, let plain, (try? plain.mark(directory, isStep: false)) != nil {
            plainPaths.append(path)
            best = .descriptors
        } else if !interest.isStep {
            mask |= UInt64(LINUX_FAN_MODIFY | LINUX_FAN_CLOSE_WRITE)
        }
        let queue: InotifyQueue
        if let inotify { queue = inotify } else { queue = try InotifyQueue() }
        inotify = queue
        let number = try queue.watch(directory, mask: mask)
        places[.watch(number)] = WatchedDirectories.Place(path: path, interest: interest)
        return best
    }
}
