import BenchSupport
import Foundation
import TestSupport
import Testing

/// `pods` on a node that is made of files, with the API's word on its one pod.
@Suite(
    .enabled(
        if: StandInAPIServer.isAvailable && FileManager.default.isExecutableFile(atPath: Bench.binary),
        "needs python3, openssl and a built breakoutd"))
struct PodListTests {
    private static let id = String(repeating: "a1", count: 32)
    private static let uid = "0d15f723-5663-47c5-acb1-bf3fc445e613"

    /// PID 1 alone, and the record of a container that has every namespace of its own.
    private static func makeNode(_ directory: TemporaryDirectory) throws {
        try directory.file("proc/1/stat", "1 (init) S 0 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n")
        try directory.file("proc/1/status", "Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\t3\n")
        try directory.file("proc/1/cgroup", "0::/\n")
        try directory.file("proc/1/uid_map", "0 0 4294967295\n")
        try directory.file("proc/1/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n")
        for kind in ["mnt", "pid", "pid_for_children", "net", "ipc", "uts", "user", "cgroup", "time"] {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(kind)")
            try directory.link("proc/1/ns/\(kind)", to: own)
        }
        let annotations = [
            "container-type": "container", "container-name": "main", "sandbox-id": "s", "sandbox-namespace": "default",
            "sandbox-name": "web", "sandbox-uid": uid,
        ].map { "\"io.kubernetes.cri.\($0)\": \"\($1)\"" }
        let kinds = ["pid", "ipc", "uts", "mount", "network", "cgroup"].map { #"{"type": "\#($0)"}"# }
        try directory.file(
            "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)/config.json",
            """
            {"annotations": {\(annotations.joined(separator: ", "))},
             "linux": {"namespaces": [\(kinds.joined(separator: ", "))], "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"]}}
            """)
    }

    /// The API is asked again only where a pod is not as it was declared.
    @Test(
        arguments: [("", 1, 0), (#""securityContext": {"allowPrivilegeEscalation": false}"#, 2, 1)]
            as [(String, Int, Int32)])
    func looks(container: String, looks: Int, status: Int32) throws {
        try TemporaryDirectory.with { directory in
            try StandInAPIServer.with { server in
                try Self.makeNode(directory)
                let more = container.isEmpty ? "" : ", " + container
                try server.control(
                    """
                    {"op": "apply", "pods": [{"metadata": {"namespace": "default", "name": "web", "uid": "\(Self.uid)"},
                      "spec": {"nodeName": "\(StandInAPIServer.nodeName)",
                               "containers": [{"name": "main", "image": "busybox"\(more)}]},
                      "status": {"containerStatuses": [{"name": "main", "containerID": "containerd://\(Self.id)"}]}}]}
                    """)
                let output = try Bench.run([
                    Bench.binary, "pods", "--proc", "\(directory.path)/proc", "--root", directory.path,
                    "--kubeconfig", server.kubeconfig("certificate"), "--node-name", StandInAPIServer.nodeName,
                ])
                #expect(output.status == status, "\(output.text)\(output.errors)")
                let requests = try server.control(#"{"op": "requests"}"#)["requests"] as? [[String: Any]] ?? []
                #expect(requests.count { $0["verb"] as? String == "list" } == looks)
            }
        }
    }
}
