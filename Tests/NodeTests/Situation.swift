/// One row of the table of techniques: a way out of a container, or what looks like one, made for real on a node.
struct Situation: Sendable {
    /// As the catalogue of techniques has it, with what of it is made where that is not all; unique.
    var name: String
    /// The row whose pod this one shares; `nil` where it has a pod of its own.
    var place: String?
    /// The pod's name, where it matters.
    var podName: String?
    /// Of the pod (packaging/bench/pod).
    var options: [String] = quiet
    var act: Act = .none
    /// What a scan says of the pod because of this, with the rows that share the pod no more and no less.
    var findings: [String]
    /// The finding that tells the technique; `nil` where there is nothing to tell.
    var sign: String?
    /// What the daemon tells at once, where it is not the same: what was done rather than what it left.
    var deed: String?
    /// A part of the sign's words that tells it from others of the pod.
    var detail: String?
    /// Why a scan cannot see it; the daemon does, by its sign.
    var isOver: String?
    /// Why nobody sees more of it than what the pod may do.
    var unseen: String?
    /// Why it is not made on a kind of node.
    var absence: @Sendable (NodeKind) -> String? = { _ in nil }

    /// What is done beyond making the pod.
    ///
    /// Scripts are of the shell, and have the processes of `Surroundings` in variables.
    enum Act: Sendable {
        case none
        /// The container's first process is this script.
        case first(String)
        /// The container's first process is `ActProgram` with these words.
        case program([String])
        /// A script in the running container, which prints the id of the process that it is about, if any.
        case later(String)
        /// A script on the node, by root; `$1` is the container's first process and `$2` the container. It prints the id of
        /// the process that it is about, if that is another one.
        case onNode(String)
        /// A script on the node that makes a container of which no kubelet knows, and prints its id and its process.
        case container(String)
    }

    /// A pod of which nothing is to be said.
    static let quiet = ["--seccomp", "default", "--no-new-privileges"]
    /// A pod that may do what it likes to the node.
    static let agent = ["--privileged", "--host-pid"]
    /// `ActProgram`, for a pod that does what no shell can.
    static let program = ["--mount", "/run/act:/act:ro"]
    static let agentShown = ["host-pid-namespace", "privileged"]

    /// In the order of the catalogue of techniques.
    static let all: [Situation] =
        exposures + entering + reaching + disks + processes + runtime + nodeFiles + kernelHelpers

    private static let exposures: [Situation] = [
        Situation(name: "base", findings: []),
        Situation(name: "privileged-only", options: agent, findings: agentShown, sign: "privileged"),
        // As another user than root it reaches no shim (abstract-shim-socket).
        Situation(
            name: "host-ns-only", options: quiet + ["--user", "1000", "--host-pid", "--host-network", "--host-ipc"],
            findings: ["host-ipc-namespace", "host-network-namespace", "host-pid-namespace"],
            sign: "host-pid-namespace"),
    ]

    /// A command that stays behind when the script is through, which prints its id.
    static func left(_ command: String) -> Act { .later("(\(command)) </dev/null >/dev/null 2>&1 & echo $!") }

    static func needsOwnKernel(_ kind: NodeKind) -> String? {
        kind.isGuest ? nil : "it changes the kernel, which is this machine's"
    }

    static func needsProbes(_ kind: NodeKind) -> String? {
        kind.isGuest ? nil : "only probes of the kernel's functions tell, which this machine's kernel need not have"
    }
}
