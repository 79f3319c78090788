package import LinuxSystem
package import NodeModel

/// What there is at a path of the node.
package enum FoundFile: Sendable, Equatable {
    /// Itself, and not what a link names; its content is not read.
    case file(PlacedFile)
    case gone
    /// It could not be looked at, or not without following a link.
    case unknown

    package init(at path: String, below root: borrowing Descriptor) {
        do throws(SystemError) {
            self = .file(PlacedFile(path, try root.status(below: path)))
        } catch {
            self = error.isGone ? .gone : .unknown
        }
    }

    init(_ file: PlacedFile?) { self = file.map(FoundFile.file) ?? .gone }

    /// It is known that nothing was done since.
    func isUntouched(since earlier: FoundFile) -> Bool {
        switch (self, earlier) {
        case (.file(let now), .file(let earlier)): now.isUntouched(since: earlier)
        case (.gone, .gone): true
        default: false
        }
    }

    /// It is known that nothing was done since a time, in nanoseconds since 1970-01-01 UTC.
    func isOlder(than time: Int64) -> Bool {
        switch self {
        case .file(let file): file.changed < time
        case .gone: true
        case .unknown: false
        }
    }
}
