import NodeModel

extension Check {
    /// The kernel ran a program by itself that is none of those which nodes have it run, or ran one of those as somebody's
    /// setting has it; told by events alone.
    ///
    /// It is a container's where one of its tasks had the kernel do so, as by crashing. Where a thread of the kernel did
    /// it, as for an empty cgroup, nobody is known.
    static let kernelHelperRun = Check(
        Technique(
            id: "kernel-helper-run", title: "Had the kernel run a program", class: .action, weight: .action,
            attack: ["T1611", "T1546"], messageID: "fbfb9884432a4359af59fc92e133f35d",
            reason: "the kernel ran a program that is none of its usual helpers, or one of them otherwise than usual",
            meaning: """
                Settings such as kernel.core_pattern, kernel.modprobe and a cgroup's release_agent name programs that the \
                kernel runs as root on the node, outside of every container. Who may write them runs what it likes, and \
                the program has no ancestor in the pod.
                """,
            remedy: """
                Look at the program and at the setting that names it, and put the setting right. Unless a tool of the \
                node made it so, treat the node as taken and replace it.
                """),
        reads: [],
        act: { task, deed, container, index in
            guard case .called(.helper(let path, let arguments)) = deed, isUnusualHelper(path, arguments) else {
                return nil
            }
            let how = KernelHelper.isUsual(path, among: usualHelpers) ? " otherwise than it does by itself" : ""
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: path,
                detail: "the kernel ran \(path)\(how), on account of \(index.name(task))",
                values: ["program": .text(path)])
        }
    ) { _ in [] }

    /// - Parameters:
    ///   - path: one from the root, whether or not it begins with `/`; empty where a setting is, and nothing runs.
    ///   - arguments: the beginnings of what it is called by and of the first three arguments, four bytes of each.
    static func isUnusualHelper(_ path: String, _ arguments: [String]) -> Bool {
        guard !path.isEmpty, !isInKernel(path, arguments) else { return false }
        return !KernelHelper.isUsual(path, among: usualHelpers) || !isCalledAsUsual(path, arguments.dropFirst())
    }

    /// A program that is in the kernel itself stands there as `none`, with another name or without one (kernel/umh.c and
    /// net/bpfilter of Linux 4.18 to 5.8); a setting's program is called by its path.
    private static func isInKernel(_ path: String, _ arguments: [String]) -> Bool {
        path == "none" && ["", "bpfi"].contains(arguments.first)
    }

    /// What the kernel is built to run beside the programs that its settings name (security/keys/request_key.c,
    /// net/bridge/br_stp_if.c, kernel/reboot.c, Lustre's obdclass/obd_config.c), and what those usually are.
    private static let usualHelpers =
        ["/sbin/request-key", "/sbin/bridge-stp", "/sbin/reboot", "/usr/sbin/lctl"]
        // The others are words for no program.
        + KernelHelper.all.flatMap(\.usual).filter { $0.hasPrefix("/") }

    /// Whether a usual program, of those that would do anything by their arguments, is called as the kernel does
    /// (kernel/kmod.c, security/keys/request_key.c): core_pattern calls any program with any arguments.
    private static func isCalledAsUsual(_ path: String, _ arguments: ArraySlice<String>) -> Bool {
        switch PathParts(path).parts.last {
        case "modprobe":
            // What looks like a file's path is loaded from there (modprobe(8)).
            arguments.prefix(2) == ["-q", "--"]
                && arguments.dropFirst(2).allSatisfy { !$0.begins(with: "/") && !$0.begins(with: ".") }
        case "request-key": arguments.first == "crea"
        case "lctl": arguments.first == "set_"
        // They take another configuration by an option.
        case "drbdadm", "nfsdcltrack": arguments.first?.begins(with: "-") == false
        default: true
        }
    }
}

extension String {
    /// By bytes, as programs compare: a mark that combines with the first character changes nothing.
    fileprivate func begins(with character: Unicode.Scalar) -> Bool { unicodeScalars.first == character }
}
