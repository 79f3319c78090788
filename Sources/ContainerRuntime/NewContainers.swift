import Glibc
import LinuxSystem
package import NodeModel

/// Finds the containers that a runtime has made and not started yet, by the records that it writes of them.
///
/// The shim writes `init.pid` at the end of `runc create`; the container's own program runs after `runc start` only
/// (containerd, cmd/containerd-shim-runc-v2). A container may have ended long before a scan has come to its records.
package struct NewContainers {
    /// Records without a first process that are looked at again: far more than are made at one time.
    static let limit = 256
    /// Seconds until such a record is left to the scans.
    static let patience = 5.0

    private struct Place: Hashable {
        var directory, namespace, id: String
    }

    private let root: String
    private var known: Set<Place> = []
    private var awaited: [Place: Deadline] = [:]
    /// Where the records are that were listed last, a directory for each of the runtime's namespaces.
    package private(set) var directories: [String] = []

    /// What is there by now is for the scans.
    package init(root: String = "/") {
        self.root = root
        known = places()
    }

    /// There are records that have no first process yet.
    package var isAwaiting: Bool { !awaited.isEmpty }

    /// Looks for records that were not there the last time.
    package mutating func list() {
        let places = places()
        for place in places.subtracting(known) where awaited.count < Self.limit {
            awaited[place] = Deadline(secondsFromNow: Self.patience)
        }
        awaited = awaited.filter { places.contains($0.key) && !$0.value.isPast }
        known = places
    }

    /// The awaited containers that have their first process now, each once.
    package mutating func take() -> [Container] {
        var found: [Container] = []
        for (place, deadline) in awaited {
            guard let container = container(at: place) else {
                if deadline.isPast { awaited[place] = nil }
                continue
            }
            awaited[place] = nil
            found.append(container)
        }
        return found
    }

    private mutating func places() -> Set<Place> {
        var places: Set<Place> = []
        directories = []
        for directory in ContainerdTasks.directories {
            for namespace in names(in: directory, limit: ContainerdTasks.namespaceLimit) {
                directories.append("/\(directory)/\(namespace)")
                for id in names(in: "\(directory)/\(namespace)", limit: ContainerdTasks.containerLimit) {
                    places.insert(Place(directory: directory, namespace: namespace, id: id))
                }
            }
        }
        return places
    }

    /// What cannot be listed or named is a gap of each scan.
    private func names(in path: String, limit: Int) -> [String] {
        guard let directory = open(path), let (names, _) = try? directory.entryNames(limit: limit) else { return [] }
        return names.compactMap { String(validating: $0, as: UTF8.self) }.filter { !ContainerdTasks.isHidden($0) }
    }

    private func open(_ path: String) -> Descriptor? {
        let top = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        return try? top?.openDirectory(below: path)
    }

    private func container(at place: Place) -> Container? {
        guard let parent = open("\(place.directory)/\(place.namespace)") else { return nil }
        return ContainerdTasks.started(place.id, place.namespace, parent)
    }
}
