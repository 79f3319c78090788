import NodeModel

/// The files by which somebody is root on the node or in its containers: few, so that their content can be compared time and
/// again, though nothing seems to have been done to them.
enum EssentialFiles {
    private static let directories = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]

    /// What makes containers.
    static let programs = named([
        "runc", "crun", "containerd", "containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2",
        "dockerd",
        "kubelet",
    ])

    /// Those, and what says who is root.
    static let all = programs.union(named(["su", "sudo"])).union(["/etc/passwd"])

    /// Of which a change is looked at however many others there are: those, and what says whether a change is an update.
    static let examined = all.union([RPMPackages.path])

    private static func named(_ names: [String]) -> Set<String> {
        Set(directories.flatMap { directory in names.map { "\(directory)/\($0)" } })
    }
}
