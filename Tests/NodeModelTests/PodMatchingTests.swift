import Foundation
import TestSupport
import Testing

@testable import NodeModel

/// A container of a case and whose it is by the API.
private struct MatchAnswer: Decodable {
    var input: String
    var pod: String?
    var podUID: String?
    var containerID: String?
    var container: String?
    var kind: String?
    var privileged: Bool?
    var running: Bool?
    var state: String?
    var terminating: Bool?
    var privilegedRunning: [String]?
    var privilegedFinished: [String]?
}

private struct PodList: Decodable { var items: [Pod] }

@Suite struct PodMatchingTests {
    /// A node with containers that only their cgroups tell of.
    private static func node(_ containers: [(id: String, uid: String?)], _ pods: [Pod]) -> Node {
        Node(
            containers: containers.map { Container(id: $0.id, kind: .container, pod: PodIdentity(uid: $0.uid)) },
            apiPods: APIPods(pods: pods, asOf: 0))
    }

    private static func pod(_ json: String) throws -> Pod {
        try JSONDecoder().decode(Pod.self, from: Data(json.utf8))
    }

    @Test(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
    func replacedAndLingering() throws {
        let shared = SharedCase("11-pod-replaced-lingering")
        let pods = try shared.decode("pods.json", as: PodList.self).items
        for answer in try shared.answers(as: MatchAnswer.self) {
            let node = Self.node([(try #require(answer.containerID), answer.podUID)], pods)
            let match = PodMatching(node).matches[0]
            let found = match.pod.map { node.apiPods?.pods[$0] } ?? nil
            #expect(found?.displayName == answer.pod, "\(answer.input)")
            switch match {
            case .container(_, let container):
                #expect(answer.state == "matched" && (answer.container ?? container.name) == container.name)
                #expect((found?.metadata.deletionTimestamp != nil) == (answer.terminating ?? false))
            case .unknownContainer: #expect(answer.state == "unknown-container-of-known-pod")
            case .podGone: #expect(answer.state == "pod-gone")
            default: Issue.record("\(answer.input) is \(match)")
            }
        }
    }

    @Test(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
    func ephemeralAndSidecar() throws {
        let shared = SharedCase("10-ephemeral-and-sidecar")
        let pod = try shared.decode("pod.json", as: Pod.self)
        let answers = try shared.answers(as: MatchAnswer.self)
        for answer in answers where answer.container != nil {
            let node = Self.node([(answer.input, pod.metadata.uid)], [pod])
            guard case .container(0, let found) = PodMatching(node).matches[0] else {
                Issue.record("\(answer.input) is \(PodMatching(node).matches[0])")
                continue
            }
            #expect(found.name == answer.container && found.kind.rawValue == answer.kind)
            #expect(found.isRunning == answer.running)
            #expect((found.specification?.securityContext?.privileged ?? false) == answer.privileged)
        }
        let privileged = pod.containerInstances.map(\.container).filter {
            $0.specification?.securityContext?.privileged == true
        }
        let summary = try #require(answers.last)
        #expect(privileged.filter(\.isRunning).map(\.name) == summary.privilegedRunning)
        #expect(privileged.filter { !$0.isRunning }.map(\.name) == summary.privilegedFinished)
    }

    @Test func staticPods() throws {
        let mirror = try Self.pod(
            """
            {"metadata":{"name":"etcd","namespace":"kube-system","uid":"u-1","annotations":{
              "kubernetes.io/config.hash":"hash","kubernetes.io/config.mirror":"hash","other":"gone"}},"spec":{},
             "status":{"containerStatuses":[{"name":"etcd","containerID":"containerd://c1"}]}}
            """)
        #expect(mirror.metadata.annotations?["other"] == nil)
        let node = Self.node([("c1", "hash"), ("s1", "hash"), ("x1", "other")], [mirror])
        guard case .container(0, _) = PodMatching(node).matches[0] else {
            Issue.record("a static pod's container is \(PodMatching(node).matches[0])")
            return
        }
        #expect(PodMatching(node).matches.dropFirst() == [.unknownContainer(pod: 0), .podGone])
    }

    /// A pod that claims another's uid by an annotation gets nothing of it.
    @Test func annotationOfAnotherPodsUID() throws {
        let thief = try Self.pod(
            #"{"metadata":{"name":"a","uid":"u-1","annotations":{"kubernetes.io/config.mirror":"u-2"}},"spec":{}}"#)
        let victim = try Self.pod(#"{"metadata":{"name":"b","uid":"u-2"},"spec":{}}"#)
        let node = Self.node([("c", "u-2")], [thief, victim])
        #expect(PodMatching(node).matches == [.unknownContainer(pod: 1)])
    }

    /// A record that puts an id of one pod into another pod is not believed.
    @Test func recordThatNamesAnotherPod() throws {
        let owner = try Self.pod(
            #"{"metadata":{"name":"a","uid":"u-1"},"spec":{},"status":{"containerStatuses":[{"name":"x","containerID":"containerd://c1"}]}}"#
        )
        let other = try Self.pod(#"{"metadata":{"name":"b","uid":"u-2"},"spec":{}}"#)
        #expect(PodMatching(Self.node([("c1", "u-2")], [owner, other])).matches == [.unknownContainer(pod: 0)])
    }

    /// No status names a sandbox: a pod has one, and another of the same uid is nobody's.
    @Test func secondSandbox() throws {
        let pod = try Self.pod(#"{"metadata":{"name":"a","uid":"u"},"spec":{}}"#)
        var node = Self.node([("s1", "u"), ("s2", "u"), ("s3", "gone")], [pod])
        for index in node.containers.indices { node.containers[index].kind = .sandbox }
        #expect(
            PodMatching(node, secondSandboxes: [1, 2]).matches == [
                .sandbox(pod: 0), .unknownContainer(pod: 0), .podGone,
            ])
    }

    @Test func missingInstances() throws {
        let pod = try Self.pod(
            """
            {"metadata":{"name":"a","namespace":"n","uid":"u"},"spec":{},"status":{"containerStatuses":[
              {"name":"x","containerID":"containerd://c1","state":{"running":{}}},
              {"name":"y","containerID":"containerd://c2","state":{"terminated":{}}},
              {"name":"z","containerID":"","state":{"waiting":{}}}]}}
            """)
        #expect(PodMatching(Self.node([], [pod])).missing == ["n/a x"])
        #expect(PodMatching(Self.node([("c1", "u")], [pod])).missing.isEmpty)
    }

    @Test func noAnswer() {
        var node = Self.node([("c", "u")], [])
        node.apiPods = APIPods(failure: "no route to host")
        #expect(PodMatching(node).matches == [.unknown])
        node.apiPods = nil
        #expect(PodMatching(node).matches == [.unknown])
    }

    /// While the API is away, what it said last counts.
    @Test func noAnswerAnyMore() throws {
        let pod = try Self.pod(
            #"{"metadata":{"uid":"u"},"spec":{},"status":{"containerStatuses":[{"name":"x","containerID":"containerd://c"}]}}"#
        )
        var node = Self.node([("c", "u"), ("later", "u"), ("of a later pod", "v")], [pod])
        let answered = PodMatching(node).matches
        node.apiPods?.failure = "no route to host"
        #expect(PodMatching(node).matches == answered)
        #expect(answered.map(\.pod) == [0, 0, nil] && answered.map(\.isUnlisted) == [false, true, true])
    }

    @Test func youth() {
        for (now, isYoung) in [(5100 + 5999, true), (5100 + 6000, false), (4000, true)] as [(UInt64, Bool)] {
            let index = NodeIndex(Node.quiet.changing { $0.host.ticksSinceBoot = now })
            #expect(index.isYoung(0) == isYoung, "\(now)")
        }
        #expect(NodeIndex(.quiet).isYoung(0) == nil)
    }

    /// What started after the API's last word is not known to it, however long ago that is.
    @Test func youthByTheAPI() {
        for (silence, isYoung) in [(0, false), (3999, false), (4001, true), (1 << 50, true), (-5000, false)]
            as [(Int64, Bool)]
        {
            let index = NodeIndex(
                Node.quiet.changing {
                    $0.host.ticksSinceBoot = 5100 + 10_000
                    $0.apiPods = APIPods(asOf: $0.takenAt - silence * 10)
                })
            #expect(index.isYoungToAPI(0) == isYoung, "\(silence)")
            #expect(index.isYoung(0) == false)
        }
    }
}
