import Glibc
import LinuxSystem
import NodeModel

/// Which directories have to be watched for a table of paths, and what counts in each, as the node is now.
///
/// The directories above each one are among them: there it comes, goes and is replaced.
struct WatchedDirectories: Sendable {
    struct Interest: Sendable, Equatable {
        /// Every entry counts.
        var isWhole = false
        /// Entries that count.
        var names: Set<String> = []
        /// Entries that lead to other watched directories.
        var steps: Set<String> = []
        /// Every directory in it leads to others.
        var leadsEverywhere = false

        /// No file in it counts, only what leads on.
        var isStep: Bool { !isWhole && names.isEmpty }

        func tells(_ name: String, leadsOn: () -> Bool) -> Bool {
            isWhole || names.contains(name) || steps.contains(name) || leadsEverywhere && leadsOn()
        }
    }

    /// A directory and what counts in it.
    struct Place: Sendable {
        var path: String
        var interest: Interest

        /// The path of an entry that counts; `nil` for others.
        ///
        /// - Parameter leadsOn: whether it is a directory, or a link that may lead to one.
        func path(of name: [UInt8], leadsOn: (String) -> Bool) -> String? {
            if name.isEmpty || name == [UInt8(ascii: ".")] { return interest.isWhole ? path : nil }
            let text = String(escaping: name)
            let whole = path == "/" ? "/\(text)" : "\(path)/\(text)"
            return interest.tells(text) { leadsOn(whole) } ? whole : nil
        }
    }

    /// By their paths, `/` and no slash at the end of others.
    private(set) var interests: [String: Interest] = [:]
    /// Directories with more entries than are looked at.
    private(set) var cut: Set<String> = []

    /// How many entries of a directory are looked at where each may be a directory.
    private static let listLimit = 2000

    /// - Parameter root: the node's root directory.
    init(_ paths: [WatchedPath], root: borrowing Descriptor) {
        for path in paths { add(path, path.components[...], at: "", root) }
    }

    private mutating func add(
        _ path: WatchedPath, _ components: ArraySlice<Substring>, at place: String, _ root: borrowing Descriptor
    ) {
        let key = place.isEmpty ? "/" : place
        guard let component = components.first else { return addLast(path, at: place, root) }
        let rest = components.dropFirst()
        guard component == "*" else {
            interests[key, default: Interest()].steps.insert(String(component))
            return add(path, rest, at: "\(place)/\(component)", root)
        }
        interests[key, default: Interest()].leadsEverywhere = true
        for name in directories(in: place, root) { add(path, rest, at: "\(place)/\(name)", root) }
    }

    private mutating func addLast(_ path: WatchedPath, at place: String, _ root: borrowing Descriptor) {
        let key = place.isEmpty ? "/" : place
        if path.names.isEmpty {
            interests[key, default: Interest()].isWhole = true
        } else {
            interests[key, default: Interest()].names.formUnion(path.names)
        }
        guard path.isDeep else { return }
        for name in directories(in: place, root) { interests["\(place)/\(name)", default: Interest()].isWhole = true }
    }

    /// The directories in one that is there.
    ///
    /// A link is none, and neither is a name that is no UTF-8.
    private mutating func directories(in place: String, _ root: borrowing Descriptor) -> [String] {
        guard let directory = try? root.openDirectory(below: place),
            let (names, isCut) = try? directory.entryNames(limit: Self.listLimit)
        else { return [] }
        if isCut { cut.insert(place) }
        return names.compactMap { String(validating: $0, as: UTF8.self) }.filter { name in
            (try? directory.status(of: name))?.kind == .directory
        }
    }
}
