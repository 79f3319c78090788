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
