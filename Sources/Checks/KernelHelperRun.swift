import NodeModel

extension Check {
    /// The kernel ran a program by itself that is none of those which nodes have it run; told by events alone.
    ///
    /// It is a container's where one of its tasks had the kernel do so, as by crashing. Where a thread of the kernel did
    /// it, as for an empty cgroup, nobody is known.
    static let kernelHelperRun = Check(
        Technique(
            id: "kernel-helper-run", title: "Had the kernel run a program", class: .action, weight: .action,
            attack: ["T1611", "T1546"], messageID: "fbfb9884432a4359af59fc92e133f35d",
            reason: "the kernel ran a program that is none of its usual helpers",
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
            guard case .called(.helper(let path)) = deed, isUnusualHelper(path) else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: path,
                detail: "the kernel ran \(path), on account of \(index.name(task))", values: ["program": .text(path)])
        }
    ) { _ in [] }

    /// A path that is none; the kernel runs nothing where a setting is empty.
    static func isUnusualHelper(_ path: String) -> Bool {
        path.utf8.first == UInt8(ascii: "/") && !KernelHelper.isUsual(path, among: usualHelpers)
    }

    /// What the kernel is built to run beside the programs that its settings name (security/keys/request_key.c,
    /// net/bridge/br_stp_if.c), and what those usually are.
    private static let usualHelpers = ["/sbin/request-key", "/sbin/bridge-stp"] + KernelHelper.all.flatMap(\.usual)
}
