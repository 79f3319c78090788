import LinuxSystem
import NodeModel

/// What systemd before 228, as that of Amazon Linux 2, writes of every session, pod and container into the directory of this
/// start's units: a stub, and a drop-in for each property (src/core/unit.c, unit_make_transient and drop_in_file).
///
/// Of those units slices and scopes have no command (systemd.slice(5), systemd.scope(5)); a service has, and stays told.
struct TransientUnits {
    private static let directory: [Substring] = ["run", "systemd", "system"]
    /// Where later versions write them, which is not watched.
    private static let ownDirectory = "/run/systemd/transient"
    private static let types = [".slice", ".scope"]

    private let areAmongOthers: Bool

    init(below node: borrowing Descriptor) {
        areAmongOthers = (try? node.openDirectory(below: Self.ownDirectory)) == nil
    }

    /// The file is part of one, and tells nothing.
    func contain(_ file: PlacedFile) -> Bool {
        let parts = file.path.pathComponents()
        guard areAmongOthers, file.kind == .regular, file.uid == 0, parts.starts(with: Self.directory) else {
            return false
        }
        switch parts.count - Self.directory.count {
        case 1: return Self.types.contains { parts[3].hasSuffix($0) }
        case 2:
            return Self.types.contains { parts[3].hasSuffix($0 + ".d") }
                && parts[4].hasPrefix("50-") && parts[4].hasSuffix(".conf")
        default: return false
        }
    }
}
