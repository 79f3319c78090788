import BenchSupport
import Foundation

/// A situation on a node.
struct Made {
    var situation: Situation
    /// `nil` where it has a container that belongs to no pod of the kubelet's.
    var pod: BenchPod?
    var container: String
    /// The process that it is about, where that is known.
    var pid: Int32?

    /// What a scan says of its pod, with the rows that share it; of a container of its own, what is not of the options that
    /// a client of the runtime gives it.
    func findings(in report: ScanReport) -> [ScanReport.Finding] {
        pod.map { report.findings(of: $0) }
            ?? report.findings.filter { $0.container?.id == container && $0.class != "exposure" }
    }

    /// The finding that tells it.
    func sign(in report: ScanReport) -> ScanReport.Finding? {
        guard situation.isOver == nil else { return nil }
        return findings(in: report).first { finding in
            finding.technique == situation.sign && situation.isNamed(in: finding.detail)
                && (finding.container.map { $0.id == container } ?? true)
                && (pid == nil || finding.task?.pid == pid)
        }
    }

    /// Whether the daemon has told it; `entries` are those of its journal.
    func isTold(in entries: [[String: String]]) -> Bool {
        entries.contains { entry in
            entry["BREAKOUTD_TECHNIQUE"] == situation.deed ?? situation.sign && isOfThis(entry)
                && (pid == nil || !isAct(entry) || entry["BREAKOUTD_PID"] == pid.map(String.init))
                && situation.isNamed(in: entry["MESSAGE"] ?? "")
        }
    }

    /// Whether an entry tells what the process itself did; what it may do is told of any of the container's.
    private func isAct(_ entry: [String: String]) -> Bool {
        entry["BREAKOUTD_CLASS"] == "action" && situation.deed == nil
    }

    /// Whether an entry is of its pod, or of its container.
    func isOfThis(_ entry: [String: String]) -> Bool {
        pod.map { entry["BREAKOUTD_POD_UID"] == $0.uid } ?? (entry["BREAKOUTD_CONTAINER_ID"] == container)
    }
}

/// The processes that what is done in pods is done to, by the names of shell variables.
struct Surroundings {
    private(set) var variables: [String]

    /// - Parameter victim: a pod of which nothing is to be said.
    init(_ victim: BenchPod, on node: SystemdNode) throws {
        let script = """
            echo VICTIM_SHIM=$(($(ps -o ppid= -p $0)))
            for unit in SERVICE PREY; do echo $unit=$(systemctl show -p MainPID --value $unit); done
            echo SECOND=$(ls /proc/$(systemctl show -p MainPID --value PAIR)/task | tail -n 1)
            """
        let lines = try node.run("sh", "-ec", script, "\(victim.pausePid)").text.split(separator: "\n")
        variables = ["VICTIM=\(victim.pid ?? 0)", "VICTIM_PAUSE=\(victim.pausePid)"] + lines.map(String.init)
    }
}

extension SystemdNode {
    /// Makes what the situations are made with: the program, files and directories as a node has them, and services.
    func prepare(_ kind: NodeKind) throws {
        let program = try CompiledProgram(ActProgram.source)
        try succeed("sh", "-c", "cat >/run/act; chmod 755 /run/act", input: try program.contents)
        try succeed(
            "sh", "-ec",
            """
            cd /etc
            mkdir -p cron.d cron.hourly kubernetes/manifests sudoers.d profile.d udev/rules.d request-key.d \
                containerd/certs.d/x eks/image-credential-provider
            mkdir -p /root/.ssh /opt/cni/bin /var/lib/kubelet/plugins_registry /var/lib/kubelet/device-plugins
            echo key >/var/lib/kubelet/kubeconfig
            echo x >/dev/shm/of-the-node
            mkdir -p \(Situation.subPath)
            mount --bind /home \(Situation.subPath)
            systemd-run -q --unit=SERVICE /run/act make-memory
            systemd-run -q --unit=SHARER /run/act map /dev/shm/of-the-node
            systemd-run -q --unit=PREY /bin/sleep 1d
            systemd-run -q --unit=PAIR /run/act be-two
            until grep -qs second /proc/$(systemctl show -p MainPID --value PAIR)/task/*/comm; do :; done
            """)
        if kind.isGuest { try succeed("sh", "-ec", Self.mountDisk) }
    }

    /// A second disk, for data of the node.
    private static let mountDisk = """
        modprobe nvme
        until [ -b /dev/nvme0n1 ]; do :; done
        mkdir /data
        mount /dev/nvme0n1 /data
        """

    /// Makes situations: first all pods, then what is done on the node, then what is done in the pods.
    func make(_ situations: [Situation]) throws -> [Made] {
        let owners = situations.filter(\.hasPod)
        let pods = try pods(owners.map(\.words))
        let variables = try Surroundings(pods[0], on: self).variables
        let podOf = Dictionary(uniqueKeysWithValues: zip(owners.map(\.name), pods))
        var made = situations.map { situation in
            let pod = podOf[situation.place ?? situation.name]
            return Made(situation: situation, pod: pod, container: pod?.container ?? "", pid: pod?.pid)
        }
        try actOnNode(&made, variables)
        var scripts: [(position: Int, container: String, script: String)] = []
        for (position, one) in made.enumerated() {
            guard case .later(let script) = one.situation.act else { continue }
            scripts.append((position, one.container, (variables + [script]).joined(separator: "\n")))
        }
        let output = try execute(scripts.map { ($0.container, $0.script) })
        for (script, text) in zip(scripts, output) {
            let owner = owners.first {
                $0.name == made[script.position].situation.place ?? made[script.position].situation.name
            }
            // In a PID namespace of its own the number is another one.
            made[script.position].pid = owner?.options.contains("--host-pid") == true ? Int32(text) : nil
        }
        return made
    }

    /// Does what is done on the node.
    private func actOnNode(_ made: inout [Made], _ variables: [String]) throws {
        let acts = made.enumerated().compactMap { position, one -> (position: Int, script: String)? in
            switch one.situation.act {
            case .onNode(let script): (position, "set -- \(one.pid ?? 0) \(one.container)\n\(script)")
            case .container(let script): (position, script)
            case .none, .first, .program, .later: nil
            }
        }
        for (act, output) in zip(acts, try execute(acts.map(\.script), variables)) {
            let words = output.split(whereSeparator: \.isWhitespace)
            if case .container = made[act.position].situation.act {
                made[act.position].container = words.first.map(String.init) ?? ""
                made[act.position].pid = words.last.flatMap { Int32($0) }
            } else {
                made[act.position].pid = Int32(output) ?? made[act.position].pid
            }
        }
    }
}

extension Situation {
    var hasPod: Bool { if case .container = act { false } else { place == nil } }

    /// Whether a text is about this one of several in its pod.
    fileprivate func isNamed(in text: String) -> Bool { detail.map { text.contains($0) } ?? true }

    /// What `pod run` is asked for.
    fileprivate var words: [String] {
        let words = [podName ?? name] + options
        switch act {
        case .first(let script): return words + ["--", "sh", "-c", script]
        case .program(let program): return words + ["--", "/act"] + program
        case .none, .later, .onNode, .container: return words
        }
    }
}
