import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Processes that are not where they were made: whose they are.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct OriginTests {
        /// Joins the namespaces that are given to nsenter, stays, and prints its number.
        private static func start(_ node: ContainerdNode, in pod: BenchPod, _ namespaces: [String] = []) throws -> Int32
        {
            let words = namespaces.isEmpty ? "" : "nsenter \(namespaces.joined(separator: " ")) -- "
            let script = "\(words)sleep 2d </dev/null >/dev/null 2>&1 & echo $!"
            let output = try Bench.succeed(
                [Bench.script("pod"), "-s", node.socket, "exec", pod.container, "--", "sh", "-c", script])
            return try #require(Int32(output.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }

        private static func join(_ pid: Int32, groupsOf other: Int32) throws {
            try Bench.succeed(["bash", "-c", IntruderTests.joinGroups, "\(other)", "\(pid)"])
        }

        /// A process of a pod with the node's PID namespace goes to another's cgroups, and into its namespaces.
        @Test(arguments: [[], ["-n", "-i", "-u"], ["-n", "-i", "-u", "-m"]])
        func intoAnotherPod(namespaces: [String]) throws {
            try ContainerdNode.with { node in
                let victim = try node.pod("victim", ExposureTests.quiet)
                let pod = try node.pod("mover", ["--privileged", "--host-pid"])
                let target = namespaces.isEmpty ? [] : ["-t", "\(try #require(victim.pid))"]
                let pid = try Self.start(node, in: pod, target + namespaces)
                defer { kill(pid, SIGKILL) }
                try Self.join(pid, groupsOf: try #require(victim.pid))
                let expected =
                    namespaces.isEmpty ? ["left-pod-cgroup"] : ["entered-foreign-namespace", "left-pod-cgroup"]
                let report = try node.scan { Set($0.techniques(of: pod)).isSuperset(of: expected) }
                #expect(report.techniques(of: victim) == [])
                let actions = report.findings(of: pod).filter { $0.class == "action" }
                #expect(Set(actions.map(\.technique)) == Set(expected))
                #expect(actions.allSatisfy { $0.task?.pid == pid && $0.container?.id == pod.container })
            }
        }

        /// In a pod whose containers share its processes, one's moves to the other's cgroup, or to their sandbox's.
        @Test(arguments: [true, false]) func withinAPod(isToSibling: Bool) throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("pair", ExposureTests.quiet + ["--share-pid"])
                let side = try node.pod(
                    "pair", ["--sandbox", pod.pod, "--container", "side"] + ExposureTests.quiet)
                try node.pod("exec", pod.container, "--", "sh", "-c", "sleep 2d </dev/null >/dev/null 2>&1 &")
                // Pause is the parent of what the command left, and the shim of pause.
                let children = "/proc/\(pod.pausePid)/task/\(pod.pausePid)/children"
                let text = try String(contentsOfFile: children, encoding: .utf8)
                let pid = try #require(Int32(text.split(separator: " ").first ?? ""))
                try Self.join(pid, groupsOf: isToSibling ? try #require(side.pid) : pod.pausePid)
                let actions = try node.scan().report.findings(of: pod).filter { $0.class == "action" }
                #expect(actions.map(\.technique) == ["left-pod-cgroup"])
                #expect(actions.map(\.task?.pid) == [pid] && actions.map(\.container?.id) == [pod.container])
            }
        }

        /// It leaves its cgroup for that of a service, and its pod is removed.
        @Test func outlivesItsPod() throws {
            try ContainerdNode.with { node in
                let uid = UUID().uuidString.lowercased()
                let hosts = "\(node.root)/var/lib/kubelet/pods/\(uid)/etc-hosts"
                try FileManager.default.createDirectory(
                    atPath: String(hosts.dropLast("/etc-hosts".count)), withIntermediateDirectories: true)
                try Data().write(to: URL(fileURLWithPath: hosts))
                let pod = try node.pod(
                    "gone", ["--privileged", "--host-pid", "--uid", uid, "--mount", "\(hosts):/etc/hosts"])
                let pid = try Self.start(node, in: pod)
                defer { kill(pid, SIGKILL) }
                try Self.join(pid, groupsOf: getpid())
                #expect(try node.scan().report.techniques(of: pod).contains("left-pod-cgroup"))
                try node.pod("remove", pod.pod)
                let scan = try node.scan()
                let found = scan.report.findings
                #expect(found.map(\.technique) == ["left-pod-cgroup"] && found.map(\.severity) == ["critical"])
                #expect(found.map(\.task?.pid) == [pid] && found.map(\.pod?.uid) == [uid])
                #expect(found.first?.evidence["sandboxID"] == .text(pod.pod) && scan.status == 1)
            }
        }
    }
}
