import ContainerRuntime
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct RecordReadingTests {
    private static let own = String(repeating: "a1", count: 32)
    private static let sandbox = String(repeating: "b2", count: 32)

    private func containers(_ directory: TemporaryDirectory) -> [Container] {
        RecordReading.containers(
            SnapshotOptions(root: directory.path), hasPorts: false, until: Deadline(secondsFromNow: 60)
        ).containers
    }

    /// Where sandboxes' records say that their logs are, and the log trees then.
    private static let logDirectories: [(directories: [String?], trees: [String])] = [
        ([], ["/var/log/pods"]), ([nil], ["/var/log/pods"]),
        (["/var/log/pods/a_b_c", "/var/log/pods/d_e_f"], ["/var/log/pods"]),
        (["/data/pods/a_b_c"], ["/var/log/pods", "/data/pods"]),
        (["//data//pods//a_b_c/", nil], ["/var/log/pods", "/data/pods"]),
        // Most of them are the kubelet's.
        (["/data/pods/a_b_c", "/etc/d_e_f", "/data/pods/g_h_i"], ["/var/log/pods", "/data/pods"]),
        (["/var/log/pods/a_b_c", "/etc/d_e_f", "/var/log/pods/g_h_i"], ["/var/log/pods"]),
        (["/b/a_b_c", "/a/d_e_f"], ["/var/log/pods", "/a"]),
        (["/a_b_c"], ["/var/log/pods"]), ([""], ["/var/log/pods"]),
    ]

    @Test(arguments: logDirectories) func logTrees(directories: [String?], trees: [String]) {
        var sandboxes = directories.enumerated().map { number, directory in
            var sandbox = Container(id: "\(number)", kind: .sandbox)
            sandbox.logDirectory = directory
            return sandbox
        }
        #expect(RecordReading.logTrees(sandboxes) == trees)
        for index in sandboxes.indices { sandboxes[index].kind = .container }
        #expect(RecordReading.logTrees(sandboxes) == ["/var/log/pods"])
    }

    /// A pod on a node without docker has made docker's directory, and records in it by which it is another pod.
    @Test func recordsOfADockerThatIsNotThere() throws {
        try TemporaryDirectory.with { directory in
            let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(Self.own)"
            try directory.file(
                "\(bundle)/config.json",
                #"{"annotations": {"io.kubernetes.cri.container-type": "container", "#
                    + #""io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.sandbox-id": "\#(Self.sandbox)", "#
                    + #""io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-name": "web-0", "#
                    + #""io.kubernetes.cri.sandbox-uid": "u"}}"#)
            let before = containers(directory)
            #expect(before.map(\.pod) == [PodIdentity(namespace: "shop", name: "web-0", uid: "u")])
            for (id, type) in [(Self.own, "container"), (Self.sandbox, "podsandbox")] {
                let record = "var/lib/docker/containers/\(id)"
                try directory.file(
                    "\(record)/config.v2.json",
                    #"{"ID": "\#(id)", "State": {"Running": true, "Pid": 1}, "Config": {"Labels": {"#
                        + #""io.kubernetes.docker.type": "\#(type)", "io.kubernetes.pod.namespace": "kube-system", "#
                        + #""io.kubernetes.pod.name": "aws-node-abcde", "io.kubernetes.pod.uid": "u"}}}"#)
                try directory.file("\(record)/hostconfig.json", "{}")
            }
            #expect(containers(directory) == before)
        }
    }
}
