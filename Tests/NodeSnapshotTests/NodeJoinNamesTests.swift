import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct NodeJoinNamesTests {
    private static let forged = PodIdentity(namespace: "kube-system", name: "aws-node-abcde", uid: QuietIDs.podUID)

    private static func api(_ uid: String?, mirrorOf manifest: String? = nil) -> APIPods {
        var pod = Pod()
        (pod.metadata.namespace, pod.metadata.name, pod.metadata.uid) = ("shop", "web-0", uid)
        pod.metadata.annotations = manifest.map { ["kubernetes.io/config.mirror": $0] }
        return APIPods(pods: [pod], asOf: 0)
    }

    static let answers: [(name: String, api: APIPods?, isNamedByIt: Bool)] = [
        ("not asked", nil, false), ("no answer", APIPods(failure: "x"), false),
        ("of another uid", api("x"), false), ("without a uid", api(nil), false),
        ("of its uid", api(QuietIDs.podUID), true),
        ("of its uid, before an outage", APIPods(pods: api(QuietIDs.podUID).pods, failure: "x"), true),
        ("a static pod", api("x", mirrorOf: QuietIDs.podUID), true),
    ]

    /// Whoever makes a container may give it any pod's name, and cannot change what the API calls the pod of its uid.
    @Test(arguments: answers) func namesByTheAPI(name: String, api: APIPods?, isNamedByIt: Bool) {
        var node = Node.unjoined.changing { node in
            for index in node.containers.indices { node.containers[index].pod = Self.forged }
            node.apiPods = api
        }
        NodeJoin.join(&node)
        #expect(node.containers.map(\.pod) == Array(repeating: isNamedByIt ? QuietIDs.pod : Self.forged, count: 2))
    }

    /// A container by hand in a pod's cgroup is none of the pod's.
    @Test func containersByHand() {
        var node = Node.unjoined.changing { node in
            (node.containers[0].kind, node.containers[0].pod) = (.plain, nil)
            node.apiPods = Self.api(QuietIDs.podUID)
        }
        NodeJoin.join(&node)
        #expect(node.containers[0].pod == PodIdentity(uid: QuietIDs.podUID))
    }
}
