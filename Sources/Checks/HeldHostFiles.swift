import NodeModel

/// Tasks that are in their container's mount namespace and hold a piece of the node's file tree all the same.
///
/// A comparison of namespaces sees none of them. A file tells by the mount through which it is held, which is the node's
/// own, by its device and inode where it came through another, and by where it lies on the node where no table shows the
/// mount, as of one that was detached. Reads every process, and every thread and open file
/// of tasks with rights that reach the node's files; silent while the runtime still starts a task.
extension Check {
    /// The root directory is in the node's tree: chroot into `/proc/1/root`, or into a mount of the node's `/`.
    static let rootInHostTree = held(
        Technique(
            id: "root-in-host-tree", title: "Has the node's file tree as its root", class: .action, weight: .action,
            attack: ["T1611"], messageID: "2046e65be9e04a36aefb2907c890c453",
            reason: "the root directory of a task of the container is the node's",
            meaning: """
                The process sees the node's files as its own, as after chroot into a mounted `/` or into /proc/1/root, and \
                the programs that it runs are the node's. Its namespaces still look like the container's.
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        guard let root = files.root else { return [] }
        if let mount = index.hostMount(of: root, task) {
            return [Holding("", "root directory", through: mount)]
        }
        if index.hostDirectory(root) == "/" { return [Holding("", "root directory", is: "/")] }
        return index.strayReach(of: root, container: container).map { [Holding("", "root directory", within: $0)] }
            ?? []
    }

    /// The working directory was reached through the node's own mounts: left open by a runtime (CVE-2024-21626), or taken
    /// from a process of the node.
    static let workingDirectoryInHostTree = held(
        Technique(
            id: "working-directory-in-host-tree", title: "Works in a directory of the node", class: .action,
            weight: .action, attack: ["T1611"], messageID: "7ff2ca61e3ad439d8ad2a8cb9da5a342",
            reason: "the working directory of a task of the container lies in the node's own mounts",
            meaning: """
                From there every relative path leads to the node's files. A runtime that leaks a directory into a container \
                makes this (CVE-2024-21626), and so does a process with rights over one of the node's.
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        let what = "working directory"
        guard let directory = files.workingDirectory, !index.hasHostRoot(files, task, container) else { return [] }
        if let mount = index.hostMount(of: directory, task) { return [Holding("", what, through: mount)] }
        return index.strayReach(of: directory, container: container).map { [Holding("", what, within: $0)] } ?? []
    }

    /// The program is one of the node's own, run from its mounts or through a mount of its tree.
    ///
    /// Silent on one that the container was given as that file alone, as a GPU's driver is: that mount is the exposure.
    static let runsHostProgram = held(
        Technique(
            id: "runs-host-program", title: "Runs a program of the node", class: .action, weight: .action,
            attack: ["T1611", "T1059"], messageID: "c4d6059a8cd141e8b6be4d84652d7bdd",
            reason: "the program of a process of the container is a file of the node",
            meaning: """
                The container runs what is installed on the node, from a mounted /usr or from the node's own mounts: the step \
                after a host path was mounted, or the work of an agent that manages the node.
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        guard let program = files.program, !index.hasHostRoot(files, task, container) else { return [] }
        if let mount = index.hostMount(of: program, task) { return [Holding("", "program", through: mount)] }
        if let path = index.strayReach(of: program, container: container) {
            return [Holding("", "program", is: path)]
        }
        guard let mount = index.ownMount(of: program, task),
            let shown = index.hostPath(of: mount, container: container)
        else { return [] }
        let rest = files.programPath.flatMap { mount.rest(of: $0) }
        if rest == "", index.isProgramOfRecord(mount, PathParts(shown), container) { return [] }
        let path = rest.map { (shown == "/" ? "" : shown) + $0 } ?? shown
        return shown == "/" || isProgram(path) ? [Holding("", "program", is: path)] : []
    }

    /// A descriptor leads into the node's tree: kept from a process of the node, opened by handle, or a detached tree.
    static let holdsHostFile = held(
        Technique(
            id: "holds-host-file", title: "Holds a file of the node open", class: .action, weight: .action,
            attack: ["T1611"], messageID: "0e4401f4d9dd45cda164c4d92d44038e",
            reason: "a task of the container holds a file or directory open that no mount of it shows",
            meaning: """
                Through an open directory every file below it can be reached, whatever namespace the process is in: taken \
                from /proc/1/root, opened by its handle (open_by_handle_at), or a copy of a mount (open_tree).
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        files.open.compactMap { open in
            guard [.directory, .regular].contains(open.file.kind) else { return nil }
            let what = "descriptor \(open.number)"
            if let mount = index.hostMount(of: open.file, task) {
                // A directory leads on by `..`, out of whatever is mounted there.
                let isHandedOn = open.file.kind == .regular && isKernelOwn(mount)
                return isHandedOn ? nil : Holding(open.path, what, through: mount)
            }
            guard let path = index.hostDirectory(open.file) else {
                guard let reach = index.strayReach(of: open.file, container: container),
                    index.ownMount(of: open.file, task) == nil || index.mayOpenByHandle(task, container)
                else { return nil }
                return open.file.kind == .directory
                    ? Holding(open.path, what, within: reach) : Holding(open.path, what, is: reach)
            }
            // Opened through a mount that shows it: that is what the mount is for.
            let shown = index.ownMount(of: open.file, task).map { index.hostPlaces(of: $0, container: container) } ?? []
            if shown.contains(where: { PathParts($0).contains(PathParts(path)) }) { return nil }
            return Holding(open.path, what, is: path)
        }
    }

    /// A device of a disk that the node's own files are on is open: the disk, a loop device over it, or what takes its
    /// commands.
    static let holdsHostDisk = held(
        Technique(
            id: "holds-host-disk", title: "Holds the node's disk open", class: .action, weight: .action,
            attack: ["T1611", "T1006"], messageID: "22424fce0af940a4baf64d847a2f830a",
            reason: "a task of the container holds a device of a disk open that a file system of the node is on",
            meaning: """
                Through the raw device every file of the node can be read and written, past all rights and mounts.
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        files.open.compactMap { open in
            let what = "descriptor \(open.number)"
            guard let device = open.file.node else { return nil }
            switch open.file.kind {
            case .blockDevice where index.node.host.disks?.contains(device) == true:
                return Holding("\(device)", what, is: "block device \(device)")
            case .characterDevice where index.node.host.diskControls?.contains(device) == true:
                return Holding("c \(device)", what, is: "character device \(device)")
            default: return nil
            }
        }
    }

    /// One that the node itself runs: agents have programs of their own in other directories of the node.
    private static func isProgram(_ path: String) -> Bool {
        ["/usr", "/opt/cni", "/etc/eks"].contains { PathParts($0).contains(PathParts(path)) }
    }

    /// Runtimes hand on files of these: terminals, devices, namespaces.
    private static func isKernelOwn(_ mount: Mount) -> Bool {
        ["devtmpfs", "devpts", "nsfs"].contains(mount.fileSystemType)
    }
}

extension NodeIndex {
    /// Told by itself: then everything else the task holds is the node's, too.
    fileprivate func hasHostRoot(_ files: TaskFiles, _ task: NodeTask, _ container: Int) -> Bool {
        guard let root = files.root else { return false }
        return hostMount(of: root, task) != nil || hostDirectory(root) == "/"
            || strayReach(of: root, container: container) != nil
    }
}
